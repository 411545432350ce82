/** Invoices that were issued and whose payment is still to come. */
import { dayOf, dayText, type SimEvent } from "./behaviour.ts";

export interface Owed {
  /** Events that are still to come of one customer, in time order. */
  readonly note: (coming: readonly SimEvent[]) => void;
  /** The customer's next payment, as of now; null when it owes nothing. */
  readonly take: (customerId: string, now: number) => SimEvent | null;
}

export function createOwed(): Owed {
  const payments = new Map<string, SimEvent[]>();
  return {
    note: (coming) => {
      const unissued = new Set(
        coming
          .filter((event) => event.type === "invoice.issued")
          .map((event) => event.data["invoiceId"]),
      );
      for (const event of coming) {
        const { invoiceId, customerId } = event.data;
        // Only named payments of invoices that stand can come early.
        if (event.type !== "payment.received" || invoiceId === undefined) {
          continue;
        }
        if (unissued.has(invoiceId) || typeof customerId !== "string") continue;
        const list = payments.get(customerId);
        if (list) list.push(event);
        else payments.set(customerId, [event]);
      }
    },
    take: (customerId, now) => {
      const next = payments.get(customerId)?.shift();
      if (!next) return null;
      return {
        ...next,
        time: new Date(now).toISOString(),
        data: { ...next.data, valueDate: dayText(dayOf(now)) },
      };
    },
  };
}
