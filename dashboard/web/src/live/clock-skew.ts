/** How far the server's clock is ahead of this machine's. Pure. */

/** Heartbeats remembered: a minute of them. */
export const skewSamplesMax = 60;

export interface ClockSkew {
  /** Takes a heartbeat: the server's ms in it, own ms at its arrival. */
  sample: (serverMs: number, ownMs: number) => void;
  /** ms to add to the own clock; 0 before the first heartbeat. */
  ms: () => number;
}

/**
 * Delay on the way only makes a sample smaller, so the largest of the last
 * minute is the least delayed one.
 */
export function createClockSkew(): ClockSkew {
  let samples: number[] = [];
  return {
    sample: (serverMs, ownMs) => {
      samples = [...samples, serverMs - ownMs].slice(-skewSamplesMax);
    },
    ms: () => (samples.length === 0 ? 0 : Math.max(...samples)),
  };
}
