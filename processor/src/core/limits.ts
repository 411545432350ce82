/** The effective limit (domain C1): a valid temporary one, else the standing. */
import type { CustomerState, LimitBook, LimitLine } from "@riskwall/schemas";
import { countCover } from "./cover.ts";
import { toBase, type Rates } from "./rates.ts";

export function isValidAt(line: LimitLine, now: number): boolean {
  return line.from <= now && (line.to === null || now < line.to);
}

/** A temporary limit that says no end has this one (C9.5). */
export const temporaryDays = 30;

/**
 * The line in force, or null when no limit was ever set. A temporary limit that
 * ended with no standing one behind it stays the last word: expired, not
 * without limit.
 */
export function effectiveLine(
  state: CustomerState,
  now: number,
): LimitLine | null {
  const { standing, temporary } = state;
  if (temporary === null) return standing;
  if (isValidAt(temporary, now)) return temporary;
  return standing ?? (temporary.from <= now ? temporary : null);
}

/**
 * Effective limit in reporting minor units, cover that counts in it included;
 * null = no limit set (not 0), whatever cover there is.
 */
export function effectiveLimit(
  state: CustomerState,
  now: number,
  rates: Rates,
): number | null {
  const line = effectiveLine(state, now);
  const own = line && toBase(line.amount, line.currency, rates);
  if (own === null) return null;
  return own + countCover(state.covers, now, rates).inLimit;
}

/** When the line in force ended, ms; null while it is valid (H02). */
export function expiredAt(state: CustomerState, now: number): number | null {
  const end = effectiveLine(state, now)?.to ?? null;
  return end !== null && now >= end ? end : null;
}

/**
 * Takes a standing line, unless a newer word is known (F-9). One that begins
 * later leaves the present one in force until its day; who decides anew before
 * that day decides on both.
 */
export function putStanding(
  state: CustomerState,
  line: LimitLine,
  now: number,
): void {
  const { standing, coming } = state;
  if (standing !== null && line.setAt < standing.setAt) return;
  const isOld = coming !== null && line.setAt < coming.setAt;
  if (line.from > now) {
    if (!isOld) state.coming = line;
    return;
  }
  state.standing = line;
  if (!isOld) state.coming = null;
}

/**
 * A standing line whose day has come takes its place; the line that ends by
 * it, or null when nothing began.
 */
export function beginLimit(
  state: CustomerState,
  now: number,
): { readonly before: LimitLine | null; readonly line: LimitLine } | null {
  const { standing: before, coming: line } = state;
  if (line === null || line.from > now) return null;
  state.standing = line;
  state.coming = null;
  return { before, line };
}

/** True when a line began after `since` and not after `now`. */
export function hasBegun(
  line: LimitLine | null,
  since: number,
  now: number,
): boolean {
  return line !== null && line.from > since && line.from <= now;
}

/** The state's book of limits, begun when there is something to note. */
export function limitBook(state: CustomerState): LimitBook {
  state.limits ??= {
    ...{ proposal: -1, proposalDay: 0, automaticDay: 0 },
    ...{ reviewDue: 0, reviewedAt: 0, reviewAsked: false },
    ...{ requests: 0, request: null },
  };
  return state.limits;
}
