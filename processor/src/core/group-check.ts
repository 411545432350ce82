/** What a customer's groups say of an order (E4 H11), and their word on it. */
import type { DecisionGroup } from "@riskwall/schemas";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { GroupUse } from "./groups.ts";
import { moneyText, type Bilingual } from "./texts.ts";

/** The customer's groups, nearest first, with its exposure now in them. */
export function groupUses(
  customer: Customer,
  exposure: number,
  { env }: Moment,
): readonly GroupUse[] {
  const { state, counted } = customer;
  return state.groupId === null
    ? []
    : env.groups.uses(state.groupId, counted, exposure, env.rates);
}

/** The group with the least room; the nearest where none has a limit. */
export function tightest(uses: readonly GroupUse[]): GroupUse | null {
  let found = uses[0] ?? null;
  for (const use of uses) {
    const least = found?.limit ?? null;
    const room = use.limit === null ? Infinity : use.limit - use.exposure;
    const known =
      found === null || least === null ? Infinity : least - found.exposure;
    if (room < known) found = use;
  }
  return found;
}

/** The first group that an order of `value` would take over its limit. */
export function overGroup(
  uses: readonly GroupUse[],
  value: number,
): (GroupUse & { readonly limit: number }) | null {
  for (const use of uses) {
    const { limit } = use;
    if (limit !== null && use.exposure + value > limit)
      return { ...use, limit };
  }
  return null;
}

/** What a decision says of the group, with the age of its snapshot. */
export function decisionGroup(
  customer: Customer,
  before: number,
  after: number,
  moment: Moment,
): DecisionGroup | null {
  const use = tightest(groupUses(customer, before, moment));
  if (use === null) return null;
  const asOf = moment.env.groups.asOf();
  return {
    groupId: use.groupId,
    exposureBefore: use.exposure,
    exposureAfter: use.exposure - before + after,
    limit: use.limit,
    asOf,
    ageMs: asOf === 0 ? 0 : Math.max(0, moment.now - asOf),
  };
}

/** How room comes to be in the group. */
export function groupClears(
  customer: Customer,
  exposure: number,
  value: number,
  moment: Moment,
): Bilingual | null {
  const use = overGroup(groupUses(customer, exposure, moment), value);
  if (use === null) return null;
  const { currency } = moment.env.rules;
  const need = moneyText(use.exposure + value - use.limit, currency);
  const raised = moneyText(use.exposure + value, currency);
  const name = use.name === "" ? use.groupId : use.name;
  return {
    zh: `集团 ${name} 回款或减少订单 ${need},或将集团额度提高到 ${raised}`,
    en: `group ${name} pays or cuts orders by ${need}, or its limit is raised to ${raised}`,
  };
}
