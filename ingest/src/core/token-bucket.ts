/** Rate limit per key: a token bucket with the clock passed in. */

/** Seconds of the rate that may come at once. */
export const burstSeconds = 10;

export interface Allowance {
  /** Seconds to wait; 0 = go on. */
  readonly waitSeconds: number;
  /** Events that may come now. */
  readonly remaining: number;
  readonly limit: number;
}

export interface Meter {
  /**
   * Takes `events` from the bucket of a key. A bucket that is not yet empty
   * lets any number through once, so a batch is never cut in two.
   */
  readonly take: (key: string, events: number, nowMs: number) => Allowance;
}

/** Buckets of `rate` events a second. */
export function createMeter(rate: number): Meter {
  const limit = Math.floor(rate * burstSeconds);
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take: (key, events, nowMs) => {
      const bucket = buckets.get(key) ?? { tokens: limit, at: nowMs };
      const passed = Math.max(0, nowMs - bucket.at);
      bucket.tokens = Math.min(limit, bucket.tokens + (passed / 1000) * rate);
      bucket.at = nowMs;
      buckets.set(key, bucket);
      if (bucket.tokens < 1) {
        const waitSeconds = Math.ceil((1 - bucket.tokens) / rate);
        return { waitSeconds, remaining: 0, limit };
      }
      bucket.tokens -= events;
      const remaining = Math.max(0, Math.floor(bucket.tokens));
      return { waitSeconds: 0, remaining, limit };
    },
  };
}
