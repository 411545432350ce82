/**
 * Counts against a customer's own rate (domain C10.4): the rate has the
 * posterior Gamma(c0 + 0.5, W0 + 3.5 days), the count in w days is negative
 * binomial with r = c0 + 0.5, p = (W0 + 3.5) / (W0 + 3.5 + w).
 */
import { exactExp, exactLn } from "./exact-math.ts";

/** Days of the baseline. */
export const burstBaselineDays = 180;
const priorDays = 3.5;
const priorEvents = 0.5;

/** P(X ≥ n) of the count in `windowDays` after `baseline` events. */
export function burstTail(
  baseline: number,
  n: number,
  windowDays: number,
): number {
  const r = baseline + priorEvents;
  const whole = burstBaselineDays + priorDays;
  const p = whole / (whole + windowDays);
  let term = exactExp(r * exactLn(p));
  let below = 0;
  for (let k = 0; k < n; k += 1) {
    below += term;
    term *= ((k + r) / (k + 1)) * (1 - p);
  }
  return Math.max(0, 1 - below);
}

/** Expected count in the window. */
export function burstExpected(baseline: number, windowDays: number): number {
  return (
    ((baseline + priorEvents) / (burstBaselineDays + priorDays)) * windowDays
  );
}
