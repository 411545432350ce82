/**
 * What makes an order usual besides the customer's last year (domain F-28,
 * F-29): the same period of the year before, by the calendar's seasons where
 * one is tagged, and a baseline that neither confirmed anomalies nor fast
 * growth may move. Both are asked only once a rule would speak.
 */
import type { Anomaly } from "@riskwall/schemas";
import type { CalendarRules } from "./rule-set.ts";
import type { OrderBaseline } from "./features.ts";
import { exactLn } from "./exact-math.ts";
import { orderRingMax, type OrderMark } from "./rings.ts";
import { field, type Tiles } from "./tiles.ts";

const yearDays = 365;
/** Days on either side of the same day of the year before. */
export const aroundDays = 15;
/** A season never counts as more than this many times the usual. */
const factorMax = 4;
/** How much a baseline may grow in a month. */
export const monthGrowthMax = 1.5;
const monthDays = 30;
/** Orders older than a month from which their median tells anything. */
const oldOrdersMin = 8;

export interface Period {
  readonly from: number;
  readonly to: number;
  /** Name of the season; null = the same days of the year before. */
  readonly season: string | null;
}

/** The days of the year before that a day is compared with. */
export function periodBefore(
  day: number,
  { seasons }: Pick<CalendarRules, "seasons">,
): Period {
  for (const { name, spans } of seasons) {
    const at = spans.findIndex(([from, to]) => day >= from && day <= to);
    const before = spans[at - 1];
    if (at > 0 && before)
      return { from: before[0], to: before[1], season: name };
  }
  const middle = day - yearDays;
  return { from: middle - aroundDays, to: middle + aroundDays, season: null };
}

export interface PeriodOrders {
  readonly period: Period;
  readonly orders: number;
  readonly days: number;
  /** Largest single order; null when only sums are kept. */
  readonly max: number | null;
  /** Mean amount of an order. */
  readonly mean: number;
}

/**
 * Orders of a period of the year before: from the ring where it reaches back
 * that far, else from the ten-day tiles that are kept; null when neither is.
 */
export function ordersIn(
  period: Period,
  ring: readonly OrderMark[],
  tiles: Tiles,
): PeriodOrders | null {
  // A ring that is not full holds every order there was.
  const isWhole = ring.length < orderRingMax;
  if (isWhole || (ring[0]?.day ?? Infinity) < period.from) {
    const inside = ring.filter(
      ({ day, amount }) => amount > 0 && day >= period.from && day <= period.to,
    );
    const sum = inside.reduce((total, { amount }) => total + amount, 0);
    const orders = inside.length;
    const max = inside.reduce((top, { amount }) => Math.max(top, amount), 0);
    const days = period.to - period.from + 1;
    return { period, orders, days, max, mean: orders === 0 ? 0 : sum / orders };
  }
  // Only tiles that lie whole in the period.
  let [orders, amount, days] = [0, 0, 0];
  for (const { at, values } of tiles.tens) {
    if (at * 10 < period.from || at * 10 + 9 > period.to) continue;
    orders += field(values, "orders");
    amount += field(values, "orderAmount");
    days += 10;
  }
  if (days === 0) return null;
  return {
    period,
    orders,
    days,
    max: null,
    mean: orders === 0 ? 0 : amount / orders,
  };
}

/** An order is of the season when the one before saw as large a one. */
export function isSeasonalAmount(
  value: number,
  before: PeriodOrders,
  usualMean: number,
  overMax: number,
): boolean {
  if (before.orders === 0) return false;
  if (before.max !== null) return value <= overMax * before.max;
  // Sums alone: as large against that period's mean as is usual against ours.
  const factor = Math.min(factorMax, before.mean / Math.max(1, usualMean));
  return factor > 1 && value <= overMax * factor * usualMean;
}

/** How many times the usual count of orders the period of the season had. */
export function seasonFactor(before: PeriodOrders, perDay: number): number {
  // One order more on either side: a single one makes no season.
  const factor = (before.orders + 1) / (perDay * before.days + 1);
  return Math.max(1, Math.min(factorMax, factor));
}

/** Anomalies kept per customer, and for how long. */
export const anomaliesMax = 20;
export const anomalyDays = 430;

/** The ring without orders that were confirmed as anomalies. */
export function withoutAnomalies(
  ring: readonly OrderMark[],
  anomalies: readonly Anomaly[],
): readonly OrderMark[] {
  if (anomalies.length === 0) return ring;
  const left = anomalies.filter(({ amount }) => amount > 0);
  return ring.filter((mark) => {
    const at = left.findIndex(
      ({ day, amount }) => day === mark.day && amount === mark.amount,
    );
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/**
 * A baseline that grew by more than half in a month is held back to that: slow
 * poisoning makes no anomaly usual. `old` = baseline of the orders before.
 */
export function heldBack(
  base: OrderBaseline,
  old: OrderBaseline | null,
): OrderBaseline {
  if (old === null || old.n < oldOrdersMin) return base;
  const most = Math.round(old.medianAmount * monthGrowthMax);
  if (base.medianAmount <= most || most <= 0) return base;
  const shift = exactLn(most / base.medianAmount);
  return { ...base, medianAmount: most, medianLn: base.medianLn + shift };
}

/** Orders older than a month. */
export function monthOld(
  ring: readonly OrderMark[],
  today: number,
): readonly OrderMark[] {
  return ring.filter((mark) => mark.day <= today - monthDays);
}

/**
 * Orders behind the usual rate: those of 180 days without the window looked
 * at, without confirmed bursts, and with the last month held back.
 */
export function rateBaseline(
  anomalies: readonly Anomaly[],
  today: number,
  counts: {
    readonly whole: number;
    readonly month: number;
    readonly window: number;
  },
): number {
  const { month } = counts;
  const old = Math.max(0, counts.whole - month);
  const most = (old / (180 - monthDays)) * monthDays * monthGrowthMax + 1;
  const confirmed = anomalies
    .filter(({ day }) => day > today - 180)
    .reduce((sum, { orders }) => sum + orders, 0);
  const recent = Math.max(0, month - counts.window - confirmed);
  const held = old < oldOrdersMin ? recent : Math.min(recent, Math.round(most));
  return old + held;
}
