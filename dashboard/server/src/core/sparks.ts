/** Sparklines of the KPI cards: at most sixty values, oldest first. */
import { formatMinor, type SparkView } from "@riskwall/schemas";
import { ratioText, type Sums } from "./portfolio-view.ts";

export const sparkMax = 60;

export interface SparkSample {
  readonly at: number;
  readonly sums: Sums;
  readonly alerts24h: number;
}

/**
 * The value that stood at the end of each of `max` equal spans between the
 * first sample and now. Samples in order of time; fewer come as they are.
 */
export function pickEvenly<Item extends { readonly at: number }>(
  items: readonly Item[],
  nowMs: number,
  max: number,
): Item[] {
  const first = items[0];
  if (!first || items.length <= max) return [...items];
  const span = Math.max(1, nowMs - first.at) / max;
  const out: Item[] = [];
  let at = 0;
  for (let slot = 1; slot <= max; slot += 1) {
    const end = first.at + slot * span;
    while ((items[at + 1]?.at ?? Infinity) <= end) at += 1;
    const item = items[at];
    if (item) out.push(item);
  }
  return out;
}

export function sparkView(
  samples: readonly SparkSample[],
  nowMs: number,
  currency: string,
): SparkView {
  // The oldest stays itself: the change of a day is measured from it.
  const picked = [
    ...samples.slice(0, 1),
    ...pickEvenly(samples.slice(1), nowMs, sparkMax - 1),
  ];
  return {
    at: picked.map((sample) => sample.at),
    exposure: picked.map(({ sums }) => formatMinor(sums.exposure, currency)),
    overdueRate: picked.map(({ sums }) =>
      ratioText(sums.overdue, sums.receivables),
    ),
    expectedLoss: picked.map(({ sums }) =>
      formatMinor(sums.expectedLoss, currency),
    ),
    utilisation: picked.map(({ sums }) =>
      ratioText(sums.limitedExposure, sums.limit),
    ),
    highRisk: picked.map(({ sums }) => sums.classD + sums.classE),
    alerts24h: picked.map((sample) => sample.alerts24h),
  };
}
