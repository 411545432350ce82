/**
 * Facts of the ledger: orders, invoices, payments, credit notes, promises and
 * complaints, kept in arrays sorted by id. A fact that comes before the one it
 * speaks of waits as an orphan (F-9). Each function answers null, or why the
 * fact was refused.
 */
import type {
  ComplaintOpened,
  ComplaintResolved,
  InvoiceCredited,
  InvoiceIssued,
  OrderAmended,
  OrderCancelled,
  OrderItem,
  OrderPlaced,
  Orphan,
  PaymentItem,
  PaymentPromised,
  PaymentReceived,
  PaymentReturned,
  RefundItem,
} from "@riskwall/schemas";
import { dayMs, hourMs, localDay, monthOfDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { exactExp, exactLn } from "./exact-math.ts";
import { addMove, countMove, type Move } from "./goods.ts";
import { tallyMissed } from "./instalments.ts";
import { toBase } from "./rates.ts";
import { neededPayments, pruneRefunds } from "./refunds.ts";
import { orderRingMax, withoutOrder, type OrderMark } from "./rings.ts";
import {
  amountIn,
  cleared,
  freezePromises,
  pending,
  promiseOpen,
  returned,
  type Settlement,
} from "./settle.ts";
import { discountFrozen, discountOffered } from "./settlement-marks.ts";
import { findById, insertById } from "./sorted.ts";
import { addTally } from "./tallies.ts";
import { addToHour, addToTile } from "./tiles.ts";

/** Why the fold could not take a fact; a dead letter's code. */
export type LedgerProblem =
  | "ORDER_EXISTS"
  | "INVOICE_EXISTS"
  | "PAYMENT_EXISTS"
  | "CREDIT_EXISTS"
  | "PROMISE_EXISTS"
  | "COMPLAINT_EXISTS"
  | "DELIVERY_EXISTS"
  | "RETURN_EXISTS"
  | "LEDGER_FULL"
  | "ORPHANS_FULL";

export const orderAllowed = 0;
export const orderHeld = 1;
export const orderReleased = 2;
export const orderRejected = 3;
export const orderCancelled = 4;
export const orderExpired = 5;

export const disputeOpen = 0;
export const disputeClosed = 1;

/** True when the order counts in exposure (allowed or released). */
export function isReserved(order: OrderItem): boolean {
  return order.status === orderAllowed || order.status === orderReleased;
}

function dayOf(ms: number, moment: Moment): number {
  return localDay(ms, moment.env.rules.zoneOffsetMinutes);
}

/** Items that `ledger.itemMax` of the rule set bounds. */
export function ledgerItems({ state }: Customer): number {
  const { orders, invoices, payments } = state;
  return orders.length + invoices.length + payments.length;
}

function isFull(customer: Customer, moment: Moment): boolean {
  return ledgerItems(customer) >= moment.env.rules.ledger.itemMax;
}

/** The mark of an order in the order ring. */
export function markOf(order: OrderItem, moment: Moment): OrderMark {
  return {
    day: dayOf(order.placed, moment),
    amount: Math.max(0, order.base),
  };
}

/** Day and hour tiles of an order, added or (by -1) taken back. */
function countOrder(
  customer: Customer,
  order: OrderItem,
  moment: Moment,
  sign: 1 | -1,
): void {
  const amount = sign * Math.max(0, order.base);
  const day = dayOf(order.placed, moment);
  const { tiles } = customer;
  addToTile(tiles, moment.today, day, "orders", sign);
  addToTile(tiles, moment.today, day, "orderAmount", amount);
  const hour = Math.floor(order.placed / hourMs);
  addToHour(tiles, Math.floor(moment.now / hourMs), hour, sign, amount);
}

function markMonth(customer: Customer, day: number): void {
  const { state } = customer;
  const month = monthOfDay(day);
  if (month > state.monthLast) {
    const shift = Math.min(24, month - state.monthLast);
    state.monthMask = (state.monthMask << shift) & 0xfff;
    state.monthLast = month;
  }
  const age = state.monthLast - month;
  if (age < 12) state.monthMask |= 1 << age;
}

/** Adds an order in the given status; the caller decides about credit. */
export function placeOrder(
  customer: Customer,
  event: OrderPlaced,
  status: number,
  moment: Moment,
): OrderItem | LedgerProblem {
  const { state } = customer;
  if (findById(state.orders, event.orderId)) return "ORDER_EXISTS";
  if (isFull(customer, moment)) return "LEDGER_FULL";
  const day = dayOf(event.time, moment);
  const base = toBase(event.amount, event.currency, moment.env.rates) ?? -1;
  const order: OrderItem = {
    id: event.orderId,
    placed: event.time,
    eventId: event.eventId,
    source: event.source,
    amount: event.amount,
    currency: event.currency,
    base,
    frozen: 0,
    open: event.amount,
    due:
      event.dueDate ??
      (event.termsDays === null ? null : day + event.termsDays),
    version: 0,
    status,
    changed: day,
    recheck: 0,
    expires: 0,
    decision: null,
    goods: null,
  };
  insertById(state.orders, order);
  countOrder(customer, order, moment, 1);
  markMonth(customer, day);
  state.firstOrder = Math.min(state.firstOrder ?? day, day);
  customer.orderRing = [...customer.orderRing, markOf(order, moment)].slice(
    -orderRingMax,
  );
  adoptOrderOrphans(customer, order, moment);
  return order;
}

/** Orphans of one kind and target, oldest version first; they are consumed. */
function adopt(customer: Customer, kind: string, ref: string): typeof found {
  const { state } = customer;
  const found = state.orphans.filter((o) => o.kind === kind && o.ref === ref);
  if (found.length > 0) {
    state.orphans = state.orphans.filter((o) => !found.includes(o));
  }
  return found.sort((a, b) => a.version - b.version);
}

function addOrphan(
  customer: Customer,
  orphan: {
    kind: string;
    ref: string;
    time: number;
    amount?: number;
    version?: number;
    text?: string;
  },
  moment: Moment,
): LedgerProblem | null {
  const { orphans } = customer.state;
  if (orphans.length >= moment.env.rules.ledger.orphanMax)
    return "ORPHANS_FULL";
  const key = (o: { kind: string; ref: string; version: number }): string =>
    `${o.kind}\u0000${o.ref}\u0000${String(o.version).padStart(10, "0")}`;
  const made = { amount: 0, version: 0, text: "", ...orphan };
  let i = orphans.length;
  while (i > 0) {
    const before = orphans[i - 1];
    if (!before || key(before) <= key(made)) break;
    i -= 1;
  }
  orphans.splice(i, 0, made);
  return null;
}

/**
 * Words that waited for a paper which is here now: after a merge, what came
 * for one name may speak of a paper of the other (F-9, F-25).
 */
export function adoptWaiting(customer: Customer, moment: Moment): void {
  const { state } = customer;
  for (const { kind, ref, text } of [...state.orphans]) {
    const order = findById(state.orders, ref);
    if (order !== null && orderKinds.has(kind)) {
      adoptOrderOrphans(customer, order, moment);
    }
    const payment = kind === "return" ? findById(state.payments, ref) : null;
    if (payment !== null) {
      adopt(customer, kind, ref);
      bounce(customer, payment, moment);
    }
    if (kind === "resolve" && findById(state.complaints, ref) !== null) {
      adopt(customer, kind, ref);
      close(customer, ref, text, moment);
    }
  }
  refreshDisputes(customer);
}

const orderKinds: ReadonlySet<string> = new Set(["amend", "goods", "cancel"]);

function adoptOrderOrphans(
  customer: Customer,
  order: OrderItem,
  moment: Moment,
): void {
  for (const orphan of adopt(customer, "amend", order.id)) {
    const { amount, version, text: currency } = orphan;
    amend(customer, order, { amount, version, currency }, moment);
  }
  for (const { amount, text } of adopt(customer, "goods", order.id)) {
    const [currency, id] = [text.slice(0, 3), text.slice(3)];
    addMove(order, { id, amount, currency }, moment.today);
  }
  if (adopt(customer, "cancel", order.id).length > 0) {
    cancel(customer, order, moment);
  }
}

/** A version of an order: its amount, and the currency that is in. */
type OrderVersion = Pick<OrderAmended, "amount" | "currency" | "version">;

function amend(
  customer: Customer,
  order: OrderItem,
  { amount, currency, version }: OrderVersion,
  moment: Moment,
): boolean {
  if (version <= order.version || order.status === orderCancelled) return false;
  countOrder(customer, order, moment, -1);
  const before = markOf(order, moment);
  order.amount = amount;
  order.currency = currency;
  order.version = version;
  order.base = toBase(amount, order.currency, moment.env.rates) ?? -1;
  order.changed = Math.max(order.changed, moment.today);
  countOrder(customer, order, moment, 1);
  const at = customer.orderRing.findLastIndex(
    (mark) => mark.day === before.day && mark.amount === before.amount,
  );
  if (at >= 0) {
    customer.orderRing = customer.orderRing.with(at, markOf(order, moment));
  }
  return true;
}

/** Applies a newer version; an older one is ignored (F-24). */
export function amendOrder(
  customer: Customer,
  event: OrderAmended,
  moment: Moment,
): LedgerProblem | null {
  const order = findById(customer.state.orders, event.orderId);
  if (!order) {
    return addOrphan(
      customer,
      {
        kind: "amend",
        ref: event.orderId,
        time: event.time,
        amount: event.amount,
        version: event.version,
        text: event.currency,
      },
      moment,
    );
  }
  amend(customer, order, event, moment);
  return null;
}

function cancel(customer: Customer, order: OrderItem, moment: Moment): void {
  if (order.status === orderCancelled) return;
  countOrder(customer, order, moment, -1);
  const day = dayOf(order.placed, moment);
  addToTile(customer.tiles, moment.today, day, "cancelled", 1);
  order.status = orderCancelled;
  order.decision = null;
  order.changed = Math.max(order.changed, moment.today);
  customer.orderRing = withoutOrder(customer.orderRing, markOf(order, moment));
}

export function cancelOrder(
  customer: Customer,
  event: OrderCancelled,
  moment: Moment,
): LedgerProblem | null {
  const order = findById(customer.state.orders, event.orderId);
  if (order) {
    cancel(customer, order, moment);
    return null;
  }
  const orphan = { kind: "cancel", ref: event.orderId, time: event.time };
  return addOrphan(customer, orphan, moment);
}

/**
 * Goods went out or came back (`goods.ts`). They are counted at once; on the
 * order they wait for it like other words about it. An order that is done and
 * dropped was billed in full, and a return of it changes nothing here.
 */
export function moveGoods(
  customer: Customer,
  move: Move,
  moment: Moment,
): LedgerProblem | null {
  const { orders, orphans } = customer.state;
  const { id, orderId, amount, currency, time } = move;
  const order = findById(orders, orderId);
  const text = `${currency}${id}`;
  const isWaiting = orphans.some(
    (item) =>
      item.kind === "goods" &&
      item.ref === orderId &&
      item.text.slice(currency.length) === id,
  );
  if (isWaiting || (order && !addMove(order, move, moment.today))) {
    return amount < 0 ? "RETURN_EXISTS" : "DELIVERY_EXISTS";
  }
  if (!order) {
    const orphan = { kind: "goods", ref: orderId, time, amount, text };
    const problem = addOrphan(customer, orphan, moment);
    if (problem !== null) return problem;
  }
  countMove(customer, move, moment);
  return null;
}

export function issueInvoice(
  customer: Customer,
  event: InvoiceIssued,
  moment: Moment,
): LedgerProblem | null {
  const { state } = customer;
  if (findById(state.invoices, event.invoiceId)) return "INVOICE_EXISTS";
  if (isFull(customer, moment)) return "LEDGER_FULL";
  const base = toBase(event.amount, event.currency, moment.env.rates) ?? -1;
  insertById(state.invoices, {
    id: event.invoiceId,
    orderId: event.orderId,
    issue: event.issueDate,
    due: event.dueDate,
    amount: event.amount,
    currency: event.currency,
    base,
    frozen: 0,
    frozenDay: 0,
    credited: 0,
    open: event.amount,
    disputed: 0,
    disputedDay: 0,
    settledDay: 0,
    marks: event.discount > 0 ? discountOffered : 0,
    parts: [...event.instalments]
      .sort((a, b) => a.dueDate - b.dueDate)
      .map((part) => ({ due: part.dueDate, amount: part.amount, paid: 0 })),
  });
  const day = event.issueDate;
  addToTile(customer.tiles, moment.today, day, "invoiced", Math.max(0, base));
  state.firstOrder = Math.min(state.firstOrder ?? day, day);
  refreshDisputes(customer);
  return null;
}

export function creditInvoice(
  customer: Customer,
  event: InvoiceCredited,
  moment: Moment,
): LedgerProblem | null {
  const { credits } = customer.state;
  if (findById(credits, event.creditNoteId)) return "CREDIT_EXISTS";
  insertById(credits, {
    id: event.creditNoteId,
    invoiceId: event.invoiceId,
    amount: event.amount,
    currency: event.currency,
    day: dayOf(event.time, moment),
  });
  return null;
}

export function receivePayment(
  customer: Customer,
  event: PaymentReceived,
  moment: Moment,
): LedgerProblem | null {
  const { state } = customer;
  const known = findById(state.payments, event.paymentId);
  if (known) {
    // A pending payment that clears is the same payment (F-12).
    if (known.status !== pending || event.state !== "cleared") {
      return "PAYMENT_EXISTS";
    }
    known.status = cleared;
    known.day = event.valueDate;
    countPayment(customer, known.day, known.base, moment, 1);
    return null;
  }
  if (isFull(customer, moment)) return "LEDGER_FULL";
  const base = toBase(event.amount, event.currency, moment.env.rates) ?? -1;
  const bounced = adopt(customer, "return", event.paymentId).length > 0;
  // A return that came first holds, whatever the payment says (F-9).
  const status = bounced
    ? returned
    : event.state === "pending"
      ? pending
      : cleared;
  insertById(state.payments, {
    id: event.paymentId,
    day: event.valueDate,
    amount: event.amount,
    currency: event.currency,
    base,
    invoiceId: event.invoiceId,
    orderId: event.orderId,
    allocations: event.allocations.map((a) => ({
      invoiceId: a.invoiceId,
      amount: a.amount,
      discount: a.discount,
    })),
    status,
    free: 0,
  });
  if (status === cleared) {
    countPayment(customer, event.valueDate, base, moment, 1);
  }
  if (bounced) {
    addToTile(customer.tiles, moment.today, event.valueDate, "returned", 1);
  }
  return null;
}

function countPayment(
  customer: Customer,
  day: number,
  base: number,
  moment: Moment,
  sign: 1 | -1,
): void {
  const { tiles } = customer;
  addToTile(tiles, moment.today, day, "payments", sign);
  const amount = sign * Math.max(0, base);
  addToTile(tiles, moment.today, day, "paymentAmount", amount);
}

/** A return reopens what the payment settled, with original due dates (F-13). */
export function returnPayment(
  customer: Customer,
  event: PaymentReturned,
  moment: Moment,
): LedgerProblem | null {
  const payment = findById(customer.state.payments, event.paymentId);
  if (!payment) {
    const orphan = { kind: "return", ref: event.paymentId, time: event.time };
    return addOrphan(customer, orphan, moment);
  }
  bounce(customer, payment, moment);
  return null;
}

function bounce(
  customer: Customer,
  payment: PaymentItem,
  moment: Moment,
): void {
  if (payment.status === returned) return;
  if (payment.status === cleared) {
    countPayment(customer, payment.day, payment.base, moment, -1);
  }
  payment.status = returned;
  addToTile(customer.tiles, moment.today, payment.day, "returned", 1);
}

export function promisePayment(
  customer: Customer,
  event: PaymentPromised,
  moment: Moment,
): LedgerProblem | null {
  const { promises } = customer.state;
  if (findById(promises, event.promiseId)) return "PROMISE_EXISTS";
  insertById(promises, {
    id: event.promiseId,
    amount: event.amount,
    currency: event.currency,
    day: event.promiseDate,
    made: dayOf(event.time, moment),
    received: 0,
    frozen: 0,
    status: promiseOpen,
    invoiceIds: [...event.invoiceIds].sort(),
  });
  return null;
}

/** Half-life of the tone of complaints, ms (D3). */
const toneHalfLifeMs = 60 * dayMs;

/**
 * cmp_sent_ewma (C10.2): in log order; one that speaks of an earlier time than
 * the newest known is taken as of then.
 */
function hearTone({ state }: Customer, sentiment: number, time: number): void {
  const x = sentiment / 1000;
  const known = state.sentiment;
  if (known === null) {
    state.sentiment = { value: x, at: time, n: 1 };
    return;
  }
  const passed = Math.max(0, time - known.at);
  const alpha = 1 - exactExp((-passed * exactLn(2)) / toneHalfLifeMs);
  state.sentiment = {
    value: known.value + alpha * (x - known.value),
    at: Math.max(known.at, time),
    n: known.n + 1,
  };
}

export function openComplaint(
  customer: Customer,
  event: ComplaintOpened,
  moment: Moment,
): LedgerProblem | null {
  const { complaints } = customer.state;
  if (findById(complaints, event.complaintId)) return "COMPLAINT_EXISTS";
  const day = dayOf(event.time, moment);
  const meaning = event.facts?.meaning ?? "fault";
  const severity = event.severity ?? event.facts?.severity ?? 200;
  const { tiles } = customer;
  addToTile(tiles, moment.today, day, "complaints", 1);
  if ((event.disputedAmount ?? 0) > 0) {
    addToTile(tiles, moment.today, day, "disputes", 1);
    const { rates, rules } = moment.env;
    const currency = event.currency ?? rules.currency;
    const value = toBase(event.disputedAmount ?? 0, currency, rates) ?? 0;
    const { tallies } = customer;
    addTally(tallies, moment.today, day, "disputedAmount", value);
  }
  const name =
    meaning === "liquidity"
      ? "severityLiquidity"
      : meaning === "refusal"
        ? "severityRefusal"
        : "severityFault";
  addToTile(tiles, moment.today, day, name, severity);
  insertById(complaints, {
    id: event.complaintId,
    day,
    meaning,
    severity,
    invoiceId: event.invoiceId,
    disputed: event.disputedAmount ?? 0,
    status: disputeOpen,
  });
  if (event.facts !== null)
    hearTone(customer, event.facts.sentiment, event.time);
  for (const orphan of adopt(customer, "resolve", event.complaintId)) {
    close(customer, event.complaintId, orphan.text, moment);
  }
  refreshDisputes(customer);
  return null;
}

function close(
  customer: Customer,
  id: string,
  outcome: string,
  moment: Moment,
): void {
  const complaint = findById(customer.state.complaints, id);
  if (!complaint || complaint.status === disputeClosed) return;
  complaint.status = disputeClosed;
  if (complaint.disputed === 0) return;
  const { tiles } = customer;
  addToTile(tiles, moment.today, complaint.day, "disputesClosed", 1);
  if (outcome === "rejected") {
    addToTile(tiles, moment.today, complaint.day, "disputesRejected", 1);
  }
}

export function resolveComplaint(
  customer: Customer,
  event: ComplaintResolved,
  moment: Moment,
): LedgerProblem | null {
  const { complaints } = customer.state;
  if (!findById(complaints, event.complaintId)) {
    return addOrphan(
      customer,
      {
        kind: "resolve",
        ref: event.complaintId,
        time: event.time,
        text: event.outcome,
      },
      moment,
    );
  }
  close(customer, event.complaintId, event.outcome, moment);
  refreshDisputes(customer);
  return null;
}

/** Disputed part of each invoice, from its open complaints (F-20). */
function refreshDisputes(customer: Customer): void {
  const { invoices, complaints } = customer.state;
  for (const invoice of invoices) {
    invoice.disputed = 0;
    invoice.disputedDay = 0;
  }
  for (const complaint of complaints) {
    if (complaint.status !== disputeOpen || complaint.disputed === 0) continue;
    const invoice = invoices.find((item) => item.id === complaint.invoiceId);
    if (!invoice) continue;
    invoice.disputed += complaint.disputed;
    invoice.disputedDay =
      invoice.disputedDay === 0
        ? complaint.day
        : Math.min(invoice.disputedDay, complaint.day);
  }
}

/**
 * Drops what can no longer change: called once per local day (`roll`).
 * Answers the orphans that waited in vain.
 */
export function prune(
  customer: Customer,
  { allocations, offsets }: Settlement,
  moment: Moment,
): Orphan[] {
  const { state } = customer;
  const { ledger } = moment.env.rules;
  const oldest = moment.today - ledger.keepDays;
  const gone = new Set<string>();
  const needed = neededPayments(customer, offsets);
  for (const payment of state.payments) {
    const done =
      !needed.has(payment.id) &&
      (payment.status === returned ||
        (payment.status === cleared && payment.free === 0));
    if (done && payment.day < oldest) gone.add(payment.id);
  }
  freezePromises(
    customer,
    allocations.filter(({ payment }) => gone.has(payment.id)),
    moment,
  );
  const touched = new Set<string>();
  for (const { payment, invoice, amount, discount } of allocations) {
    if (!gone.has(payment.id)) {
      touched.add(invoice.id);
      continue;
    }
    invoice.frozen += amount + discount;
    if (discount > 0) invoice.marks |= discountFrozen;
    invoice.frozenDay = Math.max(invoice.frozenDay, payment.day);
  }
  state.payments = state.payments.filter((item) => !gone.has(item.id));
  const orphanDay = moment.today - ledger.orphanDays;
  const vain = pruneRefunds(customer, gone, offsets, orphanDay);
  dropInvoices(customer, touched, oldest, moment);
  const changedBefore = moment.today - 8;
  state.orders = state.orders.filter((order) => {
    const done =
      order.open === 0 || !(isReserved(order) || order.status === orderHeld);
    const isUnbilled = (order.goods?.unbilled ?? 0) > 0;
    return !done || isUnbilled || order.changed >= changedBefore;
  });
  state.promises = state.promises.filter(
    (item) => item.status === promiseOpen || item.day >= moment.today - 90,
  );
  const { cmp03 } = moment.env.rules.rules;
  state.complaints = state.complaints.filter((item) => {
    const isDispute = item.status === disputeOpen && item.disputed > 0;
    const days = isDispute
      ? 365
      : item.meaning === "liquidity"
        ? cmp03.days
        : 30;
    return item.day >= moment.today - days;
  });
  const isUsed = (item: { readonly day: number; readonly invoiceId: string }) =>
    item.day >= orphanDay || findById(state.invoices, item.invoiceId) !== null;
  state.credits = state.credits.filter(isUsed);
  state.writeOffs = state.writeOffs.filter(isUsed);
  const orphanOldest = moment.now - ledger.orphanDays * dayMs;
  const expired = state.orphans.filter((item) => item.time < orphanOldest);
  if (expired.length > 0) {
    state.orphans = state.orphans.filter((item) => item.time >= orphanOldest);
  }
  return [
    ...expired.filter(({ kind, amount }) => kind !== "goods" || amount > 0),
    ...vain.map(orphanOf),
  ];
}

/** A refund whose payment never came. */
function orphanOf({ paymentId, amount, currency }: RefundItem): Orphan {
  const text = currency;
  return { kind: "refund", ref: paymentId, time: 0, amount, version: 0, text };
}

function dropInvoices(
  customer: Customer,
  touched: ReadonlySet<string>,
  oldest: number,
  moment: Moment,
): void {
  const { state } = customer;
  const dropped = new Set<string>();
  for (const invoice of state.invoices) {
    if (invoice.settledDay === 0 || invoice.settledDay >= oldest) continue;
    if (touched.has(invoice.id)) continue;
    dropped.add(invoice.id);
    tallyMissed(customer, invoice, moment);
    const order = state.orders.find((item) => item.id === invoice.orderId);
    if (order) {
      order.frozen += amountIn(order.currency, invoice, moment.env.rates);
    }
  }
  if (dropped.size === 0) return;
  state.invoices = state.invoices.filter((item) => !dropped.has(item.id));
  const isLeft = (item: { readonly invoiceId: string }): boolean =>
    !dropped.has(item.invoiceId);
  state.credits = state.credits.filter(isLeft);
  state.writeOffs = state.writeOffs.filter(isLeft);
}
