/**
 * Distribution of days beyond terms (domain C8): a customer's own delays,
 * shrunken to the segment's. A curve holds the chance of each whole day from
 * `delayMin` to `delayMax`; what is missing to 1 is never paid.
 */
import type { Customer } from "../customer.ts";
import type { Exposure } from "../exposure.ts";
import { delayRingMax } from "../rings.ts";
import type { DelayKnots, ForecastRules } from "./forecast-data.ts";

export const delayMin = -60;
/** Tail of C8: what is not paid by then counts as never. */
export const delayMax = 180;
const size = delayMax - delayMin + 1;

/** Chance by day; index 0 is `delayMin`. Sums to at most 1. */
export type DelayCurve = Float64Array;

function clamp(day: number): number {
  return Math.min(delayMax, Math.max(delayMin, day));
}

const curveOfKnots = new WeakMap<DelayKnots, DelayCurve>();

/** The curve through the knots, straight between them. */
export function segmentCurve(knots: DelayKnots): DelayCurve {
  const known = curveOfKnots.get(knots);
  if (known) return known;
  const curve = new Float64Array(size);
  let before = 0;
  let [lastDay, lastShare] = [delayMin - 1, 0];
  for (const [day, share] of knots) {
    const step = (share - lastShare) / Math.max(1, day - lastDay);
    for (let at = lastDay + 1; at <= day; at += 1) {
      const cumulative = at === day ? share : lastShare + step * (at - lastDay);
      curve[at - delayMin] = cumulative - before;
      before = cumulative;
    }
    [lastDay, lastShare] = [day, share];
  }
  curveOfKnots.set(knots, curve);
  return curve;
}

/** Adds one observation that is known only to be later than `day` (F-14). */
function addOpen(curve: DelayCurve, prior: DelayCurve, day: number): void {
  let paid = 0;
  for (let i = 0; i <= clamp(day) - delayMin; i += 1) paid += prior[i] ?? 0;
  const left = 1 - paid;
  if (left <= 0) return;
  for (let i = clamp(day) - delayMin + 1; i < size; i += 1) {
    curve[i] = (curve[i] ?? 0) + (prior[i] ?? 0) / left;
  }
}

/**
 * (n · own + k · segment) / (n + k). Own are the last settled invoices and the
 * overdue open ones, which are spread over the segment's later days.
 */
export function customerCurve(
  customer: Customer,
  exposure: Exposure,
  rules: ForecastRules,
): DelayCurve {
  const prior = segmentCurve(
    rules.segmentDelays[customer.state.segment] ?? rules.delays,
  );
  const settled = customer.delayRing;
  const open = exposure.parts
    .filter((part) => part.dpd > 0 && part.undisputed > 0)
    .sort((a, b) => b.due - a.due)
    .slice(0, delayRingMax);
  const curve = prior.map((chance) => chance * rules.shrink);
  for (const { dbt } of settled) {
    const at = clamp(dbt) - delayMin;
    curve[at] = (curve[at] ?? 0) + 1;
  }
  for (const part of open) addOpen(curve, prior, part.dpd);
  const weight = settled.length + open.length + rules.shrink;
  return curve.map((chance) => chance / weight);
}

/** Delays of a segment that are not a matter of defaults, days. */
const usualMax = 60;

interface UsualDelay {
  readonly mean: number;
  readonly variance: number;
}
const usualOfKnots = new WeakMap<DelayKnots, UsualDelay>();

/** Mean and variance of a segment's usual delays, days. */
export function usualDelay(knots: DelayKnots): UsualDelay {
  const known = usualOfKnots.get(knots);
  if (known) return known;
  let [weight, sum, squares] = [0, 0, 0];
  segmentCurve(knots).forEach((chance, i) => {
    const day = i + delayMin;
    if (day > usualMax) return;
    weight += chance;
    sum += chance * day;
    squares += chance * day * day;
  });
  const mean = sum / weight;
  const usual = { mean, variance: squares / weight - mean * mean };
  usualOfKnots.set(knots, usual);
  return usual;
}
