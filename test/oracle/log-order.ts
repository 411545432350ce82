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

/**
 * Delays that are shown (D3), and delays and orders that are kept (C10.1,
 * C10.3: twenty before the last five). When a settlement is taken back, an
 * older one that is kept comes into view again.
 */
const delaysShown = 20;
const delaysKept = 25;
const ordersMax = 100;

const settling: ReadonlySet<string> = new Set([
  "InvoiceIssued",
  "InvoiceCredited",
  "PaymentReceived",
  "PaymentReturned",
  "PaymentPromised",
  "PaymentRefunded",
  "InvoiceWrittenOff",
]);

interface Settlement {
  readonly day: number;
  readonly dbt: number;
}

/** Events first walked; doubled until the row is full or the log is used up. */
const walkMin = 64;

/**
 * DBT of the last settlements; what was reopened is taken back (F-13). New ones
 * push out older ones only, so a walk that fills the row needs no earlier start.
 */
export function lastDelays(events: readonly Applied[]): number[] {
  for (let length = walkMin; ; length *= 2) {
    const from = Math.max(0, events.length - length);
    const delays = walk(events, from);
    if (from === 0 || delays.length === delaysKept) {
      return delays.slice(-delaysShown);
    }
  }
}

/** Settlements after the first `count` events, by invoice. */
function settlementsOf(
  events: readonly Applied[],
  count: number,
): Map<string, Settlement> {
  const last = events[count - 1];
  const settled = new Map<string, Settlement>();
  if (!last) return settled;
  const { rules, rates, now } = last;
  const today = localDay(now, rules.zoneOffsetMinutes);
  const question = { today, rules, rates };
  const ledger = ledgerOf(papersOf(events.slice(0, count)), question);
  for (const [id, stand] of ledger.invoices) {
    if (!isObserved(stand) || stand.settledDay === null) continue;
    const { settledDay: day, paper } = stand;
    const dbt = daysBeyondTerms(day, paper.value.dueDate, question);
    settled.set(id, { day, dbt });
  }
  return settled;
}

function walk(events: readonly Applied[], from: number): number[] {
  let known = settlementsOf(events, from);
  const delays: Settlement[] = [];
  for (let i = from; i < events.length; i += 1) {
    if (!settling.has(events[i]?.record.name ?? "")) continue;
    const present = settlementsOf(events, i + 1);
    const ids = new Set([...known.keys(), ...present.keys()]);
    for (const id of [...ids].sort()) {
      const [before, after] = [known.get(id), present.get(id)];
      if (before?.day === after?.day) continue;
      if (before) withdraw(delays, before);
      if (after) delays.push(after);
      if (delays.length > delaysKept) delays.shift();
    }
    known = present;
  }
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
  const cancelled = new Set<string>();
  for (const { record } of events) {
    if (record.name === "OrderPlaced" && !placed.has(record.value.orderId)) {
      // Another event under a known id is refused.
      placed.add(record.value.orderId);
      last.push(record.value.orderId);
      if (last.length > ordersMax) last.shift();
    } else if (record.name === "OrderCancelled") {
      cancelled.add(record.value.orderId);
    } else continue;
    const { orderId } = record.value;
    const at = last.indexOf(orderId);
    const isGone = cancelled.has(orderId) && orders.get(orderId)?.cancelled;
    if (isGone === true && at >= 0) last.splice(at, 1);
  }
  return last;
}
