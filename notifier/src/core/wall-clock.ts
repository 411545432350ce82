/** Wall time of a zone and instants; a wall time is ms as if it were UTC. */
import type { ZoneOffset } from "./time-intervals.ts";

const minuteMs = 60_000;
export const dayMs = 86_400_000;

export function wallOf(at: number, zone: string, offset: ZoneOffset): number {
  return at + offset(zone, at) * minuteMs;
}

/**
 * Instant of a wall time: the first of two where clocks go back; where they
 * leap over it, as much later as they leap.
 */
export function instantOf(
  wall: number,
  zone: string,
  offset: ZoneOffset,
): number {
  const before = wall - offset(zone, wall - dayMs) * minuteMs;
  const after = wall - offset(zone, wall + dayMs) * minuteMs;
  const [early, late] = before <= after ? [before, after] : [after, before];
  if (wallOf(early, zone, offset) === wall) return early;
  return wallOf(late, zone, offset) === wall ? late : before;
}
