/**
 * ADWIN over days (domain C10.3): finds the cut of a window at which the share
 * before and after differ by more than chance allows at confidence δ. Each day
 * brings many yes-or-no outcomes; a cut lies between two days.
 */
import { exactLn } from "./exact-math.ts";

export interface DayCount {
  readonly day: number;
  /** Outcomes of the day, and how many of them were yes. */
  readonly n: number;
  readonly yes: number;
}

export interface AdwinLimits {
  readonly delta: number;
  /** Least days and outcomes on either side of a cut. */
  readonly minDays: number;
  readonly minCount: number;
}

export interface Shift {
  /** First day after the cut. */
  readonly from: number;
  readonly before: number;
  readonly after: number;
  /** Difference that chance allows. */
  readonly allowed: number;
}

/** The cut with the greatest excess over what chance allows, or null. */
export function findShift(
  days: readonly DayCount[],
  limits: AdwinLimits,
): Shift | null {
  const n = days.reduce((sum, day) => sum + day.n, 0);
  const yes = days.reduce((sum, day) => sum + day.yes, 0);
  if (n < 2 * limits.minCount) return null;
  const mean = yes / n;
  const variance = mean * (1 - mean);
  // δ is shared by all cuts that are tried.
  const depth = exactLn((2 * Math.max(2, days.length)) / limits.delta);
  let seen = 0;
  let seenYes = 0;
  let best: Shift | null = null;
  for (let i = 0; i + limits.minDays < days.length; i += 1) {
    const day = days[i];
    const next = days[i + 1];
    if (!day || !next) break;
    seen += day.n;
    seenYes += day.yes;
    const left = n - seen;
    if (i + 1 < limits.minDays || seen < limits.minCount) continue;
    if (left < limits.minCount) break;
    const m = 1 / (1 / seen + 1 / left);
    const allowed =
      Math.sqrt((2 / m) * variance * depth) + (2 / (3 * m)) * depth;
    const before = seenYes / seen;
    const after = (yes - seenYes) / left;
    const excess = Math.abs(after - before) - allowed;
    const least = best ? Math.abs(best.after - best.before) - best.allowed : 0;
    if (excess > least) best = { from: next.day, before, after, allowed };
  }
  return best;
}
