/**
 * Orders, invoices and payments of a customer as bytes. A list is its items
 * one after the other; an item is a bit mask, then its fields in the order
 * below, those of unset bits left out. Ids lean on the item before, which is
 * near because lists are sorted by id. A new optional field takes the next bit
 * and comes last: what was written before reads on.
 */
import {
  createReader,
  packed,
  putSigned,
  putText,
  putUnsigned,
  type Reader,
} from "./packing.ts";
import type {
  Goods,
  InvoiceItem,
  OrderDecision,
  OrderItem,
  PaymentItem,
} from "./records.ts";

const dayMs = 86_400_000;

/** Bit `n` of a mask where a condition holds. */
const bit = (isSet: boolean, n: number): number => (isSet ? 1 << n : 0);

const has = (mask: number, bit: number): boolean => (mask & (1 << bit)) !== 0;

/** What an open amount mostly is: nothing (neither bit), or the whole. */
const isPart = (open: number, amount: number): boolean =>
  open !== 0 && open !== amount;

const openOf = (r: Reader, mask: number, bit: number, whole: number): number =>
  has(mask, bit + 1) ? r.signed() : has(mask, bit) ? whole : 0;

/**
 * Mask: currency, source, base ≠ amount, open whole, open in part, due, frozen,
 * version, status, changed ≠ day placed, recheck, expires, decision, goods.
 * Fields: id, event id, placed − placed before, amount, then by bit.
 */
function putOrders(list: readonly OrderItem[]): void {
  let last = { id: "", eventId: "", source: "", currency: "", placed: 0 };
  for (const item of list) {
    const { amount, open, due, decision } = item;
    const placedDay = Math.floor(item.placed / dayMs);
    putUnsigned(
      bit(item.currency !== last.currency, 0) |
        bit(item.source !== last.source, 1) |
        bit(item.base !== amount, 2) |
        bit(open !== 0 && open === amount, 3) |
        bit(isPart(open, amount), 4) |
        bit(due !== null, 5) |
        bit(item.frozen !== 0, 6) |
        bit(item.version !== 0, 7) |
        bit(item.status !== 0, 8) |
        bit(item.changed !== placedDay, 9) |
        bit(item.recheck !== 0, 10) |
        bit(item.expires !== 0, 11) |
        bit(decision !== null, 12) |
        bit(item.goods !== null, 13),
    );
    putText(item.id, last.id);
    putText(item.eventId, last.eventId);
    putSigned(item.placed - last.placed);
    putSigned(amount);
    if (item.currency !== last.currency) putText(item.currency, "");
    if (item.source !== last.source) putText(item.source, "");
    if (item.base !== amount) putSigned(item.base);
    if (isPart(open, amount)) putSigned(open);
    if (due !== null) putSigned(due - placedDay);
    if (item.frozen !== 0) putSigned(item.frozen);
    if (item.version !== 0) putSigned(item.version);
    if (item.status !== 0) putSigned(item.status);
    if (item.changed !== placedDay) putSigned(item.changed - placedDay);
    if (item.recheck !== 0) putSigned(item.recheck - item.placed);
    if (item.expires !== 0) putSigned(item.expires - item.placed);
    if (decision !== null) packDecision(decision, item);
    if (item.goods !== null) packGoods(item.goods);
    last = item;
  }
}

/** What is unbilled, the number of moves, each with id, amount, currency. */
function packGoods({ unbilled, moves }: Goods): void {
  putSigned(unbilled);
  putUnsigned(moves.length);
  let last = { id: "", currency: "" };
  for (const move of moves) {
    putText(move.id, last.id);
    putSigned(move.amount);
    putText(move.currency, last.currency);
    last = move;
  }
}

function unpackGoods(r: Reader): Goods {
  const unbilled = r.signed();
  const moves: Goods["moves"] = [];
  for (let n = r.unsigned(); n > 0; n -= 1) {
    const last = moves.at(-1);
    const id = r.text(last?.id ?? "");
    const amount = r.signed();
    moves.push({ id, amount, currency: r.text(last?.currency ?? "") });
  }
  return { unbilled, moves };
}

/** Limit in bit 0; codes; then the rest. */
function packDecision(decision: OrderDecision, order: OrderItem): void {
  putUnsigned(decision.codes.length * 2 + (decision.limit === null ? 0 : 1));
  let before = "";
  for (const code of decision.codes) {
    putText(code, before);
    before = code;
  }
  putText(decision.outcome, "allow");
  putText(decision.class, "");
  putSigned(decision.score);
  putSigned(decision.before);
  putSigned(decision.after - decision.before);
  if (decision.limit !== null) putSigned(decision.limit);
  putSigned(decision.ruleset);
  putSigned(decision.at - order.placed);
}

