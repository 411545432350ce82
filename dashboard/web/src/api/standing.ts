import type { AlertView } from "@riskwall/schemas";

const states: ReadonlySet<string> = new Set([
  ...["open", "acknowledged", "snoozed", "confirmed"],
]);

/** True while an alert still matters: nobody ended it, nor did its cause. */
export function isStanding({ state }: Pick<AlertView, "state">): boolean {
  return states.has(state);
}
