/**
 * Money given back (F-18). A refund takes the payment's free cash first; what
 * had paid an invoice stays paid, so that no delay is counted for money that we
 * gave back, and the customer owes the rest of the refund as an item of its
 * own, without a due date. Free cash of other payments settles it.
 */
import type {
  PaymentItem,
  PaymentRefunded,
  RefundItem,
} from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { findById, insertById } from "./sorted.ts";

/** Free cash of a payment that settled a refund. */
export interface Offset {
  readonly payment: PaymentItem;
  readonly refund: RefundItem;
  readonly amount: number;
}

export function refundPayment(
  customer: Customer,
  event: PaymentRefunded,
  { env }: Moment,
): "REFUND_EXISTS" | null {
  const { refunds } = customer.state;
  if (findById(refunds, event.refundId)) return "REFUND_EXISTS";
  const { amount, currency, paymentId, valueDate } = event;
  insertById(refunds, {
    ...{ id: event.refundId, paymentId, amount, currency },
    day: valueDate ?? localDay(event.time, env.rules.zoneOffsetMinutes),
    ...{ open: 0, frozen: 0 },
  });
  return null;
}

/** Refunds by payment; null where there are none. */
export function refundsByPayment({
  state,
}: Customer): ReadonlyMap<string, readonly RefundItem[]> | null {
  if (state.refunds.length === 0) return null;
  const found = new Map<string, RefundItem[]>();
  for (const refund of state.refunds) {
    const known = found.get(refund.paymentId);
    if (known) known.push(refund);
    else found.set(refund.paymentId, [refund]);
  }
  return found;
}

/** What of a payment was gone before an invoice of that day was issued. */
export function goneBefore(
  refunds: readonly RefundItem[],
  issue: number,
  currency: string,
): number {
  return refunds
    .filter((item) => item.day < issue && item.currency === currency)
    .reduce((sum, { amount }) => sum + amount, 0);
}

/**
 * Takes refunds from free cash and sets what the customer owes of each.
 * `payments`: cleared ones in the order of allocation.
 */
export function finishRefunds(
  customer: Customer,
  payments: readonly PaymentItem[],
): Offset[] {
  const { state } = customer;
  if (state.refunds.length === 0) return [];
  const inOrder = [...state.refunds].sort((a, b) => a.day - b.day);
  for (const refund of inOrder) {
    refund.open = 0;
    const payment = findById(state.payments, refund.paymentId);
    if (payment?.currency !== refund.currency) continue;
    const own = Math.min(payment.free, refund.amount);
    payment.free -= own;
    refund.open = Math.max(0, refund.amount - own - refund.frozen);
  }
  const offsets: Offset[] = [];
  for (const refund of inOrder) {
    for (const payment of payments) {
      if (refund.open === 0) break;
      if (payment.free === 0 || payment.currency !== refund.currency) continue;
      const amount = Math.min(payment.free, refund.open);
      payment.free -= amount;
      refund.open -= amount;
      offsets.push({ payment, refund, amount });
    }
  }
  return offsets;
}

/** Payments that a refund still needs: it is open, or others' cash settled it. */
export function neededPayments(
  { state }: Customer,
  offsets: readonly Offset[],
): Set<string> {
  const live = new Set(offsets.map(({ refund }) => refund.id));
  return new Set(
    state.refunds
      .filter((item) => item.open > 0 || live.has(item.id))
      .map(({ paymentId }) => paymentId),
  );
}

/**
 * Drops the refunds of dropped payments; answers those whose payment did not
 * come within the orphans' days.
 */
export function pruneRefunds(
  { state }: Customer,
  gone: ReadonlySet<string>,
  offsets: readonly Offset[],
  oldest: number,
): RefundItem[] {
  for (const { payment, refund, amount } of offsets) {
    if (gone.has(payment.id)) refund.frozen += amount;
  }
  const isWaiting = ({ paymentId }: RefundItem): boolean =>
    !gone.has(paymentId) && findById(state.payments, paymentId) === null;
  const vain = state.refunds.filter(
    (item) => item.day < oldest && isWaiting(item),
  );
  state.refunds = state.refunds.filter(
    (item) => !gone.has(item.paymentId) && !vain.includes(item),
  );
  return vain;
}
