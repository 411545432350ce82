/** What a step of the router goes by, and what it hides. */
import { labelsOf, type Labels } from "@riskwall/schemas/matchers";
import { inhibitorOf, silenceOf, type Plan } from "./plan.ts";
import type { RouterState, Tracked } from "./router-state.ts";
import type { ZoneOffset } from "./time-intervals.ts";

/** A group that may not speak now looks again after so long at most. */
export const quietLookMs = 60_000;

export interface Moment {
  readonly plan: Plan;
  readonly now: number;
  readonly zoneOffset: ZoneOffset;
}

/** Labels of every alert that fires. */
export function* firingLabels(state: RouterState): Generator<Labels> {
  for (const group of state.groups.values()) {
    for (const { firing, brief } of Object.values(group.alerts)) {
      if (firing) yield labelsOf(brief);
    }
  }
}

/** A silence, an inhibition or a snooze covers it now. */
export function isHidden(
  state: RouterState,
  { brief }: Tracked,
  { plan, now }: Moment,
): boolean {
  if (brief.state === "snoozed") return true;
  const labels = labelsOf(brief);
  if (silenceOf(plan, labels, now) !== null) return true;
  if (plan.inhibitRules.length === 0) return false;
  return inhibitorOf(plan, labels, firingLabels(state)) !== null;
}
