/**
 * Every held order in memory, small: the queue of the desk. A view of the
 * states in Redis, dropped and rebuilt at will.
 */
import type { OrderItem } from "@riskwall/schemas";
import type { Head } from "./customer-row.ts";

export interface HeldOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly name: string;
  readonly class: string;
  readonly score: number;
  /** minor units of `currency` */
  readonly amount: number;
  readonly currency: string;
  /** minor units of the reporting currency; 0 without a rate */
  readonly base: number;
  readonly codes: readonly string[];
  /** ms */
  readonly placedAt: number;
  /** ms */
  readonly recheckAt: number;
}

/** Orders of the queue; `-` = descending. */
export const holdSorts = ["placed", "-placed", "amount", "-amount"] as const;
export type HoldSort = (typeof holdSorts)[number];

/** Place of an order in the queue: its sort value, then its id. */
export interface HoldPlace {
  readonly at: number;
  readonly id: string;
}

export interface HoldQuery {
  /** Part of the id of the order or of id or name of the customer. */
  readonly q: string;
  /** Only orders held for one of these; empty = all. */
  readonly codes: readonly string[];
  readonly sort: HoldSort;
  readonly after: HoldPlace | null;
  readonly limit: number;
}

export interface HoldSums {
  readonly orders: number;
  /** minor units of the reporting currency */
  readonly base: number;
  /** Orders by hold code; an order counts for each of its codes. */
  readonly byCode: Readonly<Record<string, number>>;
}

export interface HoldQueue {
  /** Replaces what a customer has on hold. */
  put: (head: Head, held: readonly OrderItem[]) => void;
  remove: (customerId: string) => void;
  get: (orderId: string) => HeldOrder | undefined;
  /** At most `limit` orders that fit, in order. */
  query: (query: HoldQuery) => HeldOrder[];
  sums: () => HoldSums;
}

export function createHoldQueue(): HoldQueue {
  const byCustomer = new Map<string, readonly HeldOrder[]>();
  const all = (): HeldOrder[] => [...byCustomer.values()].flat();
  return {
    put: (head, held) => {
      if (held.length === 0) byCustomer.delete(head.id);
      else
        byCustomer.set(
          head.id,
          held.map((order) => toHeld(head, order)),
        );
    },
    remove: (customerId) => {
      byCustomer.delete(customerId);
    },
    get: (orderId) => all().find((order) => order.orderId === orderId),
    query: ({ q, codes, sort, after, limit }) => {
      const order = orderOf(sort);
      const text = q.toLowerCase();
      return all()
        .filter(
          (held) =>
            (codes.length === 0 || held.codes.some((c) => codes.includes(c))) &&
            (text === "" || textOf(held).includes(text)) &&
            (after === null || order(holdPlace(held, sort), after) > 0),
        )
        .sort((a, b) => order(holdPlace(a, sort), holdPlace(b, sort)))
        .slice(0, limit);
    },
    sums: () => {
      const byCode: Record<string, number> = {};
      let base = 0;
      let orders = 0;
      for (const held of all()) {
        orders += 1;
        base += held.base;
        for (const code of held.codes) byCode[code] = (byCode[code] ?? 0) + 1;
      }
      return { orders, base, byCode };
    },
  };
}

/** Held orders of a customer's state as entries of the queue. */
export function toHeld(head: Head, order: OrderItem): HeldOrder {
  return {
    orderId: order.id,
    customerId: head.id,
    name: head.name,
    class: head.class,
    score: head.score,
    amount: order.amount,
    currency: order.currency,
    base: order.base,
    codes: order.decision?.codes ?? [],
    placedAt: order.placed,
    recheckAt: order.recheck,
  };
}

/** Where an order stands in a sorting. */
export function holdPlace(held: HeldOrder, sort: HoldSort): HoldPlace {
  const byAmount = sort === "amount" || sort === "-amount";
  return { at: byAmount ? held.base : held.placedAt, id: held.orderId };
}

function textOf(held: HeldOrder): string {
  return `${held.orderId}\n${held.customerId}\n${held.name}`.toLowerCase();
}

function orderOf(sort: HoldSort): (a: HoldPlace, b: HoldPlace) => number {
  const sign = sort.startsWith("-") ? -1 : 1;
  return (a, b) =>
    (a.at - b.at) * sign || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
