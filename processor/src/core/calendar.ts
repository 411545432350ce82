/**
 * Days are whole numbers since 1970-01-01 in the seller's zone (one per
 * namespace, a fixed offset from the rule set); due dates are such days (F-5).
 */
import type { CalendarRules } from "./rule-set.ts";

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;

/** Local day of an instant. */
export function localDay(ms: number, offsetMinutes: number): number {
  return Math.floor((ms + offsetMinutes * minuteMs) / dayMs);
}

/** Instant of local midnight that begins a day. */
export function dayStart(day: number, offsetMinutes: number): number {
  return day * dayMs - offsetMinutes * minuteMs;
}

/** Months since year 0 of a day, by the proleptic Gregorian calendar. */
export function monthOfDay(day: number): number {
  const [year, month] = civil(day);
  return year * 12 + month - 1;
}

/** (year, month 1-12, day 1-31) of a day number (Hinnant's algorithm). */
export function civil(day: number): readonly [number, number, number] {
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe -
      Math.floor(doe / 1460) +
      Math.floor(doe / 36_524) -
      Math.floor(doe / 146_096)) /
      365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const dayOfMonth = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  return [yoe + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth];
}

/** Day number of (year, month 1-12, day 1-31), the inverse of `civil`. */
export function dayOfCivil(year: number, month: number, date: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const mp = (month + 9) % 12;
  const doy = Math.floor((153 * mp + 2) / 5) + date - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146_097 + doe - 719_468;
}

/** The same date so many months later; the last of a shorter month. */
export function addMonths(day: number, months: number): number {
  const [year, month, date] = civil(day);
  const index = year * 12 + month - 1 + months;
  const first = dayOfCivil(Math.floor(index / 12), (index % 12) + 1, 1);
  const next = dayOfCivil(
    Math.floor((index + 1) / 12),
    ((index + 1) % 12) + 1,
    1,
  );
  return Math.min(first + date - 1, next - 1);
}

/** `YYYY-MM-DD` of a day number. */
export function dayText(day: number): string {
  const [year, month, date] = civil(day);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(date)}`;
}

/** Business day of the rule set's calendar: make-up days count, holidays not. */
export function isBusinessDay(day: number, calendar: CalendarRules): boolean {
  if (calendar.workdays.has(day)) return true;
  if (calendar.holidays.has(day)) return false;
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday !== 0 && weekday !== 6;
}

/** First business day on or after a day: how due dates roll (F-6). */
export function rollForward(day: number, calendar: CalendarRules): number {
  let rolled = day;
  for (let i = 0; i < 20 && !isBusinessDay(rolled, calendar); i += 1) {
    rolled += 1;
  }
  return rolled;
}

/** The n-th business day after a day. */
export function addBusinessDays(
  day: number,
  n: number,
  calendar: CalendarRules,
): number {
  let left = n;
  let at = day;
  while (left > 0) {
    at += 1;
    if (isBusinessDay(at, calendar)) left -= 1;
  }
  return at;
}
