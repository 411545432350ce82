/** Minutes that a zone is ahead of UTC, from the zone database of Node. */
import type { ZoneOffset } from "./core/time-intervals.ts";

export function createZoneOffset(): ZoneOffset {
  const formats = new Map<string, Intl.DateTimeFormat>();
  const formatOf = (zone: string): Intl.DateTimeFormat => {
    const known = formats.get(zone);
    if (known) return known;
    const format = new Intl.DateTimeFormat("en", {
      timeZone: zone,
      timeZoneName: "longOffset",
    });
    formats.set(zone, format);
    return format;
  };
  return (zone, atMs) => {
    const name = formatOf(zone)
      .formatToParts(atMs)
      .find(({ type }) => type === "timeZoneName")?.value;
    // `GMT`, or `GMT+08:00`.
    const [, sign, hours, minutes] =
      /^GMT([+-])(\d\d):(\d\d)/.exec(name ?? "") ?? [];
    if (sign === undefined) return 0;
    const ahead = Number(hours) * 60 + Number(minutes);
    return sign === "-" ? -ahead : ahead;
  };
}
