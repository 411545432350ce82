/** Alertmanager's time intervals, with zone and the Chinese working-day calendar. */

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface TimeInterval {
  /** Minutes of the day, `to` exclusive; none = the whole day. */
  readonly times: readonly Range[];
  /** 0 = Sunday, both ends in it; none = every day. */
  readonly weekdays: readonly Range[];
  /** Negative counts from the month's end; none = every day. */
  readonly daysOfMonth: readonly Range[];
  /** 1 to 12; none = every month. */
  readonly months: readonly Range[];
  readonly years: readonly Range[];
  /** Only working days, or only the others; null = both. */
  readonly days: "working" | "non-working" | null;
  /** Name of the zone, IANA. */
  readonly zone: string;
}

/** Minutes that a zone is ahead of UTC at an instant. */
export type ZoneOffset = (zone: string, atMs: number) => number;

export interface Calendar {
  /** `YYYY-MM-DD` off although it is a weekday. */
  readonly holidays: ReadonlySet<string>;
  /** `YYYY-MM-DD` worked although it is a weekend (调休). */
  readonly workdays: ReadonlySet<string>;
}

/** Whether people work on a date, given its weekday. */
export function isWorkingDay(
  date: string,
  weekday: number,
  { holidays, workdays }: Calendar,
): boolean {
  if (workdays.has(date)) return true;
  return weekday !== 0 && weekday !== 6 && !holidays.has(date);
}

const within = (ranges: readonly Range[], value: number): boolean =>
  ranges.length === 0 ||
  ranges.some(({ from, to }) => from <= value && value <= to);

/** True when an instant lies in the interval. */
export function isWithin(
  interval: TimeInterval,
  atMs: number,
  calendar: Calendar,
  zoneOffset: ZoneOffset,
): boolean {
  const local = new Date(atMs + zoneOffset(interval.zone, atMs) * 60_000);
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  const inTime =
    interval.times.length === 0 ||
    interval.times.some(({ from, to }) => from <= minute && minute < to);
  if (!inTime || !within(interval.weekdays, local.getUTCDay())) return false;
  if (!within(interval.months, local.getUTCMonth() + 1)) return false;
  if (!within(interval.years, local.getUTCFullYear())) return false;
  if (!isDayOfMonth(interval.daysOfMonth, local)) return false;
  if (interval.days === null) return true;
  const date = local.toISOString().slice(0, 10);
  const working = isWorkingDay(date, local.getUTCDay(), calendar);
  return working === (interval.days === "working");
}

function isDayOfMonth(ranges: readonly Range[], local: Date): boolean {
  if (ranges.length === 0) return true;
  const day = local.getUTCDate();
  const last = new Date(
    Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0),
  ).getUTCDate();
  const place = (value: number): number =>
    value < 0 ? last + value + 1 : value;
  return ranges.some(({ from, to }) => place(from) <= day && day <= place(to));
}
