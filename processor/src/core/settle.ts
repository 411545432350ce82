/**
 * Allocation of money to invoices, recomputed from the set of kept facts in a
 * canonical order, so that no order of arrival changes the ledger (F-9, F-16).
 *
 * Passes, payments in (value date, id) order: 1. what names its invoice or
 * order; 2. the rest: exact amount, promised invoices, oldest due first. Only
 * cleared money counts (F-12); credit notes lower the invoice, not the payment
 * record (F-17). A residual below tolerance is written off (F-15).
 */
import { addMinor } from "@riskwall/schemas/money";
import type { InvoiceItem, PaymentItem, PromiseItem } from "@riskwall/schemas";
import { addBusinessDays, rollForward } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { advanceRhythm } from "./payment-rhythm.ts";
import { converted, splitOrder } from "./goods.ts";
import { datePlan } from "./instalments.ts";
import { finishRefunds, goneBefore, refundsByPayment } from "./refunds.ts";
import type { Offset } from "./refunds.ts";
import { delayRingMax } from "./rings.ts";
import { fromBase, type Rates } from "./rates.ts";
import { countManner } from "./settlement-marks.ts";
import { compareText, indexById } from "./sorted.ts";
import { addToTile } from "./tiles.ts";

export const cleared = 0;
export const pending = 1;
export const returned = 2;

export const promiseOpen = 0;
export const promiseKept = 1;
export const promiseBroken = 2;

/** One allocation made by `settle`; not stored, always recomputed. */
export interface Allocation {
  readonly payment: PaymentItem;
  readonly invoice: InvoiceItem;
  readonly amount: number;
  /** Cash discount taken with it, beside the amount. */
  readonly discount: number;
}

/** What money did; not stored, always recomputed. */
export interface Settlement {
  readonly allocations: readonly Allocation[];
  readonly offsets: readonly Offset[];
}

/** Per invoice, in the order of the state's invoices. */
interface Work {
  readonly invoices: readonly InvoiceItem[];
  readonly left: number[];
  readonly lastDay: number[];
  readonly made: Allocation[];
  /** Indexes of the open invoices, oldest due first; made when first needed. */
  open: readonly number[] | null;
  /** Payments that paid it, by index; absent = none. */
  readonly times: number[];
  readonly lastPayer: PaymentItem[];
  readonly discounted: Set<number>;
  /** Invoices of which something was written off; null = none at all. */
  readonly writtenOff: ReadonlySet<string> | null;
  readonly refunds: ReturnType<typeof refundsByPayment>;
}

/** Recomputes open amounts, settlements, free cash and promises. */
export function settle(customer: Customer, moment: Moment): Settlement {
  const { state } = customer;
  const work = begin(customer);
  const payments = state.payments
    .filter((item) => item.status === cleared)
    .sort((a, b) => a.day - b.day || compareText(a.id, b.id));
  for (const payment of state.payments) payment.free = 0;
  for (const payment of payments) {
    payment.free = payment.amount;
    allocateNamed(payment, work);
  }
  for (const payment of payments) {
    if (payment.free > 0 && isUnnamed(payment)) {
      allocateRest(customer, payment, work);
    }
  }
  const offsets = finishRefunds(customer, payments);
  finishInvoices(customer, work, moment);
  finishOrders(customer, moment.env.rates);
  finishPromises(customer, work, moment);
  return { allocations: work.made, offsets };
}

function begin(customer: Customer): Work {
  const { invoices, credits, writeOffs } = customer.state;
  const taken = invoices.map((invoice) => invoice.credited);
  for (const { invoiceId, currency, amount } of [...credits, ...writeOffs]) {
    const at = indexById(invoices, invoiceId);
    // Another currency cannot be taken off unit by unit (F-1, F-4).
    if (invoices[at]?.currency !== currency) continue;
    taken[at] = addMinor(taken[at] ?? 0, amount);
  }
  const left = invoices.map((invoice, i) =>
    Math.max(0, invoice.amount - invoice.frozen - (taken[i] ?? 0)),
  );
  const lastDay = invoices.map((invoice) => invoice.frozenDay);
  return {
    ...{ invoices, left, lastDay, made: [], open: null },
    ...{ times: [], lastPayer: [], discounted: new Set<number>() },
    writtenOff:
      writeOffs.length === 0
        ? null
        : new Set(writeOffs.map(({ invoiceId }) => invoiceId)),
    refunds: refundsByPayment(customer),
  };
}

function isUnnamed(payment: PaymentItem): boolean {
  return (
    payment.invoiceId === null &&
    payment.orderId === null &&
    payment.allocations.length === 0
  );
}

