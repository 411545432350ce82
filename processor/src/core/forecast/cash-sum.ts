/**
 * Expected cash by step with a band (domain C8): 1,000 draws, in which an item
 * takes its customer's common quantile more often than its own, or the band
 * would be far too narrow. The seed is the customer's id: the same states give
 * the same bands, in any order of customers.
 */
import { hash32 } from "../hash.ts";
import type { CashStep } from "./cash-steps.ts";
import { horizonDays, type ItemForecast } from "./item-forecast.ts";
import { createUniform } from "./seeded-uniform.ts";

export const draws = 1000;
/** Items drawn one by one; further ones count in every draw as expected. */
export const drawnItemsMax = 20_000;

/** Minor units of the reporting currency. */
export interface CashBand {
  readonly expected: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

export interface CashForecast {
  readonly steps: readonly (CashStep & CashBand)[];
  /** All steps together. */
  readonly total: CashBand;
  /** Value of the open items. */
  readonly open: number;
  /** Of `open`: what is expected never to be paid. */
  readonly never: number;
  readonly items: number;
  /** Items that were drawn, at most `drawnItemsMax`. */
  readonly drawn: number;
}

export interface CashSum {
  /** Adds the open items of one customer. */
  add: (customerId: string, items: readonly ItemForecast[]) => void;
  result: () => CashForecast;
}

export interface CashSumOptions {
  /** Neighbouring steps in order, none before `today`. */
  readonly steps: readonly CashStep[];
  /** Day of index 0 of the chances. */
  readonly today: number;
  /** Chance that an item of a draw takes the common quantile. */
  readonly common: number;
}

/** Chance of being paid before the first step, and by the end of each. */
function boundsOf(
  { chances }: ItemForecast,
  { steps, today }: CashSumOptions,
): Float64Array {
  const bounds = new Float64Array(steps.length + 1);
  let at = 0;
  let sum = 0;
  const until = (day: number): number => {
    for (; at < horizonDays && today + at <= day; at += 1) {
      sum += chances[at] ?? 0;
    }
    return sum;
  };
  bounds[0] = until((steps[0]?.from ?? today) - 1);
  steps.forEach((step, s) => {
    bounds[s + 1] = until(step.to);
  });
  return bounds;
}

/** Step whose chance holds a quantile; -1 when paid outside of all. */
function stepOf(quantile: number, bounds: Float64Array): number {
  let low = 0;
  let high = bounds.length - 1;
  if (quantile < (bounds[low] ?? 0) || quantile >= (bounds[high] ?? 0)) {
    return -1;
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (quantile < (bounds[middle] ?? 0)) high = middle;
    else low = middle;
  }
  return low;
}

function bandOf(sums: Float64Array, expected: number, base: number): CashBand {
  const sorted = sums.toSorted();
  const at = (share: number): number =>
    Math.round(base + (sorted[Math.ceil(share * draws) - 1] ?? 0));
  return {
    expected: Math.round(expected),
    ...{ p10: at(0.1), p50: at(0.5), p90: at(0.9) },
  };
}

const sumOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0);

/** Sums forecasts of open items over steps. */
export function createCashSum(options: CashSumOptions): CashSum {
  const { steps, common } = options;
  const expected = new Float64Array(steps.length);
  /** Of `expected`: what came with items that are not drawn. */
  const certain = new Float64Array(steps.length);
  const byStep = steps.map(() => new Float64Array(draws));
  const totals = new Float64Array(draws);
  const count = { open: 0, never: 0, items: 0, drawn: 0 };

  const draw = (
    value: number,
    bounds: Float64Array,
    commons: Float64Array,
    uniform: () => number,
  ): void => {
    for (const [k, shared] of commons.entries()) {
      const quantile = uniform() < common ? shared : uniform();
      const sums = byStep[stepOf(quantile, bounds)];
      if (!sums) continue;
      sums[k] = (sums[k] ?? 0) + value;
      totals[k] = (totals[k] ?? 0) + value;
    }
  };

  return {
    add: (customerId, items) => {
      const uniform = createUniform(hash32(customerId));
      const commons = Float64Array.from({ length: draws }, uniform);
      for (const item of items) {
        const { value } = item.part;
        const bounds = boundsOf(item, options);
        const drawn = count.drawn < drawnItemsMax;
        for (let s = 0; s < steps.length; s += 1) {
          const cash = value * ((bounds[s + 1] ?? 0) - (bounds[s] ?? 0));
          expected[s] = (expected[s] ?? 0) + cash;
          if (!drawn) certain[s] = (certain[s] ?? 0) + cash;
        }
        if (drawn) draw(value, bounds, commons, uniform);
        count.items += 1;
        count.drawn += drawn ? 1 : 0;
        count.open += value;
        count.never += value * (1 - item.paid);
      }
    },
    result: () => ({
      ...count,
      never: Math.round(count.never),
      steps: steps.map((step, s) => ({
        ...step,
        ...bandOf(
          byStep[s] ?? new Float64Array(draws),
          expected[s] ?? 0,
          certain[s] ?? 0,
        ),
      })),
      total: bandOf(totals, sumOf(expected), sumOf(certain)),
    }),
  };
}
