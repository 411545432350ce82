/** How true a number on screen is (ux 2.4): never let frozen look live. */
export type Freshness = "LIVE" | "QUIET" | "DELAYED" | "STALE" | "OFFLINE";

export interface FreshnessInput {
  /** Server's present, ms: the client's own clock is never compared. */
  readonly serverNow: number;
  readonly watermark: number;
  /** Client ms since the last heartbeat. */
  readonly heartbeatAge: number;
  /** Server ms since the last change; null before the first. */
  readonly sinceChange: number | null;
}

export const liveLagMs = 5000;
export const delayedLagMs = 30_000;
export const staleLagMs = 120_000;
export const offlineBeatMs = 10_000;
export const quietMs = 30_000;
const lateBeatMs = 3000;

export function freshnessOf(input: FreshnessInput): Freshness {
  const lag = Math.max(0, input.serverNow - input.watermark);
  if (input.heartbeatAge >= offlineBeatMs || lag > staleLagMs) return "OFFLINE";
  if (lag > delayedLagMs) return "STALE";
  if (lag > liveLagMs || input.heartbeatAge > lateBeatMs) return "DELAYED";
  const { sinceChange } = input;
  return sinceChange !== null && sinceChange > quietMs ? "QUIET" : "LIVE";
}
