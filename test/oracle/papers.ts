/** A customer's papers: raw events grouped by the id they speak of. */
import type {
  ComplaintOpened,
  InvoiceIssued,
  NamedRecord,
  OrderPlaced,
  PaymentPromised,
  PaymentReceived,
  PaymentRefunded,
} from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Applied, CustomerRecord } from "./chronicle.ts";

const dayMs = 86_400_000;

/** A record's fields with the moment it was applied at. */
export interface Said<T> {
  readonly value: T;
  readonly at: Applied;
}

export interface OrderPaper extends Said<OrderPlaced> {
  /** Newest version's amount (F-24); its moment gives the rate of features. */
  amount: bigint;
  currency: string;
  amountAt: Applied;
  version: number;
  cancelled: boolean;
  /** Goods that went out and came back. */
  delivered: Money[];
  returned: Money[];
}

/** An amount in its currency. */
export interface Money {
  readonly amount: bigint;
  readonly currency: string;
}

export interface RefundPaper extends Money {
  readonly id: string;
  readonly day: number;
}

export interface InvoicePaper extends Said<InvoiceIssued> {
  /** Credit notes and write-offs. */
  readonly credits: readonly { readonly amount: bigint }[];
  readonly isWrittenOff: boolean;
}

export interface PaymentPaper extends Said<PaymentReceived> {
  /** Value day, of the clearing record where the payment was pending. */
  readonly day: number;
  readonly state: "cleared" | "pending" | "returned";
  /** In its own currency, oldest first (F-18). */
  readonly refunds: readonly RefundPaper[];
}

export interface ComplaintPaper extends Said<ComplaintOpened> {
  readonly day: number;
  readonly severity: number;
  readonly meaning: string;
  readonly outcome: string | null;
}

export interface PromisePaper extends Said<PaymentPromised> {
  readonly made: number;
}

export interface Papers {
  readonly orders: Map<string, OrderPaper>;
  readonly invoices: Map<string, InvoicePaper>;
  readonly payments: Map<string, PaymentPaper>;
  readonly promises: Map<string, PromisePaper>;
  readonly complaints: Map<string, ComplaintPaper>;
}

type ValueOf<Name> = Extract<NamedRecord, { name: Name }>["value"];

/** Everything of one type that was said, in log order. */
export function saidOf<Name extends CustomerRecord["name"]>(
  events: readonly Applied[],
  name: Name,
): Said<ValueOf<Name>>[] {
  return events
    .filter((at) => at.record.name === name)
    .map((at) => ({ value: at.record.value as ValueOf<Name>, at }));
}

/** By event time: what is older never takes the place of what is newer (F-9). */
export function byTime(events: readonly Applied[]): Applied[] {
  return [...events].sort((a, b) => a.record.value.time - b.record.value.time);
}

/** The first record of an id counts; another event under it is refused. */
export function firstById<T>(
  said: readonly Said<T>[],
  idOf: (value: T) => string,
): Map<string, Said<T>> {
  const first = new Map<string, Said<T>>();
  for (const item of said) {
    const id = idOf(item.value);
    if (!first.has(id)) first.set(id, item);
  }
  return first;
}

/**
 * What was said before its paper existed counts only while it waited no longer
 * than the orphans' days (F-9); what was said after always counts.
 */
function reaches(word: Applied, paper: Applied): boolean {
  if (word.offset > paper.offset) return true;
  const waitedMs = paper.now - word.record.value.time;
  return waitedMs <= paper.rules.ledger.orphanDays * dayMs;
}

function dayOf(at: Applied): number {
  return localDay(at.record.value.time, at.rules.zoneOffsetMinutes);
}

/** Groups the events of a customer. Pure; the whole of it, every time. */
export function papersOf(events: readonly Applied[]): Papers {
  return {
    orders: ordersOf(events),
    invoices: invoicesOf(events),
    payments: paymentsOf(events),
    promises: new Map(
      [
        ...firstById(
          saidOf(events, "PaymentPromised"),
          (value) => value.promiseId,
        ),
      ].map(([id, said]) => [id, { ...said, made: dayOf(said.at) }]),
    ),
    complaints: complaintsOf(events),
  };
}

function ordersOf(events: readonly Applied[]): Map<string, OrderPaper> {
  const orders = new Map<string, OrderPaper>();
  const placed = firstById(saidOf(events, "OrderPlaced"), (v) => v.orderId);
  for (const [id, said] of placed) {
    orders.set(id, {
      ...said,
      amount: BigInt(said.value.amount),
      currency: said.value.currency,
      amountAt: said.at,
      version: 0,
      cancelled: false,
      delivered: goodsOf(
        said,
        saidOf(events, "DeliveryCompleted"),
        (v) => v.deliveryId,
      ),
      returned: goodsOf(
        said,
        saidOf(events, "OrderReturned"),
        (v) => v.returnId,
      ),
    });
  }
  for (const { value, at } of saidOf(events, "OrderCancelled")) {
    const order = orders.get(value.orderId);
    if (order && reaches(at, order.at)) order.cancelled = true;
  }
  for (const { value, at } of saidOf(events, "OrderAmended")) {
    const order = orders.get(value.orderId);
    if (!order || !reaches(at, order.at)) continue;
    if (value.version <= order.version) continue;
    order.version = value.version;
    order.amount = BigInt(value.amount);
    order.currency = value.currency;
    order.amountAt = at.offset < order.at.offset ? order.at : at;
  }
  return orders;
}

