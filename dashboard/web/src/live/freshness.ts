/** How true a number on screen is (ux 2.4): never let frozen look live. */
export type Freshness = "LIVE" | "QUIET" | "DELAYED" | "STALE" | "OFFLINE";

export interface FreshnessInput {
  /** Server's present, ms: the client's own clock is never compared. */
  readonly serverNow: number;
  /** Server ms up to which the log is known to be read. */
  readonly watermark: number;
  /** Client ms since the last heartbeat; Infinity before the first. */
  readonly heartbeatAgeMs: number;
  /** ms since an event was last seen; null before the first. */
  readonly sinceEventMs: number | null;
  /** ms since changes are known to be missing here; 0 when none are. */
  readonly gapAgeMs: number;
}

/** A lag below this is live. */
export const liveLagMs = 5000;
export const delayedLagMs = 30_000;
export const staleLagMs = 120_000;
/** A heartbeat comes each second; later than this is a delay. */
export const lateHeartbeatMs = 3000;
export const lostHeartbeatMs = 10_000;
/** Nothing happened for this long: said as such. */
export const quietAfterMs = 30_000;

/** How far behind the truth the screen is, ms. */
export function lagOf(input: FreshnessInput): number {
  const behind = Math.max(0, input.serverNow - input.watermark);
  return Math.max(behind, input.gapAgeMs);
}

export function freshnessOf(input: FreshnessInput): Freshness {
  const lag = lagOf(input);
  const { heartbeatAgeMs, sinceEventMs } = input;
  if (heartbeatAgeMs >= lostHeartbeatMs || lag > staleLagMs) return "OFFLINE";
  if (lag > delayedLagMs) return "STALE";
  if (lag >= liveLagMs || heartbeatAgeMs >= lateHeartbeatMs) return "DELAYED";
  const quiet = sinceEventMs === null || sinceEventMs > quietAfterMs;
  return quiet ? "QUIET" : "LIVE";
}

const order: readonly Freshness[] = [
  "LIVE",
  "QUIET",
  "DELAYED",
  "STALE",
  "OFFLINE",
];

/** The least fresh of several. */
export function worstOf(states: readonly Freshness[]): Freshness {
  const worst = Math.max(0, ...states.map((state) => order.indexOf(state)));
  return order[worst] ?? "OFFLINE";
}

/** True when a number must visibly not be live. */
export function isFrozen(state: Freshness): boolean {
  return state === "STALE" || state === "OFFLINE";
}
