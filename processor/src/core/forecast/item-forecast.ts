/**
 * When an open item is paid (domain C8): the customer's delays given that the
 * item is open today, then what is known better, in this order: a promise, a
 * dispute. Instalments of a plan are items with due dates of their own.
 */
import { rollForward } from "../calendar.ts";
import type { Customer } from "../customer.ts";
import type { Moment } from "../env.ts";
import type { OpenPart } from "../exposure.ts";
import type { CalendarRules } from "../rule-set.ts";
import { promiseOpen } from "../settle.ts";
import { field, sumDays } from "../tiles.ts";
import { delayMin, type DelayCurve } from "./delay-curve.ts";

/** Days ahead of today that are told apart; later counts as after them. */
export const horizonDays = 366;

export interface ItemForecast {
  readonly part: OpenPart;
  /** Chance of being paid on today + index, `horizonDays` of them. */
  readonly chances: Float64Array;
  /** Chance of being paid at all, within or after the horizon. */
  readonly paid: number;
  /** Median, 10 % and 90 % day, if it is paid; null when it never is. */
  readonly expected: number | null;
  readonly earliest: number | null;
  readonly latest: number | null;
}

/** A share of an item that was promised for a day. */
export interface Promised {
  readonly day: number;
  /** 0-1 of what is open. */
  readonly share: number;
}

/** Chance that this customer keeps a promise (C8), 0-1. */
export function keptChance(customer: Customer, moment: Moment): number {
  const { shrink, kept: prior } = moment.env.rules.forecast.promise;
  const year = sumDays(customer.tiles, moment.today, 365);
  const kept = field(year, "promisesKept");
  const broken = field(year, "promisesBroken");
  return (kept + shrink * prior) / (kept + broken + shrink);
}

/**
 * What open promises say of each open part, in the order of `parts`: a promise
 * covers the invoices it names, or any, oldest due first.
 */
export function promisedParts(
  customer: Customer,
  parts: readonly OpenPart[],
  today: number,
): readonly (Promised | null)[] {
  const out = new Array<Promised | null>(parts.length).fill(null);
  const { promises } = customer.state;
  if (!promises.some((item) => item.status === promiseOpen)) return out;
  const byDue = [...parts.keys()].sort(
    (a, b) => (parts[a]?.due ?? 0) - (parts[b]?.due ?? 0) || a - b,
  );
  for (const promise of promises) {
    if (promise.status !== promiseOpen || promise.day < today) continue;
    let left = Math.max(0, promise.amount - promise.received);
    for (const at of byDue) {
      const part = parts[at];
      if (left === 0 || !part || out[at] !== null) continue;
      const { invoice, open } = part;
      const named = promise.invoiceIds;
      if (named.length > 0 && !named.includes(invoice.id)) continue;
      if (invoice.currency !== promise.currency) continue;
      const amount = Math.min(left, open);
      left -= amount;
      out[at] = { day: promise.day, share: amount / open };
    }
  }
  return out;
}

/** Due days and arrivals rolled forward; few days, asked for again and again. */
const rolledOf = new WeakMap<CalendarRules, Map<number, number>>();

function rolled(day: number, calendar: CalendarRules): number {
  const days = rolledOf.get(calendar) ?? new Map<number, number>();
  rolledOf.set(calendar, days);
  const known = days.get(day);
  if (known !== undefined) return known;
  const next = rollForward(day, calendar);
  days.set(day, next);
  return next;
}

/** Business day on which a payment of a due day and delay arrives. */
function arrival(due: number, dbt: number, calendar: CalendarRules): number {
  const from = dbt < 0 ? due : rolled(due, calendar);
  return rolled(from + dbt, calendar);
}

export interface ItemInput {
  readonly part: OpenPart;
  readonly curve: DelayCurve;
  readonly promised: Promised | null;
  /** Chance that the promise is kept. */
  readonly kept: number;
}

/** Forecast of one open item; money of today still counts as to come. */
export function forecastItem(input: ItemInput, moment: Moment): ItemForecast {
  const { part, curve, promised, kept } = input;
  const { env, today } = moment;
  const { calendar, forecast } = env.rules;
  const disputed = part.undisputed < part.value;
  const since = today - part.invoice.disputedDay;
  const shift = disputed ? Math.max(0, forecast.disputeDays - since) : 0;
  const chances = new Float64Array(horizonDays);
  let before = 0;
  let after = 0;
  curve.forEach((chance, i) => {
    if (chance === 0) return;
    const day = arrival(part.due, i + delayMin, calendar) + shift;
    const at = day - today;
    if (at < 0) before += chance;
    else if (at < horizonDays) chances[at] = (chances[at] ?? 0) + chance;
    else after += chance;
  });
  // What remains possible: all that lies ahead, and never.
  const left = 1 - before;
  const scale = left > 1e-12 ? 1 / left : 0;
  for (let i = 0; i < horizonDays; i += 1) {
    chances[i] = (chances[i] ?? 0) * scale;
  }
  const later = after * scale;
  const share = promised === null ? 0 : promised.share * kept;
  if (promised !== null && promised.day - today < horizonDays) {
    const at = rollForward(promised.day, calendar) - today;
    for (let i = 0; i < horizonDays; i += 1) {
      chances[i] = (chances[i] ?? 0) * (1 - share) + (i === at ? share : 0);
    }
  }
  const within = chances.reduce((sum, chance) => sum + chance, 0);
  const paid = within + later * (1 - share);
  const at = (quantile: number): number | null =>
    dayOf(chances, quantile * paid, today);
  return {
    ...{ part, chances, paid },
    ...{ expected: at(0.5), earliest: at(0.1), latest: at(0.9) },
  };
}

/** Day on which the sum of chances reaches `wanted`; null beyond the horizon. */
function dayOf(
  chances: Float64Array,
  wanted: number,
  today: number,
): number | null {
  if (wanted <= 0) return null;
  let sum = 0;
  for (let i = 0; i < chances.length; i += 1) {
    sum += chances[i] ?? 0;
    if (sum >= wanted) return today + i;
  }
  return null;
}
