/**
 * Guard rails (domain C9.5): what the product may do to a limit by itself, where
 * the rule set turns it on at all, and what needs a second person.
 */
import type { LimitProposal } from "./limit-proposal.ts";
import type { RuleSet } from "./rule-set.ts";

/** What stands, in minor units of the reporting currency and local days. */
export interface LimitStanding {
  readonly amount: number;
  /** Days since the customer's first order or invoice; null = none yet. */
  readonly historyDays: number | null;
  /** Worst days past due. */
  readonly dpdMax: number;
  /** Days since the last automatic change; null = never. */
  readonly sinceAutomatic: number | null;
}

const unpaidDays = 90;

/**
 * Amount the limit goes to by itself, or null for no change. A raise: class A
 * or B with enough history, by a share at most, up to the automatic ceiling. A
 * decrease: by a share at most per period, except for class E or an item past
 * due by more than 90 days. Never more than one change a day.
 */
export function automaticLimit(
  proposal: LimitProposal,
  standing: LimitStanding,
  rules: RuleSet,
): number | null {
  const { automatic, increaseMax, decreaseMax } = rules.limits;
  const { amount: present, sinceAutomatic } = standing;
  if (sinceAutomatic !== null && sinceAutomatic <= 0) return null;
  const rested =
    sinceAutomatic === null || sinceAutomatic >= rules.limits.automaticDays;
  if (proposal.amount < present) {
    if (!automatic.decrease) return null;
    const urgent = proposal.class === "E" || standing.dpdMax > unpaidDays;
    if (urgent) return proposal.amount;
    const least = Math.ceil(present * (1 - decreaseMax));
    const lowered = Math.max(proposal.amount, least);
    return rested && lowered < present ? lowered : null;
  }
  const known = (standing.historyDays ?? 0) >= rules.limits.historyDays;
  const trusted = proposal.class === "A" || proposal.class === "B";
  if (!automatic.increase || !known || !trusted || !rested) return null;
  const most = Math.floor(present * (1 + increaseMax));
  const { small } = rules.limits.step;
  const raised = Math.min(proposal.amount, most, rules.limits.automaticCeiling);
  const rounded = Math.floor(raised / small) * small;
  return rounded > present ? rounded : null;
}

/**
 * True when a person's change needs a second one: it raises what the customer
 * may owe, to above the automatic ceiling. `amount` null: its rate is unknown.
 */
export function needsSecondPerson(
  amount: number | null,
  present: number | null,
  rules: RuleSet,
): boolean {
  if (amount === null) return true;
  if (present !== null && amount <= present) return false;
  return amount > rules.limits.automaticCeiling;
}
