/** Dates and times as files carry them, read in the zone of the mapping. */

export type DateOrder = "ymd" | "dmy" | "mdy";

export interface ZonedReader {
  /** RFC 3339 in UTC of a date, a local time or an instant; null when none. */
  readonly instant: (text: string) => string | null;
  /** `YYYY-MM-DD` in the zone; null when there is no such day. */
  readonly date: (text: string) => string | null;
}

const patterns: Readonly<Record<DateOrder, RegExp>> = {
  ymd: /^(?<y>\d{4})(?<sep>[-/.]?)(?<m>\d{1,2})\k<sep>(?<d>\d{1,2})(?:[ T]+(?<rest>.+))?$/,
  dmy: /^(?<d>\d{1,2})(?<sep>[-/.])(?<m>\d{1,2})\k<sep>(?<y>\d{4})(?:[ T]+(?<rest>.+))?$/,
  mdy: /^(?<m>\d{1,2})(?<sep>[-/.])(?<d>\d{1,2})\k<sep>(?<y>\d{4})(?:[ T]+(?<rest>.+))?$/,
};
const clockPattern =
  /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}:?\d{2})?$/;
const dayMs = 86_400_000;
/** Offsets kept by hour; a file spans few of them at a time. */
const offsetsMax = 20_000;

interface Local {
  /** Ms as if the local time were UTC. */
  readonly ms: number;
  /** Offset of the text itself, ms; null = local to the zone. */
  readonly offset: number | null;
}

function offsetMs(text: string): number {
  if (text.toUpperCase() === "Z") return 0;
  const digits = text.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (text.startsWith("-") ? -minutes : minutes) * 60_000;
}

function parseDay(y: number, m: number, d: number): number | null {
  const ms = Date.UTC(y, m - 1, d);
  const made = new Date(ms);
  const same = made.getUTCMonth() === m - 1 && made.getUTCDate() === d;
  return same && y >= 1900 && y <= 2299 ? ms : null;
}

function parseLocal(text: string, order: DateOrder): Local | null {
  const groups = patterns[order].exec(text.trim())?.groups;
  if (!groups) return null;
  const { y, m, d, sep, rest } = groups;
  // Without separators only the full eight digits are unambiguous.
  if (sep === "" && (m?.length !== 2 || d?.length !== 2)) return null;
  const day = parseDay(Number(y), Number(m), Number(d));
  if (day === null) return null;
  if (rest === undefined) return { ms: day, offset: null };
  const clock = clockPattern.exec(rest.trim());
  if (!clock) return null;
  const [, hour, minute, second = "0", fraction = "", zone] = clock;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return null;
  }
  const ms =
    day +
    Number(hour) * 3_600_000 +
    Number(minute) * 60_000 +
    Number(second) * 1000 +
    Number(fraction.slice(0, 3).padEnd(3, "0"));
  return { ms, offset: zone === undefined ? null : offsetMs(zone) };
}

/** Offset of the zone at an instant, ms. */
function zoneOffset(timezone: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    timeZoneName: "longOffset",
    year: "numeric",
  });
  const known = new Map<number, number>();
  return (utcMs) => {
    const hour = Math.floor(utcMs / 3_600_000);
    const cached = known.get(hour);
    if (cached !== undefined) return cached;
    const part = format
      .formatToParts(hour * 3_600_000)
      .find(({ type }) => type === "timeZoneName");
    const [, offset] = /GMT([+-]\d{2}:\d{2})/.exec(part?.value ?? "") ?? [];
    const ms = offset === undefined ? 0 : offsetMs(offset);
    if (known.size >= offsetsMax) known.clear();
    known.set(hour, ms);
    return ms;
  };
}

/** Throws a RangeError on a zone that the runtime does not know. */
export function createZonedReader(
  timezone: string,
  order: DateOrder,
): ZonedReader {
  const offsetAt = zoneOffset(timezone);
  const toUtc = ({ ms, offset }: Local): number => {
    if (offset !== null) return ms - offset;
    const first = ms - offsetAt(ms);
    return ms - offsetAt(first);
  };
  return {
    instant: (text) => {
      const local = parseLocal(text, order);
      return local === null ? null : new Date(toUtc(local)).toISOString();
    },
    date: (text) => {
      const local = parseLocal(text, order);
      if (local === null) return null;
      const utc = toUtc(local);
      const ms = local.offset === null ? local.ms : utc + offsetAt(utc);
      return new Date(Math.floor(ms / dayMs) * dayMs)
        .toISOString()
        .slice(0, 10);
    },
  };
}
