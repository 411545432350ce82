/**
 * Rescoring a customer: score, class with hysteresis (domain C4), the record
 * of the change. Class falls at once and rises only after the score stayed
 * above the cut-off plus a margin for some days.
 */
import type { Reason, RiskClass, ScoreChange } from "@riskwall/schemas";
import { dayMs, dayText, minuteMs } from "./calendar.ts";
import { floorOf, type ClassFloor } from "./class-floor.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { computeFeatures, type Features } from "./features.ts";
import { classOf } from "./order-rules.ts";
import {
  fallReasons,
  riseReasons,
  standingReasons,
  valueText,
  type ScoredBefore,
} from "./reasons.ts";
import { scoreLogMax } from "./rings.ts";
import type { RuleSet } from "./rule-set.ts";
import { pdText, scoreFeatures, type Scored } from "./scorecard.ts";
import type { ScoreMove } from "./state-rules.ts";

const order: readonly RiskClass[] = ["A", "B", "C", "D", "E"];

/** Class of a score by the cut-offs alone. */
export function classByCut(score: number, rules: RuleSet): RiskClass {
  const { cut } = rules.classes;
  if (score >= cut.A) return "A";
  if (score >= cut.B) return "B";
  if (score >= cut.C) return "C";
  return score >= cut.D ? "D" : "E";
}

/**
 * Class after hysteresis; moves `climbing`. Each better class has a time of
 * its own: a score that was a week above B and an hour above A makes a B.
 */
function nextClass(
  customer: Customer,
  score: number,
  moment: Moment,
): RiskClass {
  const { state } = customer;
  const { rules } = moment.env;
  const present = classOf(customer);
  const byCut = classByCut(score, rules);
  if (state.score === 0 || order.indexOf(byCut) >= order.indexOf(present)) {
    state.climbing = [];
    return byCut;
  }
  const safe = order.indexOf(classByCut(score - rules.classes.upMargin, rules));
  const climbing = order.slice(0, order.indexOf(present)).map((_, i) => {
    const since = state.climbing[i] ?? 0;
    return safe > i ? 0 : since === 0 ? moment.now : since;
  });
  const waitMs = rules.classes.upDays * dayMs;
  const reached = climbing.findIndex(
    (since) => since > 0 && moment.now - since >= waitMs,
  );
  const next = order[reached] ?? present;
  const left = next === present ? climbing : climbing.slice(0, reached);
  state.climbing = left.some((since) => since > 0) ? left : [];
  return next;
}

/** Highest score in force within the window, the present one included. */
function highestIn(customer: Customer, moment: Moment): number {
  const from = moment.now - moment.env.rules.rules.scr01.days * dayMs;
  let highest = 0;
  customer.scoreLog.forEach((mark, i) => {
    const until = customer.scoreLog[i + 1]?.minute ?? Infinity;
    if (until * minuteMs >= from) highest = Math.max(highest, mark.score);
  });
  return highest;
}

function logScore(customer: Customer, score: number, moment: Moment): void {
  const minute = Math.floor(moment.now / minuteMs);
  customer.scoreLog.push({ minute, score });
  const oldest = minute - 30 * 1440;
  while (
    customer.scoreLog.length > scoreLogMax ||
    (customer.scoreLog.length > 1 &&
      (customer.scoreLog[1]?.minute ?? minute) < oldest)
  ) {
    customer.scoreLog.shift();
  }
}

export interface Rescored {
  readonly features: Features;
  readonly scored: Scored;
  /** Null when neither score nor class moved. */
  readonly move: ScoreMove | null;
}

