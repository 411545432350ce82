/** The same time of the year before (F-28), and baselines held back (F-29). */
import type { Diary, Present } from "./diary.ts";
import { windowStart } from "./features.ts";
import type { Baseline, OrderMark } from "./order-marks.ts";

const yearDays = 365;
const aroundDays = 15;
const ringMost = 100;
const factorMost = 4;
const growthMost = 1.5;
const oldMin = 8;

interface Period {
  readonly from: number;
  readonly to: number;
}

function periodBefore({ today, rules }: Present): Period {
  for (const spans of rules.seasons) {
    const at = spans.findIndex(([from, to]) => today >= from && today <= to);
    const before = spans[at - 1];
    if (at > 0 && before) return { from: before[0], to: before[1] };
  }
  const middle = today - yearDays;
  return { from: middle - aroundDays, to: middle + aroundDays };
}

interface Season {
  readonly orders: number;
  readonly days: number;
  /** null: only sums are known that far back. */
  readonly max: number | null;
  readonly mean: number;
}

const sumOf = (marks: readonly OrderMark[]): number =>
  marks.reduce((sum, { amount }) => sum + amount, 0);

/**
 * Orders of the period of the year before: of the last hundred where they
 * reach back that far, else of the whole ten days that lie in it.
 */
function seasonOf(
  ring: readonly OrderMark[],
  all: readonly OrderMark[],
  present: Present,
): Season | null {
  const { from, to } = periodBefore(present);
  const reaches = ring.length < ringMost || (ring[0]?.day ?? Infinity) < from;
  if (reaches) {
    const inside = ring.filter(
      ({ day, amount }) => amount > 0 && day >= from && day <= to,
    );
    const mean = inside.length === 0 ? 0 : sumOf(inside) / inside.length;
    const max = Math.max(0, ...inside.map(({ amount }) => amount));
    return { orders: inside.length, days: to - from + 1, max, mean };
  }
  const inside = all
    .filter(({ isCancelled }) => !isCancelled)
    .filter(({ day }) => {
      const ten = Math.floor(day / 10) * 10;
      return ten >= from && ten + 9 <= to;
    });
  const tens = new Set(inside.map(({ day }) => Math.floor(day / 10)));
  if (tens.size === 0) return null;
  const mean = sumOf(inside) / inside.length;
  return { orders: inside.length, days: tens.size * 10, max: null, mean };
}

/** Whether an amount is of the season: ORD-01 says nothing then. */
export function isOfSeason(
  value: number,
  ring: readonly OrderMark[],
  all: readonly OrderMark[],
  present: Present,
): boolean {
  const before = seasonOf(ring, all, present);
  if (before === null || before.orders === 0) return false;
  const { overMax } = present.rules.rules.ord01;
  if (before.max !== null) return value <= overMax * before.max;
  const first = windowStart(yearDays, present.today);
  const year = all.filter(
    ({ isCancelled, day }) => !isCancelled && day >= first,
  );
  const usual = sumOf(year) / Math.max(1, year.length);
  const factor = Math.min(factorMost, before.mean / Math.max(1, usual));
  return factor > 1 && value <= overMax * factor * usual;
}

/** How many times the usual rate the season brings. */
export function seasonFactor(
  perDay: number,
  ring: readonly OrderMark[],
  all: readonly OrderMark[],
  present: Present,
): number {
  const before = seasonOf(ring, all, present);
  if (before === null) return 1;
  const factor = (before.orders + 1) / (perDay * before.days + 1);
  return Math.max(1, Math.min(factorMost, factor));
}

/** The ring without what people confirmed as anomalies (F-29). */
export function withoutAnomalies(
  ring: readonly OrderMark[],
  { anomalies }: Pick<Diary, "anomalies">,
): readonly OrderMark[] {
  const left = anomalies.filter(({ amount }) => amount > 0);
  return ring.filter((mark) => {
    const at = left.findIndex(
      ({ day, amount }) => day === mark.day && amount === mark.amount,
    );
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** A baseline never grows by more than half in a month (F-29). */
export function heldBack(base: Baseline, old: Baseline | null): Baseline {
  if (old === null || old.n < oldMin) return base;
  const most = Math.round(old.median * growthMost);
  if (base.median <= most || most <= 0) return base;
  const shift = Math.log(most / base.median);
  return { ...base, median: most, medianLn: base.medianLn + shift };
}

/** Orders of 180 days behind the usual rate, without the window looked at. */
export function usualCount(
  { anomalies }: Pick<Diary, "anomalies">,
  today: number,
  counts: {
    readonly whole: number;
    readonly month: number;
    readonly window: number;
  },
): number {
  const old = Math.max(0, counts.whole - counts.month);
  const most = (old / 150) * 30 * growthMost + 1;
  const confirmed = anomalies
    .filter(({ day }) => day > today - 180)
    .reduce((sum, { orders }) => sum + orders, 0);
  const recent = Math.max(0, counts.month - counts.window - confirmed);
  return old + (old < oldMin ? recent : Math.min(recent, Math.round(most)));
}
