/**
 * Goods of an order that went out or came back (domain C1, ORD-10). What was
 * delivered and not billed is a part of exposure of its own, whatever was
 * decided of the order: the goods are gone. What came back needs no bill.
 */
import type {
  DeliveryCompleted,
  Goods,
  OrderItem,
  OrderReturned,
} from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { fromBase, toBase, type Rates } from "./rates.ts";
import { findById, insertById } from "./sorted.ts";
import { addTally, type TallyField } from "./tallies.ts";

/** Amount in another currency at today's rate; the number itself without one. */
export function converted(
  amount: number,
  from: string,
  to: string,
  rates: Rates,
): number {
  if (from === to) return amount;
  const base = toBase(amount, from, rates);
  return base === null ? amount : (fromBase(base, to, rates) ?? amount);
}

/** A move of goods: what came back is negative. */
export interface Move {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly time: number;
}

export function deliveryMove(event: DeliveryCompleted): Move {
  return { ...event, id: event.deliveryId };
}

export function returnMove(event: OrderReturned): Move {
  return { ...event, id: event.returnId, amount: -event.amount };
}

/** Puts a move on its order; false when the order has it already. */
export function addMove(
  order: OrderItem,
  { id, amount, currency }: Pick<Move, "id" | "amount" | "currency">,
  today: number,
): boolean {
  order.goods ??= { unbilled: 0, moves: [] };
  const { moves } = order.goods;
  if (findById(moves, id)) return false;
  insertById(moves, { id, amount, currency });
  order.changed = Math.max(order.changed, today);
  return true;
}

/** Counts a move on its day, whether its order is known or not. */
export function countMove(
  customer: Customer,
  move: Move,
  { env, today }: Moment,
): void {
  const { tallies } = customer;
  const day = localDay(move.time, env.rules.zoneOffsetMinutes);
  const value = toBase(Math.abs(move.amount), move.currency, env.rates) ?? 0;
  const add = (name: TallyField, amount: number): void => {
    addTally(tallies, today, day, name, amount);
  };
  add(move.amount < 0 ? "returns" : "deliveries", 1);
  add(move.amount < 0 ? "returnAmount" : "deliveryAmount", value);
}

/** What is open and what is unbilled of an order, in its currency. */
export function splitOrder(
  order: OrderItem,
  goods: Goods,
  invoiced: number,
  rates: Rates,
): { readonly open: number; readonly unbilled: number } {
  let out = 0;
  let back = 0;
  for (const { amount, currency } of goods.moves) {
    const value = converted(Math.abs(amount), currency, order.currency, rates);
    if (amount < 0) back += value;
    else out += value;
  }
  const there = Math.max(0, out - back);
  return {
    open: Math.max(0, order.amount - back - Math.max(invoiced, there)),
    unbilled: Math.max(0, there - invoiced),
  };
}