/** Scores the customer as it stands, and emits a record when it moved. */
export function rescore(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  emitter: Emitter,
): Rescored {
  const { state } = customer;
  const { env } = moment;
  const features = computeFeatures(customer, exposure, moment);
  const scored = scoreFeatures(customer, features, exposure, env);
  const before = state.score;
  const classBefore = classOf(customer);
  const known: ScoredBefore = {
    points: state.points,
    cap: state.cap,
    capEffect: state.capEffect,
  };
  const highest = Math.max(before, highestIn(customer, moment));
  const earned = nextClass(customer, scored.score, moment);
  const floor = floorOf(env.rules, state, exposure, moment.today);
  const held = floor !== null && floor.class < earned ? floor : null;
  const riskClass = held?.class ?? earned;
  state.capEffect = scored.capEffect;
  state.cap = scored.cap;
  state.points = scored.points.map((point) => point.points);
  state.rulesetVersion = env.rules.version;
  if (before === scored.score && classBefore === riskClass) {
    return { features, scored, move: null };
  }
  if (classBefore !== riskClass) {
    state.classBefore = before === 0 ? "" : classBefore;
    state.classAt = moment.now;
  }
  state.score = scored.score;
  state.class = riskClass;
  if (before !== scored.score) logScore(customer, scored.score, moment);
  const reasons =
    before === 0 || scored.score === before
      ? standingReasons(scored, env.rules)
      : scored.score < before
        ? fallReasons(scored, known, env.rules)
        : riseReasons(scored, known, env.rules);
  emitter.score(
    toRecord(
      customer,
      scored,
      before,
      before === 0 ? null : classBefore,
      known.points,
      reasons,
      exposure,
      held,
      moment,
    ),
  );
  if (before === 0) return { features, scored, move: null };
  const points = scored.points
    .map((point, i) => ({ point, fall: point.points - (known.points[i] ?? 0) }))
    .filter(({ fall }) => fall !== 0)
    .map(
      ({ point, fall }) =>
        `${point.code} ${fall > 0 ? "+" : ""}${String(fall)}`,
    );
  const move = {
    before,
    after: scored.score,
    highest,
    classBefore,
    reasons,
    points,
  };
  return { features, scored, move };
}

function toRecord(
  customer: Customer,
  scored: Scored,
  before: number,
  classBefore: string | null,
  pointsBefore: readonly number[],
  reasons: Reason[],
  exposure: Exposure,
  held: ClassFloor | null,
  moment: Moment,
): Omit<ScoreChange, "partition" | "offset" | "n" | "id"> {
  const { state } = customer;
  const { rules } = moment.env;
  const first = reasons[0];
  const from = before === 0 ? null : before;
  const arrow = from === null ? "" : `${String(from)} → `;
  const why = (text: string | undefined, mark: string): string =>
    text === undefined ? "" : `${mark}${text}`;
  const until = held === null ? "" : dayText(held.to);
  const heldZh =
    held === null ? "" : `;等级不低于 ${held.class},至 ${until}:${held.reason}`;
  const heldEn =
    held === null
      ? ""
      : `; class no worse than ${held.class} until ${until}: ${held.reason}`;
  return {
    customerId: state.id,
    name: state.name,
    segment: state.segment,
    at: moment.now,
    appendedAt: moment.appendedAt,
    from,
    score: scored.score,
    classBefore,
    class: state.class,
    base: rules.score.base,
    points: scored.points.map((point, i) => ({
      code: point.code,
      value: valueText(point),
      bin: point.bin,
      points: point.points,
      before: pointsBefore[i] ?? point.points,
    })),
    capEffect: scored.capEffect,
    cap: scored.cap === "" ? null : scored.cap,
    pd: pdText(scored.pd),
    reasons,
    cause: [...moment.cause],
    corrected: moment.corrected,
    muted: moment.muted,
    rulesetVersion: rules.version,
    exposure: exposure.total,
    overdue: exposure.overdue,
    limit: exposure.limit,
    currency: rules.currency,
    textZh: `评分 ${arrow}${String(scored.score)}${why(first?.textZh, ":")}${heldZh}`,
    textEn: `Score ${arrow}${String(scored.score)}${why(first?.textEn, ": ")}${heldEn}`,
  };
}