function unpackDecision(r: Reader, placed: number): OrderDecision {
  const head = r.unsigned();
  const codes: string[] = [];
  for (let n = head >> 1; n > 0; n -= 1) codes.push(r.text(codes.at(-1) ?? ""));
  const outcome = r.text("allow");
  const letter = r.text("");
  const score = r.signed();
  const before = r.signed();
  const after = before + r.signed();
  const limit = has(head, 0) ? r.signed() : null;
  const ruleset = r.signed();
  const at = placed + r.signed();
  return {
    ...{ outcome, codes, score, class: letter, before, after, limit },
    ...{ ruleset, at },
  };
}

export function packOrders(list: readonly OrderItem[]): Uint8Array {
  return packed(() => {
    putOrders(list);
  });
}

export function unpackOrders(bytes: Uint8Array): OrderItem[] {
  const list: OrderItem[] = [];
  const r = createReader(bytes);
  let last = { id: "", eventId: "", source: "", currency: "", placed: 0 };
  while (r.more()) {
    const mask = r.unsigned();
    const id = r.text(last.id);
    const eventId = r.text(last.eventId);
    const placed = last.placed + r.signed();
    const placedDay = Math.floor(placed / dayMs);
    const amount = r.signed();
    const currency = has(mask, 0) ? r.text("") : last.currency;
    const source = has(mask, 1) ? r.text("") : last.source;
    const base = has(mask, 2) ? r.signed() : amount;
    const open = openOf(r, mask, 3, amount);
    const due = has(mask, 5) ? placedDay + r.signed() : null;
    const frozen = has(mask, 6) ? r.signed() : 0;
    const version = has(mask, 7) ? r.signed() : 0;
    const status = has(mask, 8) ? r.signed() : 0;
    const changed = placedDay + (has(mask, 9) ? r.signed() : 0);
    const recheck = has(mask, 10) ? placed + r.signed() : 0;
    const expires = has(mask, 11) ? placed + r.signed() : 0;
    const decision = has(mask, 12) ? unpackDecision(r, placed) : null;
    const goods = has(mask, 13) ? unpackGoods(r) : null;
    const item = {
      ...{ id, placed, eventId, source, amount, currency, base, frozen, open },
      ...{ due, version, status, changed, recheck, expires, decision, goods },
    };
    list.push(item);
    last = item;
  }
  return list;
}

/**
 * Mask: currency, order id, base ≠ amount, open whole, open in part, frozen
 * with its day, credited, disputed, disputed day, settled, marks, parts.
 * Fields: id, issue − issue before, due − issue, amount, then by bit.
 */
function putInvoices(list: readonly InvoiceItem[]): void {
  let last = { id: "", currency: "", issue: 0 };
  let order = "";
  for (const item of list) {
    const { amount, open, orderId, parts } = item;
    const isFrozen = item.frozen !== 0 || item.frozenDay !== 0;
    putUnsigned(
      bit(item.currency !== last.currency, 0) |
        bit(orderId !== null, 1) |
        bit(item.base !== amount, 2) |
        bit(open !== 0 && open === amount, 3) |
        bit(isPart(open, amount), 4) |
        bit(isFrozen, 5) |
        bit(item.credited !== 0, 6) |
        bit(item.disputed !== 0, 7) |
        bit(item.disputedDay !== 0, 8) |
        bit(item.settledDay !== 0, 9) |
        bit(item.marks !== 0, 10) |
        bit(parts.length > 0, 11),
    );
    putText(item.id, last.id);
    putSigned(item.issue - last.issue);
    putSigned(item.due - item.issue);
    putSigned(amount);
    if (item.currency !== last.currency) putText(item.currency, "");
    if (orderId !== null) putText(orderId, order);
    if (item.base !== amount) putSigned(item.base);
    if (isPart(open, amount)) putSigned(open);
    if (isFrozen) {
      putSigned(item.frozen);
      putSigned(item.frozenDay);
    }
    if (item.credited !== 0) putSigned(item.credited);
    if (item.disputed !== 0) putSigned(item.disputed);
    if (item.disputedDay !== 0) putSigned(item.disputedDay - item.issue);
    if (item.settledDay !== 0) putSigned(item.settledDay - item.due);
    if (item.marks !== 0) putSigned(item.marks);
    if (parts.length > 0) {
      putUnsigned(parts.length);
      for (const part of parts) {
        putSigned(part.due - item.issue);
        putSigned(part.amount);
        putSigned(part.paid);
      }
    }
    last = item;
    order = orderId ?? order;
  }
}

export function packInvoices(list: readonly InvoiceItem[]): Uint8Array {
  return packed(() => {
    putInvoices(list);
  });
}