/** Moves money to the invoice at index `at`; -1 = not known, nothing moves. */
function take(
  payment: PaymentItem,
  at: number,
  atMost: number,
  work: Work,
): void {
  const invoice = work.invoices[at];
  if (payment.currency !== invoice?.currency) return;
  const open = work.left[at] ?? 0;
  const refunds = work.refunds?.get(payment.id);
  const gone = refunds
    ? goneBefore(refunds, invoice.issue, payment.currency)
    : 0;
  const amount = Math.min(payment.free - gone, open, atMost);
  if (amount <= 0) return;
  payment.free -= amount;
  note({ payment, invoice, amount, discount: 0 }, at, work);
}

function note(made: Allocation, at: number, work: Work): void {
  const { payment, amount, discount } = made;
  work.left[at] = (work.left[at] ?? 0) - amount - discount;
  work.lastDay[at] = Math.max(work.lastDay[at] ?? 0, payment.day);
  work.made.push(made);
  if (work.lastPayer[at] !== payment) {
    work.times[at] = (work.times[at] ?? 0) + 1;
    work.lastPayer[at] = payment;
  }
}

/** The cash discount that a payment says it took (PAY-08). */
function takeDiscount(
  payment: PaymentItem,
  at: number,
  atMost: number,
  work: Work,
): void {
  const invoice = work.invoices[at];
  if (payment.currency !== invoice?.currency) return;
  const discount = Math.min(work.left[at] ?? 0, atMost);
  if (discount <= 0) return;
  work.discounted.add(at);
  note({ payment, invoice, amount: 0, discount }, at, work);
}

/** Oldest due first; the order of the state, by id, breaks ties. */
function sortByDue({ invoices }: Work, indexes: number[]): number[] {
  const due = (at: number): number => invoices[at]?.due ?? 0;
  return indexes.sort((a, b) => due(a) - due(b) || a - b);
}

function allocateNamed(payment: PaymentItem, work: Work): void {
  const { invoices } = work;
  for (const { invoiceId, amount, discount } of payment.allocations) {
    const at = indexById(invoices, invoiceId);
    take(payment, at, amount, work);
    if (discount > 0) takeDiscount(payment, at, discount, work);
  }
  if (payment.invoiceId !== null) {
    take(payment, indexById(invoices, payment.invoiceId), payment.free, work);
  } else if (payment.orderId !== null) {
    const ofOrder: number[] = [];
    invoices.forEach(({ orderId }, at) => {
      if (orderId === payment.orderId) ofOrder.push(at);
    });
    for (const at of sortByDue(work, ofOrder)) {
      take(payment, at, payment.free, work);
    }
  }
}

/** Open invoices in a currency, oldest due first. */
function openIn(currency: string, work: Work): number[] {
  work.open ??= sortByDue(
    work,
    work.left.flatMap((left, at) => (left > 0 ? [at] : [])),
  );
  return work.open.filter(
    (at) =>
      (work.left[at] ?? 0) > 0 && work.invoices[at]?.currency === currency,
  );
}

function allocateRest(
  customer: Customer,
  payment: PaymentItem,
  work: Work,
): void {
  const { promises } = customer.state;
  const open = openIn(payment.currency, work);
  const exact = open.find((at) => work.left[at] === payment.free);
  if (exact !== undefined) {
    take(payment, exact, payment.free, work);
    return;
  }
  const promised = new Set(
    promises
      .filter((item) => payment.day >= item.made && payment.day <= item.day)
      .flatMap((item) => item.invoiceIds),
  );
  for (const at of open) {
    const invoice = work.invoices[at];
    if (invoice && promised.has(invoice.id)) {
      take(payment, at, payment.free, work);
    }
  }
  for (const at of open) {
    if (payment.free === 0) return;
    take(payment, at, payment.free, work);
  }
}

/** Residual that is written off once something was paid (F-15). */
function tolerated(invoice: InvoiceItem, { env }: Moment): number {
  const { floor, share } = env.rules.residual;
  return Math.min(
    fromBase(floor, invoice.currency, env.rates) ?? 0,
    Math.floor(invoice.amount * share),
  );
}

function finishInvoices(customer: Customer, work: Work, moment: Moment): void {
  for (const [at, invoice] of work.invoices.entries()) {
    const lastDay = work.lastDay[at] ?? 0;
    let left = work.left[at] ?? 0;
    if (invoice.parts.length > 1) datePlan(invoice, left, work.made);
    if (left > 0 && lastDay > 0 && left <= tolerated(invoice, moment)) left = 0;
    invoice.open = left;
    // What was written off was not paid: no payment behaviour.
    const isPaid = lastDay > 0 && work.writtenOff?.has(invoice.id) !== true;
    const settledDay = left > 0 ? 0 : isPaid ? lastDay : invoice.issue;
    const dayBefore = invoice.settledDay;
    if (settledDay !== dayBefore) {
      if (dayBefore !== 0) observe(customer, invoice, moment, -1);
      invoice.settledDay = settledDay;
      if (settledDay !== 0) observe(customer, invoice, moment, 1);
    }
    const times = (work.times[at] ?? 0) + (invoice.frozen > 0 ? 1 : 0);
    if (invoice.marks === 0 && times <= 1) continue;
    const tookDiscount = work.discounted.has(at);
    countManner(customer, invoice, dayBefore, { times, tookDiscount }, moment);
  }
}

