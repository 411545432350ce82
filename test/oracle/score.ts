/** Points, caps and score (domain E1, E2) from features, by the rule set. */
import type { Applied } from "./chronicle.ts";
import type { Features, FeatureValue } from "./features.ts";
import { saidOf } from "./papers.ts";
import type { Characteristic, ClassName, Rules } from "./rules.ts";

const yearDays = 365.25;
const ratingFreshDays = 180;
const settledMin = 3;

export interface Score {
  readonly points: readonly number[];
  readonly capEffect: number;
  readonly cap: string;
  readonly score: number;
  /** Probability of default (C3.5), before the clamp. */
  readonly pd: number;
}

function numberOf(value: FeatureValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** Value of every characteristic; null = missing. */
function characteristicValues(
  features: Features,
  contractsMin: number,
): Readonly<Record<string, number | null>> {
  const get = (name: string): number | null => numberOf(features[name]);
  const count = (name: string): number => get(name) ?? 0;
  const broken = count("ptpBrokenCnt");
  const isFresh = count("extAge") <= ratingFreshDays;
  return {
    PB1: count("settledN180d") < settledMin ? null : get("lateRatio180d"),
    PB2: get("dbtLateEwma"),
    PB3: get("dpdMax"),
    PB4: get("odRatio") ?? 0,
    PB5: get("dbtTrend"),
    PB6: broken > 0 ? broken : count("ptpKeptCnt") > 0 ? -1 : 0,
    PB7: get("retPayCnt"),
    EX1: get("expUtil"),
    EX2: get("expGrowth"),
    OR1: get("alertSev30d"),
    RE1: count("tenureDays") / yearDays,
    RE2: get("activeMonths"),
    CP1:
      count("cmpSevLiquidity90d") +
      count("cmpSevRefusal90d") +
      count("cmpSevFault90d") / 4,
    CP2: get("dspRejectRate"),
    XT1: isFresh ? get("extRatingNorm") : null,
    CT1: count("ctrN") < contractsMin ? null : get("ctrPerfRate"),
    IN1: get("indRisk"),
  };
}

function pointsOf(item: Characteristic, value: number | null): number {
  if (value === null) return item.missing;
  const hit = item.edges.findIndex((edge) =>
    item.compare === "le" ? value <= edge : value >= edge,
  );
  return item.points[hit < 0 ? item.edges.length : hit] ?? 0;
}

/** Kind of the manual hold in force; null without one. */
export function manualHold(events: readonly Applied[]): string | null {
  let kind: string | null = null;
  for (const { value } of saidOf(events, "OperatorAction")) {
    if (value.target !== "customer") continue;
    if (value.action === "hold") kind = value.kind ?? "manual";
    if (value.action === "unhold") kind = null;
  }
  return kind;
}

export function scoreOf(
  features: Features,
  hold: string | null,
  materiality: bigint,
  rules: Rules,
): Score {
  const card = rules.score;
  const values = characteristicValues(features, rules.rules.ctr01.min);
  const points = card.characteristics.map((item) =>
    pointsOf(item, values[item.code] ?? null),
  );
  const indexOf = (code: string): number =>
    card.characteristics.findIndex((item) => item.code === code);
  const [worst, share] = [indexOf("PB3"), indexOf("PB4")];
  const floor = card.overdueFloor - (points[worst] ?? 0);
  // One old invoice moves both: their sum is bounded (E2).
  points[share] = Math.max(points[share] ?? 0, floor);
  const sum = points.reduce((total, item) => total + item, card.base);
  const caps: (readonly [string, number])[] = [];
  if (hold === "fraud") caps.push(["fraud-hold", card.caps.fraud]);
  if (Number(features["regGraveCnt"]) > 0) {
    caps.push(["insolvency", card.caps.insolvency]);
  }
  if (Number(features["dpdMax"]) > 90) {
    caps.push(["overdue-90", card.caps.overdue90]);
  }
  // A write-off must not lift the cap of the debt that it closes.
  const written = Number(features["writeOffAmt365d"]);
  if (written > 0 && written >= Number(materiality)) {
    caps.push(["written-off", card.caps.writtenOff]);
  }
  if (Number(features["retPayCnt"]) >= 2) {
    caps.push(["returned-twice", card.caps.returnedTwice]);
  }
  const [name, at] = caps
    .filter((item) => item[1] < sum)
    .reduce((a, b) => (b[1] < a[1] ? b : a), ["", sum] as const);
  const capEffect = at - sum;
  return {
    points,
    capEffect,
    cap: name,
    score: Math.min(card.max, Math.max(card.min, at)),
    pd: 1 / (1 + Math.exp((at - card.offset) / card.factor)),
  };
}

/** Class of a score by the cut-offs alone (E1). */
export function classByCut(score: number, rules: Rules): ClassName {
  const { cut } = rules.classes;
  const names = ["A", "B", "C", "D"] as const;
  return names.find((name) => score >= cut[name]) ?? "E";
}