/** Moves of an order's goods, each id once. */
function goodsOf<
  T extends {
    readonly orderId: string;
    readonly amount: number;
    readonly currency: string;
  },
>(
  order: Said<OrderPlaced>,
  said: readonly Said<T>[],
  idOf: (value: T) => string,
): Money[] {
  const own = said
    .filter(({ value }) => value.orderId === order.value.orderId)
    .filter(({ at }) => reaches(at, order.at));
  return [...firstById(own, idOf).values()].map(({ value }) => ({
    amount: BigInt(value.amount),
    currency: value.currency,
  }));
}

function invoicesOf(events: readonly Applied[]): Map<string, InvoicePaper> {
  const issued = firstById(saidOf(events, "InvoiceIssued"), (v) => v.invoiceId);
  const notes = firstById(
    saidOf(events, "InvoiceCredited"),
    (v) => v.creditNoteId,
  );
  const byInvoice = Map.groupBy(notes.values(), (v) => v.value.invoiceId);
  const losses = firstById(
    saidOf(events, "InvoiceWrittenOff"),
    (v) => v.writeOffId,
  );
  const lossByInvoice = Map.groupBy(losses.values(), (v) => v.value.invoiceId);
  return new Map(
    [...issued].map(([id, said]) => {
      const written = lossByInvoice.get(id) ?? [];
      const credits = [...(byInvoice.get(id) ?? []), ...written]
        .filter(({ at }) => reaches(at, said.at))
        // Another currency cannot be taken off unit by unit (F-1, F-4).
        .filter(({ value }) => value.currency === said.value.currency)
        .map(({ value }) => ({ amount: BigInt(value.amount) }));
      const isWrittenOff = written.some(({ at }) => reaches(at, said.at));
      return [id, { ...said, credits, isWrittenOff }];
    }),
  );
}

function paymentsOf(events: readonly Applied[]): Map<string, PaymentPaper> {
  const said = saidOf(events, "PaymentReceived");
  const first = firstById(said, (value) => value.paymentId);
  const cleared = firstById(
    said.filter(({ value }) => value.state === "cleared"),
    (value) => value.paymentId,
  );
  const returns = Map.groupBy(
    saidOf(events, "PaymentReturned"),
    ({ value }) => value.paymentId,
  );
  const refunds = firstById(
    saidOf(events, "PaymentRefunded"),
    (value) => value.refundId,
  );
  return new Map(
    [...first].map(([id, item]) => {
      const clearing = cleared.get(id);
      const words = returns.get(id) ?? [];
      const bounced = words.some(({ at }) => reaches(at, item.at));
      // No order of arrival brings a returned payment back (F-9, F-13).
      const state = bounced ? "returned" : clearing ? "cleared" : "pending";
      return [
        id,
        {
          ...item,
          day: (clearing ?? item).value.valueDate,
          state,
          refunds: refundsOf(item, [...refunds.values()]),
        } as const,
      ];
    }),
  );
}

/** Refunds of a payment, in its currency, oldest first. */
function refundsOf(
  { value: payment, at: paid }: Said<PaymentReceived>,
  all: readonly Said<PaymentRefunded>[],
): RefundPaper[] {
  return all
    .filter(({ value }) => value.paymentId === payment.paymentId)
    .filter(({ value }) => value.currency === payment.currency)
    .map(({ value, at }) => ({
      id: value.refundId,
      ...{ amount: BigInt(value.amount), currency: value.currency },
      day: value.valueDate ?? dayOf(at),
      at,
    }))
    .filter(({ day, at }) => {
      if (at.offset > paid.offset) return true;
      const today = localDay(paid.now, paid.rules.zoneOffsetMinutes);
      return today - day <= paid.rules.ledger.orphanDays;
    })
    .sort((a, b) => a.day - b.day || (a.id < b.id ? -1 : 1));
}

/** Thousandths where neither the sender nor the text says how severe. */
const severityDefault = 200;

function complaintsOf(events: readonly Applied[]): Map<string, ComplaintPaper> {
  const opened = firstById(
    saidOf(events, "ComplaintOpened"),
    (value) => value.complaintId,
  );
  const resolved = saidOf(events, "ComplaintResolved");
  return new Map(
    [...opened].map(([id, said]) => {
      const { value, at } = said;
      const end = resolved.find(
        (item) => item.value.complaintId === id && reaches(item.at, at),
      );
      return [
        id,
        {
          ...said,
          day: dayOf(at),
          severity: value.severity ?? value.facts?.severity ?? severityDefault,
          // Without a text a complaint blames the seller until somebody says more.
          meaning: value.facts?.meaning ?? "fault",
          outcome: end?.value.outcome ?? null,
        },
      ];
    }),
  );
}
