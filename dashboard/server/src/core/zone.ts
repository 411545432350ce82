/** The reporting zone: where days, weeks and plain dates begin. */

/** Zone name for history queries. */
export const reportingZone = "Asia/Shanghai";
/** The same zone as an offset; it has had no summer time since 1991. */
export const reportingOffset = "+08:00";

/** Instant of an RFC 3339 text or of the start of a plain date; else null. */
export function parseInstant(text: string): number | null {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text)
    ? `${text}T00:00:00${reportingOffset}`
    : text;
  if (!/^\d{4}-\d{2}-\d{2}T/.test(full)) return null;
  const ms = Date.parse(full);
  return Number.isNaN(ms) ? null : ms;
}
