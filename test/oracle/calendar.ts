/** Local days and business days, by walking a calendar (domain F-5, F-6). */

const dayMs = 86_400_000;

/** Days since 1970 of an instant in the seller's zone. */
export function localDay(ms: number, zoneOffsetMinutes: number): number {
  return Math.floor((ms + zoneOffsetMinutes * 60_000) / dayMs);
}

/** Days since 1970 of a plain date, `YYYY-MM-DD`. */
export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / dayMs;
}

/** Every day of dates and `from..to` ranges. */
export function daysOf(dates: readonly string[]): Set<number> {
  const days = new Set<number>();
  for (const text of dates) {
    const [from = text, to = from] = text.split("..");
    for (let day = dayOf(from); day <= dayOf(to); day += 1) days.add(day);
  }
  return days;
}

export interface BusinessCalendar {
  readonly holidays: ReadonlySet<number>;
  readonly workdays: ReadonlySet<number>;
}

/** Make-up workdays work, holidays and weekends do not. */
export function isBusinessDay(
  day: number,
  calendar: BusinessCalendar,
): boolean {
  if (calendar.workdays.has(day)) return true;
  if (calendar.holidays.has(day)) return false;
  const weekday = new Date(day * dayMs).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** The day itself, or the next business day. */
export function rollForward(day: number, calendar: BusinessCalendar): number {
  let rolled = day;
  while (!isBusinessDay(rolled, calendar)) rolled += 1;
  return rolled;
}

/** The day `count` business days after `day`. */
export function addBusinessDays(
  day: number,
  count: number,
  calendar: BusinessCalendar,
): number {
  let rolled = day;
  for (let left = count; left > 0;) {
    rolled += 1;
    if (isBusinessDay(rolled, calendar)) left -= 1;
  }
  return rolled;
}
