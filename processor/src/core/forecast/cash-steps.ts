/** Days of a step, both ends included. */
export interface CashStep {
  readonly from: number;
  readonly to: number;
}

/** Days or weeks (from Monday) that cover `from` to `to`. */
export function cashSteps(
  from: number,
  to: number,
  step: "day" | "week",
): CashStep[] {
  const out: CashStep[] = [];
  let at = from;
  while (at <= to) {
    // Day 0 of the count was a Thursday.
    const weekday = (((at + 3) % 7) + 7) % 7;
    const last = step === "day" ? at : Math.min(to, at + 6 - weekday);
    out.push({ from: at, to: last });
    at = last + 1;
  }
  return out;
}
