/** What is true of any customer by the calendar: a bill that stays unpaid. */
import { dayOf, type SimEvent } from "./behaviour.ts";
import type { Truth } from "./episodes.ts";
import { afterLate } from "./episode-plan.ts";
import { billsOf, timeOf } from "./life-edit.ts";
import { at } from "./month-story.ts";
import type { Profile } from "./population.ts";

/** A bill below this share of the limit is small change (materiality). */
const materialShare = 0.01;
const dayMs = 86_400_000;

/** Bills past due on the first day, or from a day before `ends` on. */
export function lateTruths(
  profile: Profile,
  life: readonly SimEvent[],
  first: number,
  ends: number,
): Truth[] {
  return billsOf(life).flatMap((bill): Truth[] => {
    const midnight = at(bill.due + 1, 0);
    if (midnight >= ends) return [];
    if (bill.amount < 2 * materialShare * profile.limit) return [];
    if (timeOf(bill.invoice) >= midnight) return [];
    const paidAt = Math.max(...bill.payments.map(timeOf), -Infinity);
    const isPaid = paidAt > 0;
    if (isPaid && paidAt < Math.max(midnight, at(first, 0))) return [];
    // What is overdue when the month begins is known already.
    const isKnown = dayOf(midnight) < first;
    return [
      {
        episodeId: `E-late-${bill.invoiceId}`,
        ...{ kind: "late-bill", customerId: profile.id, madeBy: "day" },
        startedAt: new Date(midnight).toISOString(),
        trueAt: new Date(midnight).toISOString(),
        expectedRules: isKnown ? [] : ["PAY-01"],
        consequences: afterLate.filter((rule) => rule !== "PAY-03"),
        ...{ eventIds: [bill.invoice.id], withinMs: dayMs / 2 },
        ...(isPaid ? { endsAt: new Date(paidAt + dayMs).toISOString() } : {}),
      },
    ];
  });
}