export function unpackInvoices(bytes: Uint8Array): InvoiceItem[] {
  const list: InvoiceItem[] = [];
  const r = createReader(bytes);
  let last = { id: "", currency: "", issue: 0 };
  let order = "";
  while (r.more()) {
    const mask = r.unsigned();
    const id = r.text(last.id);
    const issue = last.issue + r.signed();
    const due = issue + r.signed();
    const amount = r.signed();
    const currency = has(mask, 0) ? r.text("") : last.currency;
    const orderId = has(mask, 1) ? r.text(order) : null;
    const base = has(mask, 2) ? r.signed() : amount;
    const open = openOf(r, mask, 3, amount);
    const frozen = has(mask, 5) ? r.signed() : 0;
    const frozenDay = has(mask, 5) ? r.signed() : 0;
    const credited = has(mask, 6) ? r.signed() : 0;
    const disputed = has(mask, 7) ? r.signed() : 0;
    const disputedDay = has(mask, 8) ? issue + r.signed() : 0;
    const settledDay = has(mask, 9) ? due + r.signed() : 0;
    const marks = has(mask, 10) ? r.signed() : 0;
    const parts: InvoiceItem["parts"] = [];
    for (let n = has(mask, 11) ? r.unsigned() : 0; n > 0; n -= 1) {
      const part = { due: issue + r.signed(), amount: r.signed() };
      parts.push({ ...part, paid: r.signed() });
    }
    const item = {
      ...{ id, orderId, issue, due, amount, currency, base, frozen, frozenDay },
      ...{ credited, open, disputed, disputedDay, settledDay, marks, parts },
    };
    list.push(item);
    last = item;
    order = orderId ?? order;
  }
  return list;
}

/**
 * Mask: currency, invoice id, order id, base ≠ amount, free whole, free in
 * part, status, allocations. Fields: id, day − day before, amount, then by bit.
 */
function putPayments(list: readonly PaymentItem[]): void {
  let last = { id: "", currency: "", day: 0 };
  let invoice = "";
  let order = "";
  for (const item of list) {
    const { amount, free, invoiceId, orderId, allocations } = item;
    putUnsigned(
      bit(item.currency !== last.currency, 0) |
        bit(invoiceId !== null, 1) |
        bit(orderId !== null, 2) |
        bit(item.base !== amount, 3) |
        bit(free !== 0 && free === amount, 4) |
        bit(isPart(free, amount), 5) |
        bit(item.status !== 0, 6) |
        bit(allocations.length > 0, 7),
    );
    putText(item.id, last.id);
    putSigned(item.day - last.day);
    putSigned(amount);
    if (item.currency !== last.currency) putText(item.currency, "");
    if (invoiceId !== null) putText(invoiceId, invoice);
    if (orderId !== null) putText(orderId, order);
    if (item.base !== amount) putSigned(item.base);
    if (isPart(free, amount)) putSigned(free);
    if (item.status !== 0) putSigned(item.status);
    if (allocations.length > 0) {
      putUnsigned(allocations.length);
      let before = "";
      for (const wanted of allocations) {
        putText(wanted.invoiceId, before);
        putSigned(wanted.amount);
        putSigned(wanted.discount);
        before = wanted.invoiceId;
      }
    }
    last = item;
    invoice = invoiceId ?? invoice;
    order = orderId ?? order;
  }
}

export function packPayments(list: readonly PaymentItem[]): Uint8Array {
  return packed(() => {
    putPayments(list);
  });
}

export function unpackPayments(bytes: Uint8Array): PaymentItem[] {
  const list: PaymentItem[] = [];
  const r = createReader(bytes);
  let last = { id: "", currency: "", day: 0 };
  let invoice = "";
  let order = "";
  while (r.more()) {
    const mask = r.unsigned();
    const id = r.text(last.id);
    const day = last.day + r.signed();
    const amount = r.signed();
    const currency = has(mask, 0) ? r.text("") : last.currency;
    const invoiceId = has(mask, 1) ? r.text(invoice) : null;
    const orderId = has(mask, 2) ? r.text(order) : null;
    const base = has(mask, 3) ? r.signed() : amount;
    const free = openOf(r, mask, 4, amount);
    const status = has(mask, 6) ? r.signed() : 0;
    const allocations: PaymentItem["allocations"] = [];
    for (let n = has(mask, 7) ? r.unsigned() : 0; n > 0; n -= 1) {
      const before = allocations.at(-1)?.invoiceId ?? "";
      const wanted = { invoiceId: r.text(before), amount: r.signed() };
      allocations.push({ ...wanted, discount: r.signed() });
    }
    const item = {
      ...{ id, day, amount, currency, base, invoiceId, orderId, allocations },
      ...{ status, free },
    };
    list.push(item);
    last = item;
    invoice = invoiceId ?? invoice;
    order = orderId ?? order;
  }
  return list;
}
