/** The effective limit (domain C1): a valid temporary one, else the standing. */
import type { CustomerState, LimitLine } from "@riskwall/schemas";
import { toBase, type Rates } from "./rates.ts";

export function isValidAt(line: LimitLine, now: number): boolean {
  return line.from <= now && (line.to === null || now < line.to);
}

/** A temporary limit that says no end has this one (C9.5). */
export const temporaryDays = 30;

/** The line in force, or null when no limit was ever set. */
export function effectiveLine(
  state: CustomerState,
  now: number,
): LimitLine | null {
  if (state.temporary && isValidAt(state.temporary, now))
    return state.temporary;
  return state.standing;
}

/** Effective limit in reporting minor units; null = no limit set (not 0). */
export function effectiveLimit(
  state: CustomerState,
  now: number,
  rates: Rates,
): number | null {
  const line = effectiveLine(state, now);
  return line === null ? null : toBase(line.amount, line.currency, rates);
}

/** True when the standing limit ran out and no temporary one covers (H02). */
export function limitExpired(state: CustomerState, now: number): boolean {
  const line = effectiveLine(state, now);
  return line !== null && line.to !== null && now >= line.to;
}
