/** What the last payment delays say by themselves, computed once per ring. */
import { ewma, median } from "../features.ts";
import type { DelayMark } from "../rings.ts";

export interface DelayHabit {
  readonly n: number;
  /** EWMA of days beyond terms; 0 without any. */
  readonly mean: number;
  /** 1.4826 · MAD, days. */
  readonly scale: number;
  /** Late ones of the last three. */
  readonly lateOfLast3: number;
  /** At least 5 days late. */
  readonly fiveLate: number;
  /** More than 15 days late. */
  readonly beyond15: number;
}

/** A ring is never changed in place, so its habit stays. */
const habitOf = new WeakMap<readonly DelayMark[], DelayHabit>();

export function delayHabit(ring: readonly DelayMark[]): DelayHabit {
  const known = habitOf.get(ring);
  if (known) return known;
  const delays = ring.map((mark) => mark.dbt);
  const centre = median(delays) ?? 0;
  const mad = median(delays.map((dbt) => Math.abs(dbt - centre))) ?? 0;
  const habit = {
    n: delays.length,
    mean: ewma(delays) ?? 0,
    scale: 1.4826 * mad,
    lateOfLast3: delays.slice(-3).filter((dbt) => dbt > 0).length,
    fiveLate: delays.filter((dbt) => dbt >= 5).length,
    beyond15: delays.filter((dbt) => dbt > 15).length,
  };
  habitOf.set(ring, habit);
  return habit;
}
