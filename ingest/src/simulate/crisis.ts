/**
 * Two months of a population in which it is not one customer that changes but
 * all of them (domain D2: EXP-05, PRT-01, COL-02, MDL-01): from a day on most
 * pay twelve days later, and before that one bill is a large part of all that
 * is owed. Without a crisis the same two months are the control.
 */
import { amountText, dayOf, dayText, type SimEvent } from "./behaviour.ts";
import type { Truth } from "./episodes.ts";
import { paidLater, receivablesAt, textOf, timeOf } from "./life-edit.ts";
import { createMonth, type Arrival, type Month } from "./month.ts";
import { at } from "./month-story.ts";
import { rates } from "./population.ts";
import { createRandom } from "./random.ts";

export interface CrisisOptions {
  readonly seed: string;
  readonly customers: number;
  readonly years: number;
  readonly first: number;
  readonly isCalm: boolean;
}

export const crisisDays = 60;
/** Days after the first on which payments begin to be late, and how late. */
const crisisFrom = 12;
const lateDays = 12;
/** Customers that the crisis meets. */
const hitShare = 0.7;
/** The large bill as a part of all that is owed before it. */
const largePart = 0.2;
const portfolio = "#portfolio";

export function createCrisis(options: CrisisOptions): Month {
  const { first, isCalm, ...rest } = options;
  const month = createMonth({
    ...{ ...rest, first, days: crisisDays, perKind: 0 },
  });
  if (isCalm) return { ...month, truths: [] };
  const random = createRandom(`${options.seed}/crisis`);
  const from = at(first + crisisFrom, 0);
  const ends = at(first + crisisDays, 0);
  const hit = new Map<string, boolean>();
  const isHit = (customerId: string): boolean => {
    const known = hit.get(customerId) ?? random.chance(hitShare);
    hit.set(customerId, known);
    return known;
  };
  const later = month.arrivals.map((item): Arrival => {
    const { event } = item;
    const isLate =
      event.type === "payment.received" &&
      item.at >= from &&
      isHit(textOf(event, "customerId"));
    if (!isLate) return item;
    const moved = paidLater(event, lateDays);
    return { at: timeOf(moved), event: moved };
  });
  const bill = largeBill(month, at(first + 5, 11));
  const arrivals = [...later, { at: timeOf(bill), event: bill }]
    .filter((item) => item.at < ends)
    .sort((a, b) => a.at - b.at);
  return {
    ...month,
    arrivals,
    truths: [
      truth("large-bill", "EXP-05", timeOf(bill), timeOf(bill), ends),
      ...["PRT-01", "COL-02", "MDL-01"].map((rule) =>
        truth("crisis", rule, from, from, ends),
      ),
    ],
  };
}

function truth(
  kind: string,
  rule: string,
  started: number,
  trueAt: number,
  ends: number,
): Truth {
  return {
    ...{ episodeId: `E-${kind}-${rule}`, kind, customerId: portfolio },
    startedAt: new Date(started).toISOString(),
    trueAt: new Date(trueAt).toISOString(),
    ...{ expectedRules: [rule], consequences: [], eventIds: [] },
    ...{ withinMs: ends - trueAt, madeBy: "degrees" },
  };
}

/** A bill without an order, so that nothing can hold it. */
function largeBill({ history, arrivals }: Month, time: number): SimEvent {
  const past = [
    ...history,
    ...arrivals.filter((item) => item.at <= time).map(({ event }) => event),
  ];
  const byCurrency = Map.groupBy(past, (event) => textOf(event, "currency"));
  const owed = [...byCurrency].reduce((sum, [currency, events]) => {
    const rate = Number(rates[currency] ?? "1");
    return sum + Math.max(0, receivablesAt(events, time)) / rate;
  }, 0);
  const buyer = past.find(
    (event) =>
      event.type === "customer.upserted" && textOf(event, "currency") === "CNY",
  );
  const customerId = buyer === undefined ? "" : textOf(buyer, "customerId");
  return {
    ...{ id: "E-large-bill", source: "sim-erp", type: "invoice.issued" },
    time: new Date(time).toISOString(),
    data: {
      ...{ customerId, invoiceId: "INV-E-large-bill", currency: "CNY" },
      amount: amountText(owed * largePart, "CNY"),
      issueDate: dayText(dayOf(time)),
      dueDate: dayText(dayOf(time) + 45),
    },
  };
}
