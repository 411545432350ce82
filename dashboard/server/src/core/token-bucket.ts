/** A rate limit: `burst` at once, then `perSecond`. */

export interface TokenBucket {
  /** Takes one token; false when there is none. */
  take: (nowMs: number) => boolean;
}

export function createTokenBucket(
  burst: number,
  perSecond: number,
): TokenBucket {
  let tokens = burst;
  let at: number | null = null;
  return {
    take: (nowMs) => {
      const passed = at === null ? 0 : Math.max(0, nowMs - at) / 1000;
      tokens = Math.min(burst, tokens + passed * perSecond);
      at = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
