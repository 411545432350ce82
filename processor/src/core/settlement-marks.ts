/**
 * `InvoiceItem.marks`: what was counted of a settled invoice, so that it can be
 * taken back when the settlement changes (F-13), and what is known of its cash
 * discount.
 *
 *   1 a discount was offered          4 counted as paid in parts
 *   2 it was taken with a payment     8 counted as offered
 *     that is no longer kept         16 counted as taken
 */
import type { InvoiceItem } from "@riskwall/schemas";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { addTally, type TallyField } from "./tallies.ts";

export const discountOffered = 1;
export const discountFrozen = 2;
const partPaid = 4;
const offeredCounted = 8;
const takenCounted = 16;
const kept = discountOffered | discountFrozen;

const counted: readonly (readonly [number, TallyField])[] = [
  [partPaid, "partPaid"],
  [offeredCounted, "discountsOffered"],
  [takenCounted, "discountsTaken"],
];

/** How an invoice was paid. */
export interface Manner {
  /** Payments that brought it, dropped ones as one. */
  readonly times: number;
  readonly tookDiscount: boolean;
}

/** Marks of an invoice that is settled (observed) or is not. */
function marksOf(
  { marks }: InvoiceItem,
  observed: boolean,
  { times, tookDiscount }: Manner,
): number {
  const own = marks & kept;
  if (!observed) return own;
  const isOffered = (own & discountOffered) !== 0;
  const isTaken = tookDiscount || (own & discountFrozen) !== 0;
  return (
    own |
    (times > 1 ? partPaid : 0) |
    (isOffered ? offeredCounted : 0) |
    (isOffered && isTaken ? takenCounted : 0)
  );
}

/**
 * Counts (PAY-07, PAY-08) how an invoice was settled on `settledDay`, and takes
 * back what was counted on `dayBefore`.
 */
export function countManner(
  customer: Customer,
  invoice: InvoiceItem,
  dayBefore: number,
  manner: Manner,
  moment: Moment,
): void {
  const { settledDay: day, marks: before } = invoice;
  const after = marksOf(invoice, day > invoice.issue, manner);
  if (before === after && (day === dayBefore || after === (after & kept))) {
    return;
  }
  invoice.marks = after;
  const { tallies } = customer;
  for (const [bit, name] of counted) {
    if ((before & bit) !== 0) {
      addTally(tallies, moment.today, dayBefore, name, -1);
    }
    if ((after & bit) !== 0) addTally(tallies, moment.today, day, name, 1);
  }
}
