/**
 * What is in log order by definition (architecture 4): the last delays and the
 * last orders. The ledger is asked again after every record that may move it,
 * and what changed between two answers is what the record did.
 */
import { localDay } from "./calendar.ts";
import type { Applied } from "./chronicle.ts";
import { daysBeyondTerms, isObserved } from "./features.ts";
import { ledgerOf } from "./ledger.ts";
import { papersOf } from "./papers.ts";

/** Delays and orders that the design keeps (C10.1, architecture 6). */
const delaysMax = 20;
const ordersMax = 100;

const settling: ReadonlySet<string> = new Set([
  "InvoiceIssued",
  "InvoiceCredited",
  "PaymentReceived",
  "PaymentReturned",
  "PaymentPromised",
]);

interface Settlement {
  readonly day: number;
  readonly dbt: number;
}

/** DBT of the last settlements; what was reopened is taken back (F-13). */
export function lastDelays(events: readonly Applied[]): number[] {
  let known = new Map<string, Settlement>();
  const delays: Settlement[] = [];
  events.forEach((event, i) => {
    if (!settling.has(event.record.name)) return;
    const { rules, rates, now } = event;
    const today = localDay(now, rules.zoneOffsetMinutes);
    const question = { today, rules, rates };
    const ledger = ledgerOf(papersOf(events.slice(0, i + 1)), question);
    const present = new Map<string, Settlement>();
    for (const [id, stand] of ledger.invoices) {
      if (!isObserved(stand) || stand.settledDay === null) continue;
      const { settledDay: day, paper } = stand;
      const dbt = daysBeyondTerms(day, paper.value.dueDate, question);
      present.set(id, { day, dbt });
    }
    for (const id of [
      ...new Set([...known.keys(), ...present.keys()]),
    ].sort()) {
      const [before, after] = [known.get(id), present.get(id)];
      if (before?.day === after?.day) continue;
      if (before) withdraw(delays, before);
      if (after) delays.push(after);
      if (delays.length > delaysMax) delays.shift();
    }
    known = present;
  });
  return delays.map(({ dbt }) => dbt);
}

function withdraw(delays: Settlement[], gone: Settlement): void {
  const at = delays.findLastIndex(
    ({ day, dbt }) => day === gone.day && dbt === gone.dbt,
  );
  if (at >= 0) delays.splice(at, 1);
}

/** The last orders as placed; a cancelled one leaves its place empty. */
export function lastOrders(events: readonly Applied[]): string[] {
  const { orders } = papersOf(events);
  const last: string[] = [];
  const placed = new Set<string>();
  for (const { record, offset } of events) {
    if (record.name === "OrderPlaced") {
      const { orderId } = record.value;
      // Another event under a known id is refused.
      if (placed.has(orderId)) continue;
      placed.add(orderId);
      last.push(orderId);
      if (last.length > ordersMax) last.shift();
    }
    const id =
      record.name === "OrderPlaced" || record.name === "OrderCancelled"
        ? record.value.orderId
        : null;
    // Cancelled now, or before it was placed.
    const isGone =
      id !== null &&
      orders.get(id)?.cancelled === true &&
      events.some(
        (other) =>
          other.record.name === "OrderCancelled" &&
          other.record.value.orderId === id &&
          other.offset <= offset,
      );
    if (isGone && placed.has(id)) {
      const at = last.indexOf(id);
      if (at >= 0) last.splice(at, 1);
    }
  }
  return last;
}