/** Days beyond terms of a settled invoice, against its rolled due date. */
export function daysBeyondTerms(invoice: InvoiceItem, moment: Moment): number {
  const due = rollForward(invoice.due, moment.env.rules.calendar);
  return (
    invoice.settledDay - (invoice.settledDay <= invoice.due ? invoice.due : due)
  );
}

/** Adds (or, by -1, withdraws: F-13) the payment record of a settlement. */
function observe(
  customer: Customer,
  invoice: InvoiceItem,
  moment: Moment,
  sign: 1 | -1,
): void {
  const day = invoice.settledDay;
  // Prepaid (F-19) or settled by credit alone (F-17): no payment behaviour.
  if (day <= invoice.issue) return;
  const dbt = daysBeyondTerms(invoice, moment);
  const late = dbt > moment.env.rules.graceDays;
  const base = Math.max(0, invoice.base);
  const { tiles } = customer;
  addToTile(tiles, moment.today, day, "settled", sign);
  addToTile(tiles, moment.today, day, "settledAmount", sign * base);
  if (late) {
    addToTile(tiles, moment.today, day, "late", sign);
    addToTile(tiles, moment.today, day, "lateAmount", sign * base);
  }
  if (sign === 1) {
    const ring = [...customer.delayRing, { day, dbt }];
    customer.delayRing = ring.slice(-delayRingMax);
    advanceRhythm(customer, dbt, moment.env.rules);
    return;
  }
  const at = customer.delayRing.findLastIndex(
    (mark) => mark.day === day && mark.dbt === dbt,
  );
  if (at >= 0) customer.delayRing = customer.delayRing.toSpliced(at, 1);
}

/** An invoice's amount in a currency, at today's rate where it is another. */
export function amountIn(
  currency: string,
  invoice: InvoiceItem,
  rates: Rates,
): number {
  return converted(invoice.amount, invoice.currency, currency, rates);
}

function finishOrders(customer: Customer, rates: Rates): void {
  const { orders, invoices } = customer.state;
  for (const order of orders) {
    let invoiced = order.frozen;
    for (const invoice of invoices) {
      if (invoice.orderId !== order.id) continue;
      invoiced += amountIn(order.currency, invoice, rates);
    }
    order.open = Math.max(0, order.amount - invoiced);
    if (order.goods === null) continue;
    const split = splitOrder(order, order.goods, invoiced, rates);
    order.open = split.open;
    order.goods.unbilled = split.unbilled;
  }
}

/** What of an allocation counts for a promise that runs until `last`. */
function receivedFor(
  promise: PromiseItem,
  { payment, invoice, amount }: Allocation,
  last: number,
): number {
  if (payment.day < promise.made || payment.day > last) return 0;
  if (payment.currency !== promise.currency) return 0;
  const { invoiceIds } = promise;
  return invoiceIds.length === 0 || invoiceIds.includes(invoice.id)
    ? amount
    : 0;
}

/** Last day on which money keeps the promise. */
function lastDayOf(promise: PromiseItem, { env }: Moment): number {
  const { calendar, rules } = env.rules;
  return addBusinessDays(promise.day, rules.pay05.businessDays, calendar);
}

/** Keeps for the promises what allocations of dropped payments brought them. */
export function freezePromises(
  customer: Customer,
  gone: readonly Allocation[],
  moment: Moment,
): void {
  if (gone.length === 0) return;
  for (const promise of customer.state.promises) {
    const last = lastDayOf(promise, moment);
    for (const made of gone) promise.frozen += receivedFor(promise, made, last);
  }
}

function finishPromises(customer: Customer, work: Work, moment: Moment): void {
  const { pay05 } = moment.env.rules.rules;
  for (const promise of customer.state.promises) {
    const last = lastDayOf(promise, moment);
    promise.received = work.made.reduce(
      (sum, made) => sum + receivedFor(promise, made, last),
      promise.frozen,
    );
    const kept = promise.received >= promise.amount * pay05.keptShare;
    const status = kept
      ? promiseKept
      : moment.today > last
        ? promiseBroken
        : promiseOpen;
    if (status === promise.status) continue;
    countPromise(customer, promise.status, promise.day, moment, -1);
    promise.status = status;
    countPromise(customer, promise.status, promise.day, moment, 1);
  }
}

function countPromise(
  customer: Customer,
  status: number,
  day: number,
  moment: Moment,
  sign: 1 | -1,
): void {
  if (status === promiseOpen) return;
  const name = status === promiseKept ? "promisesKept" : "promisesBroken";
  addToTile(customer.tiles, moment.today, day, name, sign);
}
