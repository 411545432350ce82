/**
 * Reason codes of a score (domain C3.6, E3): loss = best points − points got;
 * at most four, none below 5 points, at most one per correlated group.
 */
import type { Reason } from "@riskwall/schemas";
import type { Characteristic, RuleSet } from "./rule-set.ts";
import type { Scored, ScoredPoint } from "./scorecard.ts";
import {
  capTexts,
  numberText,
  percentText,
  positiveText,
  reasonText,
  riseText,
} from "./texts.ts";

const reasonsMax = 4;
const positivesMax = 2;
const ratioCodes = new Set(["PB1", "PB4", "EX1", "CP2", "CT1"]);

/** The number behind a characteristic, as people read it. */
export function valueText(point: ScoredPoint): string {
  if (point.value === null) return "–";
  return ratioCodes.has(point.code)
    ? percentText(point.value)
    : numberText(point.value);
}

interface Ranked {
  readonly item: Characteristic;
  readonly point: ScoredPoint;
  readonly loss: number;
}

/** The largest losses, one per correlated group. */
function pick(ranked: readonly Ranked[]): Ranked[] {
  const groups = new Set<string>();
  const out: Ranked[] = [];
  for (const entry of ranked.toSorted((a, b) => b.loss - a.loss)) {
    if (out.length === reasonsMax) break;
    if (groups.has(entry.item.group)) continue;
    groups.add(entry.item.group);
    out.push(entry);
  }
  return out;
}

function toReason({ item, point, loss }: Ranked): Reason {
  const number = valueText(point);
  const text = reasonText(item.code, number);
  return {
    code: item.reason,
    textZh: text.zh,
    textEn: text.en,
    number,
    points: -loss,
  };
}

/** Known characteristics that lost enough to be named. */
function rank(
  scored: Scored,
  rules: RuleSet,
  lossOf: (item: Characteristic, point: ScoredPoint, i: number) => number,
): Ranked[] {
  const out: Ranked[] = [];
  rules.score.characteristics.forEach((item, i) => {
    const point = scored.points[i];
    // What is not known is no reason.
    if (!point || point.value === null) return;
    const loss = lossOf(item, point, i);
    if (loss >= rules.score.reasonMinPoints) out.push({ item, point, loss });
  });
  return out;
}

function capReason(name: string, effect: number): Reason[] {
  const text = capTexts[name];
  if (!text) return [];
  return [
    {
      code: "R19",
      textZh: `触发政策上限:${text.zh}`,
      textEn: `Capped by policy: ${text.en}`,
      number: String(effect),
      points: effect,
    },
  ];
}

function capLifted(name: string, effect: number): Reason[] {
  const text = capTexts[name];
  if (!text) return [];
  return [
    {
      code: "P19",
      textZh: `政策上限解除:${text.zh}`,
      textEn: `Policy cap lifted: ${text.en}`,
      number: String(-effect),
      points: -effect,
    },
  ];
}

/** Why the score is not higher; a cap that binds comes first. */
export function standingReasons(scored: Scored, rules: RuleSet): Reason[] {
  const ranked = rank(
    scored,
    rules,
    (item, point) => Math.max(...item.points) - point.points,
  );
  return [
    ...capReason(scored.cap, scored.capEffect),
    ...pick(ranked).map(toReason),
  ].slice(0, reasonsMax);
}

/** What a score change is measured against. */
export interface ScoredBefore {
  readonly points: readonly number[];
  readonly cap: string;
  readonly capEffect: number;
}

/** Why the score fell: by the fall in points between two records (C3.6). */
export function fallReasons(
  scored: Scored,
  before: ScoredBefore,
  rules: RuleSet,
): Reason[] {
  const ranked = rank(
    scored,
    rules,
    (_, point, i) => (before.points[i] ?? point.points) - point.points,
  );
  const deeper = scored.capEffect < before.capEffect;
  return [
    ...(deeper ? capReason(scored.cap, scored.capEffect) : []),
    ...pick(ranked).map(toReason),
  ].slice(0, reasonsMax);
}

/** Why the score rose: by the rise in points between two records. */
export function riseReasons(
  scored: Scored,
  before: ScoredBefore,
  rules: RuleSet,
): Reason[] {
  const ranked = rank(
    scored,
    rules,
    (_, point, i) => point.points - (before.points[i] ?? point.points),
  );
  const gained = pick(ranked).map(({ item, point, loss: gain }) => {
    const number = valueText(point);
    const text = riseText(item.code, number);
    return {
      code: `P${item.reason.slice(1)}`,
      textZh: text.zh,
      textEn: text.en,
      number,
      points: gain,
    };
  });
  const lifted = before.cap !== "" && scored.cap === "";
  return [
    ...(lifted ? capLifted(before.cap, before.capEffect) : []),
    ...gained,
  ].slice(0, reasonsMax);
}

/** At most two positive factors (P01-P09), best first. */
export function positiveReasons(scored: Scored, rules: RuleSet): Reason[] {
  return scored.points
    .map((point, i) => ({ point, i }))
    .filter(({ point }) => point.points > 0)
    .sort((a, b) => b.point.points - a.point.points)
    .flatMap(({ point, i }) => {
      const text = positiveText(point.code);
      const item = rules.score.characteristics[i];
      if (!text || !item) return [];
      const number = valueText(point);
      return [
        {
          code: `P${item.reason.slice(1)}`,
          textZh: text.zh,
          textEn: text.en,
          number,
          points: point.points,
        },
      ];
    })
    .slice(0, positivesMax);
}
