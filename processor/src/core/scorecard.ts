/**
 * The behavioural scorecard (domain E1, E2, C3.5): base + points per
 * characteristic + cap effect, clamped. Bins and points are rule-set data.
 */
import type { Customer } from "./customer.ts";
import type { Env } from "./env.ts";
import { exactExp } from "./exact-math.ts";
import type { Exposure } from "./exposure.ts";
import type { Features } from "./features.ts";
import type {
  Characteristic,
  CharacteristicCode,
  RuleSet,
} from "./rule-set.ts";

export interface ScoredPoint {
  readonly code: CharacteristicCode;
  readonly value: number | null;
  readonly bin: string;
  readonly points: number;
}

export interface Scored {
  readonly score: number;
  readonly points: readonly ScoredPoint[];
  readonly capEffect: number;
  /** Name of the cap that bound, "" for none. */
  readonly cap: string;
  /** Probability of default within 12 months as scaled; uncalibrated. */
  readonly pd: number;
}

/** PD = 1 / (1 + exp((S − offset) / factor)) (domain C3.5). */
export function pdOf(score: number, rules: RuleSet): number {
  const { offset, factor } = rules.score;
  return 1 / (1 + exactExp((score - offset) / factor));
}

/** Two significant digits (F-45): 0.0476 → "0.048". */
export function pdText(pd: number): string {
  if (pd <= 0) return "0";
  let digits = 2;
  for (let bound = 0.1; pd < bound && digits < 12; bound /= 10) digits += 1;
  return pd.toFixed(digits);
}

type Values = Readonly<Record<CharacteristicCode, number | null>>;

const yearDays = 365.25;

/** Value of each characteristic; null = missing. */
function valuesOf(f: Features, exposure: Exposure, env: Env): Values {
  const stressed = f.cmpSevLiquidity90d + f.cmpSevRefusal90d;
  const rated = f.extAge !== null && f.extAge <= 180 ? f.extRatingNorm : null;
  return {
    PB1: f.settledN180d < 3 ? null : f.lateRatio180d,
    PB2: f.dbtLateEwma,
    PB3: f.dpdMax,
    PB4: exposure.receivables === 0 ? 0 : f.odRatio,
    PB5: f.dbtTrend,
    PB6: promiseLevel(f),
    PB7: f.retPayCnt,
    EX1: f.expUtil,
    EX2: f.expGrowth,
    OR1: f.alertSev30d,
    RE1: f.tenureDays / yearDays,
    RE2: f.activeMonths,
    CP1: stressed + f.cmpSevFault90d / 4,
    CP2: f.dspRejectRate,
    XT1: rated,
    CT1: f.ctrN < env.rules.rules.ctr01.min ? null : f.ctrPerfRate,
    IN1: f.indRisk,
  };
}

/**
 * The next day at which a customer's tenure reaches an edge of RE1, which no
 * event tells; null = none is left, or it is not known since when.
 */
export function nextTenureDay(
  since: number | null,
  day: number,
  rules: RuleSet,
): number | null {
  if (since === null) return null;
  const edges =
    rules.score.characteristics.find(({ code }) => code === "RE1")?.edges ?? [];
  const days = edges
    .map((years) => since + Math.ceil(years * yearDays))
    .filter((edge) => edge > day);
  return days.length === 0 ? null : Math.min(...days);
}

/** PB6 as a level: -1 kept only, 0 none made, else the number broken. */
function promiseLevel(f: Features): number {
  if (f.ptpBrokenCnt > 0) return f.ptpBrokenCnt;
  return f.ptpKeptCnt > 0 ? -1 : 0;
}

/** Labels of the bins of a characteristic, the last one beyond all edges. */
const labelsOf = new WeakMap<Characteristic, readonly string[]>();

function labels(item: Characteristic): readonly string[] {
  const known = labelsOf.get(item);
  if (known !== undefined) return known;
  const [inside, beyond] = item.compare === "le" ? ["≤", ">"] : ["≥", "<"];
  const made = item.edges.map((edge) => `${inside} ${String(edge)}`);
  made.push(`${beyond} ${String(item.edges.at(-1) ?? 0)}`);
  labelsOf.set(item, made);
  return made;
}

/** Bin label and points of a value. */
export function binOf(
  item: Characteristic,
  value: number | null,
): { readonly bin: string; readonly points: number } {
  if (value === null) return { bin: "–", points: item.missing };
  const { edges, compare } = item;
  let at = 0;
  for (; at < edges.length; at += 1) {
    const edge = edges[at] ?? 0;
    if (compare === "le" ? value <= edge : value >= edge) break;
  }
  return { bin: labels(item)[at] ?? "", points: item.points[at] ?? 0 };
}

function capOf(
  customer: Customer,
  f: Features,
  exposure: Exposure,
  env: Env,
): { readonly name: string; readonly at: number } | null {
  const { caps } = env.rules.score;
  if (customer.state.hold?.kind === "fraud") {
    return { name: "fraud-hold", at: caps.fraud };
  }
  if (f.regGraveCnt > 0) return { name: "insolvency", at: caps.insolvency };
  if (f.dpdMax > 90) return { name: "overdue-90", at: caps.overdue90 };
  // Else a write-off would lift the cap of the item that it closes.
  const isBad =
    f.writeOffAmt365d > 0 && f.writeOffAmt365d >= exposure.materiality;
  if (isBad) return { name: "written-off", at: caps.writtenOff };
  if (f.retPayCnt >= 2)
    return { name: "returned-twice", at: caps.returnedTwice };
  return null;
}

/** Scores a customer's features. The pair PB3 + PB4 is bounded (E2). */
export function scoreFeatures(
  customer: Customer,
  f: Features,
  exposure: Exposure,
  env: Env,
): Scored {
  const { score: card } = env.rules;
  const values = valuesOf(f, exposure, env);
  const points = card.characteristics.map((item): ScoredPoint => {
    const value = values[item.code];
    return { code: item.code, value, ...binOf(item, value) };
  });
  boundOverdue(points, card.overdueFloor);
  const sum = card.base + points.reduce((a, p) => a + p.points, 0);
  const cap = capOf(customer, f, exposure, env);
  const capEffect = cap === null ? 0 : Math.min(0, cap.at - sum);
  return {
    score: Math.min(card.max, Math.max(card.min, sum + capEffect)),
    points,
    capEffect,
    cap: cap !== null && capEffect < 0 ? cap.name : "",
    pd: pdOf(sum + capEffect, env.rules),
  };
}

/** PB3 and PB4 react to one old invoice: their sum is at least the floor. */
function boundOverdue(points: ScoredPoint[], floor: number): void {
  const worst = points.findIndex((p) => p.code === "PB3");
  const share = points.findIndex((p) => p.code === "PB4");
  const a = points[worst];
  const b = points[share];
  if (!a || !b || a.points + b.points >= floor) return;
  points[share] = { ...b, points: floor - a.points };
}
