/** The last orders of a customer as the order rules see them (C10.1). */
import type { Account } from "./account.ts";
import { localDay } from "./calendar.ts";
import type { Dossier } from "./chronicle.ts";
import { median } from "./features.ts";
import { lastOrders } from "./log-order.ts";
import { toBase } from "./rates.ts";

const yearDays = 365;

export interface OrderMark {
  readonly id: string;
  readonly day: number;
  readonly placed: number;
  /** Reporting minor units at the rate of the day; 0 without a rate. */
  readonly amount: number;
  readonly isCancelled: boolean;
}

export function allOrders({ papers }: Account): OrderMark[] {
  return [...papers.orders.values()].map((paper) => {
    const { value, amount, currency, amountAt, cancelled } = paper;
    const worth = toBase(amount, currency, amountAt.rates) ?? 0n;
    return {
      id: value.orderId,
      day: localDay(value.time, paper.at.rules.zoneOffsetMinutes),
      placed: value.time,
      amount: Math.max(0, Number(worth)),
      isCancelled: cancelled,
    };
  });
}

/** The last hundred that are not cancelled, in the order they came. */
export function ringOf(dossier: Dossier, account: Account): OrderMark[] {
  const byId = new Map(allOrders(account).map((mark) => [mark.id, mark]));
  return lastOrders(dossier.events, account.papers).flatMap(
    (id) => byId.get(id) ?? [],
  );
}

export interface Baseline {
  readonly n: number;
  readonly median: number;
  readonly medianLn: number;
  readonly madLn: number;
  readonly max: number;
}

/** Robust centre and scale of the orders of a year; null without any. */
export function baselineOf(
  ring: readonly OrderMark[],
  today: number,
): Baseline | null {
  const amounts = ring
    .filter(({ day, amount }) => amount > 0 && day > today - yearDays)
    .map(({ amount }) => amount);
  const middle = median(amounts);
  if (middle === null) return null;
  const logs = amounts.map((amount) => Math.log(amount));
  const centre = median(logs) ?? 0;
  const spread = median(logs.map((x) => Math.abs(x - centre))) ?? 0;
  return {
    n: amounts.length,
    median: Math.round(middle),
    medianLn: centre,
    madLn: 1.4826 * spread,
    max: Math.max(...amounts),
  };
}

/** Days between order days of the last year. */
export function gapsOf(ring: readonly OrderMark[], today: number): number[] {
  const days = ring
    .map(({ day }) => day)
    .filter((day) => day > today - yearDays)
    .sort((a, b) => a - b);
  return days
    .slice(1)
    .map((day, i) => day - (days[i] ?? day))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
}

const gapsMin = 3;

export function medianGap(
  ring: readonly OrderMark[],
  today: number,
): number | null {
  const gaps = gapsOf(ring, today);
  return gaps.length < gapsMin ? null : median(gaps);
}
