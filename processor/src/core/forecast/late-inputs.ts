/**
 * What the late-payment model sees of an open item (domain C7): the customer's
 * payment record, its open items, and the item itself. All of it is known when
 * the item is issued; scored later, it is what is known then.
 */
import type { Customer } from "../customer.ts";
import type { Moment } from "../env.ts";
import type { Exposure, OpenPart } from "../exposure.ts";
import type { Features } from "../features.ts";
import { segmentRules } from "../rule-set.ts";
import { delayHabit } from "./delay-habit.ts";

export const customerInputs = [
  "lateRatio180d",
  "lateRatio365d",
  "overdueShare",
  "lateOfLast3",
  "fiveLateShare",
  "beyond15Share",
] as const;
export const itemInputs = [
  "termsDays",
  "amountShare",
  "amountToUsual",
  "dueWeekday",
  "dueSameDay",
  "dueWithin3Days",
  "sinceIssueDays",
] as const;
/** Inputs of an item that need no other item. */
export const simpleItemInputs = ["termsDays", "amountShare"] as const;
export type SimpleValues = Readonly<
  Record<(typeof simpleItemInputs)[number], number>
>;
export const lateInputs = [...customerInputs, ...itemInputs] as const;
export type LateInput = (typeof lateInputs)[number];
export type LateValues = Readonly<Record<LateInput, number | null>>;

/** Inputs of the customer, the same for all of its items. */
export type CustomerValues = Readonly<
  Record<(typeof customerInputs)[number], number | null>
>;

export function customerValues(
  customer: Customer,
  features: Features,
  moment: Moment,
): CustomerValues {
  const { late, shrink } = moment.env.rules.forecast;
  const { n, lateOfLast3, fiveLate, beyond15 } = delayHabit(customer.delayRing);
  return {
    lateRatio180d: features.lateRatio180d,
    lateRatio365d: features.lateRatio365d,
    overdueShare: features.odRatio,
    lateOfLast3,
    beyond15Share: beyond15 / (n + shrink),
    fiveLateShare: (fiveLate + shrink * late.fiveLatePrior) / (n + shrink),
  };
}

function orderSize(customer: Customer, moment: Moment): number {
  return segmentRules(moment.env.rules, customer.state.segment).orderP95;
}

/** Answers the simple inputs of an item. */
export function createSimpleValues(
  customer: Customer,
  moment: Moment,
): (part: OpenPart) => SimpleValues {
  const size = orderSize(customer, moment);
  return ({ invoice, due }) => ({
    termsDays: due - invoice.issue,
    amountShare: invoice.base / size,
  });
}

/** Answers the inputs of one open item; O(1) each after one pass over all. */
export function createItemValues(
  customer: Customer,
  exposure: Exposure,
  features: Features,
  moment: Moment,
): (
  part: OpenPart,
) => Readonly<Record<(typeof itemInputs)[number], number | null>> {
  const { parts } = exposure;
  const dueOn = new Map<number, number>();
  for (const { due } of parts) dueOn.set(due, (dueOn.get(due) ?? 0) + 1);
  const issues = Float64Array.from(parts, (part) => part.invoice.issue).sort();
  const simple = createSimpleValues(customer, moment);
  const { payAmt180d, payCnt180d } = features;
  const usual = payCnt180d === 0 ? 0 : payAmt180d / payCnt180d;
  return (part) => {
    const { invoice, due } = part;
    let near = -1;
    for (let day = due - 3; day <= due + 3; day += 1) {
      near += dueOn.get(day) ?? 0;
    }
    const last = lastBefore(issues, invoice.issue);
    return {
      ...simple(part),
      amountToUsual: usual > 0 ? invoice.base / usual : null,
      // 0 = Monday.
      dueWeekday: (((due + 3) % 7) + 7) % 7,
      dueSameDay: (dueOn.get(due) ?? 1) - 1,
      dueWithin3Days: near,
      sinceIssueDays: last === null ? null : invoice.issue - last,
    };
  };
}

/**
 * Latest issue day of another open item, issued not after this one; the list
 * is sorted and holds this item's own day once.
 */
function lastBefore(issues: Float64Array, issue: number): number | null {
  let low = 0;
  let high = issues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((issues[middle] ?? 0) <= issue) low = middle + 1;
    else high = middle;
  }
  // `low - 1` is the item itself or one of the same day.
  return issues[low - 2] ?? null;
}
