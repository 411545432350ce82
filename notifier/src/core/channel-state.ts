import type { ChannelView } from "@riskwall/schemas/notify-views";

/** What a channel's stored counters mean at an instant. */

/**
 * `closed`: all goes out. `open`: nothing until `pausedUntil`. `half-open`:
 * the next delivery is the try that closes it or opens it again. `resting`:
 * the provider asked for a pause.
 */
export type Circuit = ChannelView["circuit"];

export interface Counters {
  /** Failures in a row. */
  readonly fails: number;
  /** Ms; 0 = not. */
  readonly pausedUntil: number;
}

export function circuitOf(
  { fails, pausedUntil }: Counters,
  failsMax: number,
  now: number,
): Circuit {
  const broken = fails >= failsMax;
  if (pausedUntil > now) return broken ? "open" : "resting";
  return broken ? "half-open" : "closed";
}

export interface Bucket {
  readonly permits: number;
  readonly windowMs: number;
  /** As stored at `at`; null: never used. */
  readonly stored: { readonly tokens: number; readonly at: number } | null;
}

/** Messages that may go at once now, of how many: the sum of `claim.lua`. */
export function quotaLeft(
  { permits, windowMs, stored }: Bucket,
  now: number,
): { readonly left: number; readonly size: number } {
  const size = Math.max(1, Math.floor(permits / 2));
  if (stored === null) return { left: size, size };
  const rate = Math.max(permits - size, 0.5) / windowMs;
  const grown = stored.tokens + Math.max(0, now - stored.at) * rate;
  return { left: Math.max(0, Math.floor(Math.min(size, grown))), size };
}
