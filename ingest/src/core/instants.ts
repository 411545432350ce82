/** Instants and plain dates of the wire, as ms and days since 1970. */

const dayMs = 86_400_000;
/** Zone of plain dates at the door: the seller's, +08:00. */
const zoneMs = 480 * 60_000;

const instantPattern =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-](\d{2}):(\d{2}))$/;
const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const firstDate = "1900-01-01";
const lastDate = "2299-12-31";

/** Days since 1970 of `YYYY-MM-DD` in 1900..2299, null when no such day. */
export function dayNumber(value: string): number | null {
  if (!datePattern.test(value)) return null;
  if (value < firstDate || value > lastDate) return null;
  const ms = Date.parse(`${value}T00:00:00Z`);
  if (Number.isNaN(ms)) return null;
  return new Date(ms).toISOString().startsWith(value) ? ms / dayMs : null;
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
  const [, day = "", hour = "", minute = "", second = ""] = match;
  const [fraction = "", zone = "", zoneHour = "0", zoneMinute = "0"] =
    match.slice(5);
  if (dayNumber(day) === null) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return null;
  }
  if (Number(zoneHour) > 23 || Number(zoneMinute) > 59) return null;
  const leap = second === "60";
  const clock = `${hour}:${minute}:${leap ? "59" : second}`;
  const ms = Date.parse(
    `${day}T${clock}${fraction.slice(0, 4)}${zone.toUpperCase()}`,
  );
  return Number.isNaN(ms) ? null : ms + (leap ? 1000 : 0);
}

/** First ms of a day in the seller's zone. */
export function localDayStart(day: number): number {
  return day * dayMs - zoneMs;
}
