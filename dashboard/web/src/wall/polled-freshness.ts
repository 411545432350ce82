/** How true a number is that is asked for now and then (ux 2.4). Pure. */
import type { FreshnessStatus } from "../live/live-client.ts";
import { worstOf, type Freshness } from "../live/freshness.ts";

export interface PolledInput {
  /** Server ms of the last good answer; 0 = none. */
  readonly answeredAt: number;
  readonly now: number;
  readonly everyMs: number;
  /** Freshness of the live line: without it nothing here is live either. */
  readonly line: Freshness;
}

/** Missed answers after which a number is late, stale, or lost. */
export const lateAfter = 2.5;
export const staleAfter = 5;
export const lostAfter = 10;

export function polledFreshness(input: PolledInput): FreshnessStatus {
  const { answeredAt, now, everyMs, line } = input;
  const age = Math.max(0, now - answeredAt);
  const rest = { quietMs: 0, rebuilding: false, watermark: answeredAt };
  if (answeredAt === 0) return { ...rest, state: "OFFLINE", lagMs: 0 };
  const own = ageState(age / everyMs);
  // An answer every minute says nothing of quiet: the line's word is enough.
  const ofLine = line === "OFFLINE" ? "OFFLINE" : "LIVE";
  return { ...rest, state: worstOf([own, ofLine]), lagMs: age };
}

function ageState(missed: number): Freshness {
  if (missed > lostAfter) return "OFFLINE";
  if (missed > staleAfter) return "STALE";
  return missed > lateAfter ? "DELAYED" : "LIVE";
}
