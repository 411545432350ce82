/** Event-to-pixel samples of the last minutes, for one number on the wall. */

const windowMs = 300_000;
const samplesMax = 2000;

export interface LatencyWindow {
  add: (atMs: number, latencyMs: number) => void;
  /** 95th percentile, ms; null without samples. */
  p95: (nowMs: number) => number | null;
}

export function createLatencyWindow(): LatencyWindow {
  const samples: { readonly at: number; readonly ms: number }[] = [];
  return {
    add: (at, ms) => {
      samples.push({ at, ms });
      if (samples.length > samplesMax) samples.shift();
    },
    p95: (nowMs) => {
      const values = samples
        .filter((sample) => sample.at >= nowMs - windowMs)
        .map((sample) => sample.ms)
        .sort((a, b) => a - b);
      const index = Math.ceil(values.length * 0.95) - 1;
      return values[index] ?? null;
    },
  };
}
