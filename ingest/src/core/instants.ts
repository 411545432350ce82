/** Instants and plain dates of the wire, as ms and days since 1970. */

const dayMs = 86_400_000;
/** Zone of plain dates at the door: the seller's, +08:00. */
const zoneMs = 480 * 60_000;

const instantPattern =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-](\d{2}):(\d{2}))$/;
const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const firstDate = "1900-01-01";
const lastDate = "2299-12-31";

/** Days since 1970 of `YYYY-MM-DD` in 1900..2299, null when no such day. */
export function dayNumber(value: string): number | null {
  if (!datePattern.test(value)) return null;
  if (value < firstDate || value > lastDate) return null;
  const year = Number(value.slice(0, 4));
  const month = Number(value.slice(5, 7));
  const day = Number(value.slice(8, 10));
  if (day < 1 || day > daysIn(year, month)) return null;
  return Date.UTC(year, month - 1, day) / dayMs;
}

/** 0 when there is no such month. */
function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (monthDays[month - 1] ?? 0);
}

/** Plain date of a day number. */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/**
 * Ms of an RFC 3339 instant; null when it is none, has no offset, or names a
 * day or hour that does not exist. A leap second counts as the next second.
 */
export function parseInstant(value: string): number | null {
  const match = instantPattern.exec(value);
  if (!match) return null;
  const [, date = "", hour, minute, second, fraction = "", zone = "Z"] = match;
  const day = dayNumber(date);
  if (day === null) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return null;
  }
  const zoneHours = Number(match[7] ?? 0);
  const zoneMinutes = Number(match[8] ?? 0);
  if (zoneHours > 23 || zoneMinutes > 59) return null;
  const east = (zoneHours * 60 + zoneMinutes) * (zone.startsWith("-") ? -1 : 1);
  return (
    day * dayMs +
    (Number(hour) * 60 + Number(minute) - east) * 60_000 +
    Number(second) * 1000 +
    Number(fraction.slice(1, 4).padEnd(3, "0"))
  );
}

/** Day of an instant in the seller's zone. */
export function localDay(ms: number): number {
  return Math.floor((ms + zoneMs) / dayMs);
}

/** First ms of a day in the seller's zone. */
export function localDayStart(day: number): number {
  return day * dayMs - zoneMs;
}
