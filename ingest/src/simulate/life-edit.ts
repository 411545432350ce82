/**
 * A customer's life as the simulator knows it: what was owed when, by plain
 * arithmetic over its events, and the same life with something changed in it.
 */
import { dayOf, dayText, isQuietDay, type SimEvent } from "./behaviour.ts";

const dayMs = 86_400_000;

export function timeOf(event: SimEvent): number {
  return Date.parse(event.time);
}

export function byTime(a: SimEvent, b: SimEvent): number {
  return timeOf(a) - timeOf(b);
}

export function textOf(event: SimEvent, field: string): string {
  const value = event.data[field];
  return typeof value === "string" ? value : "";
}

function amountOf(event: SimEvent): number {
  return Number(textOf(event, "amount"));
}

/** Day number of a date. */
export function dayFromText(text: string): number {
  return Math.floor(Date.parse(`${text}T00:00:00Z`) / dayMs);
}

function ofType(life: readonly SimEvent[], type: string): SimEvent[] {
  return life.filter((event) => event.type === type);
}

/** Ordered and neither called off nor paid for by then, own currency. */
export function exposureAt(life: readonly SimEvent[], at: number): number {
  const past = life.filter((event) => timeOf(event) <= at);
  const off = new Set(
    ofType(past, "order.cancelled").map((event) => textOf(event, "orderId")),
  );
  const ordered = ofType(past, "order.placed")
    .filter((event) => !off.has(textOf(event, "orderId")))
    .reduce((sum, event) => sum + amountOf(event), 0);
  return ordered - paidAt(past);
}

function paidAt(past: readonly SimEvent[]): number {
  return ofType(past, "payment.received").reduce(
    (sum, event) => sum + amountOf(event) + discountOf(event),
    0,
  );
}

/** Cash discount that a payment took. */
function discountOf(event: SimEvent): number {
  const list = event.data["allocations"];
  if (!Array.isArray(list)) return 0;
  return list.reduce((sum: number, part: unknown) => {
    const discount =
      typeof part === "object" && part !== null && "discount" in part
        ? Number(part.discount)
        : 0;
    return sum + discount;
  }, 0);
}

/** Billed and not paid by then, own currency. */
export function receivablesAt(life: readonly SimEvent[], at: number): number {
  const past = life.filter((event) => timeOf(event) <= at);
  const billed = ofType(past, "invoice.issued").reduce(
    (sum, event) => sum + amountOf(event),
    0,
  );
  return billed - paidAt(past);
}

/** An invoice with the events that pay it, in time order. */
export interface Bill {
  readonly invoiceId: string;
  readonly invoice: SimEvent;
  readonly amount: number;
  /** Due day, moved off weekends and holidays. */
  readonly due: number;
  readonly payments: readonly SimEvent[];
}

/** Key of an order's events: `C-1-17` of `C-1-17-pay`. */
function keyOf(event: SimEvent): string {
  return event.id.replace(/-(invoice|pay[ab]?)$/, "");
}

export function billsOf(life: readonly SimEvent[]): Bill[] {
  const payments = new Map<string, SimEvent[]>();
  for (const event of ofType(life, "payment.received")) {
    const list = payments.get(keyOf(event)) ?? [];
    list.push(event);
    payments.set(keyOf(event), list);
  }
  return ofType(life, "invoice.issued").map((invoice) => {
    let due = dayFromText(textOf(invoice, "dueDate"));
    while (isQuietDay(due)) due += 1;
    return {
      ...{ invoiceId: textOf(invoice, "invoiceId"), invoice },
      ...{ amount: amountOf(invoice), due },
      payments: payments.get(keyOf(invoice)) ?? [],
    };
  });
}

/** The life without these events. */
export function without(
  life: readonly SimEvent[],
  gone: Iterable<SimEvent>,
): SimEvent[] {
  const out = new Set(gone);
  return life.filter((event) => !out.has(event));
}

/** The life with each event changed; null takes it out. */
export function changed(
  life: readonly SimEvent[],
  change: (event: SimEvent) => SimEvent | null,
): SimEvent[] {
  return life
    .map(change)
    .filter((event) => event !== null)
    .sort(byTime);
}

/** The same payment some days later, on a day on which banks work. */
export function paidLater(event: SimEvent, days: number): SimEvent {
  const at = timeOf(event);
  let day = dayOf(at) + days;
  while (isQuietDay(day)) day += 1;
  const time = new Date(at + (day - dayOf(at)) * dayMs).toISOString();
  return { ...event, time, data: { ...event.data, valueDate: dayText(day) } };
}
