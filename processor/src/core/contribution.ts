/** What a customer adds to its partition's integer sums (`totalFields`). */
import type { CustomerState } from "@riskwall/schemas";
import { isCustomer, totalFields } from "@riskwall/schemas/names";

const letters = ["A", "B", "C", "D", "E"] as const;

/**
 * Vector in the order of `totalFields`; all zero for no customer. A group and
 * the portfolio count with their alerts only, another name of a customer with
 * nothing.
 */
export function contributionOf(state: CustomerState | null): number[] {
  if (state === null || state.across?.mergedInto != null) {
    return totalFields.map(() => 0);
  }
  const s = state.summary;
  if (!isCustomer(state.id)) {
    // What is no customer counts with its alerts only.
    const first = totalFields.indexOf("alertInfo");
    return totalFields.map((_, i) => s.alerts[i - first] ?? 0);
  }
  const at = (letter: string, n: number): number =>
    state.class === letter ? n : 0;
  const limited = s.limit >= 0;
  return [
    1,
    s.exposure,
    s.receivables,
    s.openOrders,
    s.unallocated,
    s.overdue,
    s.age0,
    s.age1,
    s.age31,
    s.age61,
    s.age91,
    limited ? s.limit : 0,
    limited ? Math.max(0, s.exposure) : 0,
    s.expectedLoss,
    ...letters.map((letter) => at(letter, 1)),
    ...letters.map((letter) => at(letter, s.exposure)),
    ...[0, 1, 2, 3, 4].map((i) => s.alerts[i] ?? 0),
    state.loading === null ? 0 : 1,
  ];
}
