/** Percentiles of times, by the histogram that comes with Node. */
import { createHistogram } from "node:perf_hooks";
import type { Figure } from "./figure.ts";

/** Longest time that is told apart, ms. */
const longestMs = 600_000;

export interface Latencies {
  /** Takes a time in ms; one below a microsecond counts as one. */
  readonly add: (ms: number) => void;
  /** Value that `percent` of the times do not exceed, ms. */
  readonly percentile: (percent: number) => number;
  readonly count: () => number;
}

export function createLatencies(): Latencies {
  const histogram = createHistogram({
    lowest: 1,
    highest: longestMs * 1000,
    figures: 3,
  });
  return {
    add: (ms) => {
      const inRange = Math.min(ms, longestMs);
      histogram.record(Math.max(1, Math.round(inRange * 1000)));
    },
    percentile: (percent) => histogram.percentile(percent) / 1000,
    count: () => histogram.count,
  };
}

/** A percentile as a figure in ms, beside the same one of its limit. */
export function percentileFigure(
  name: string,
  percent: number,
  times: Latencies,
  more: Omit<Figure, "name" | "value" | "unit" | "limit"> & {
    readonly limit?: { readonly what: string; readonly times: Latencies };
  } = {},
): Figure {
  const { limit, ...rest } = more;
  return {
    name: `${name}, p${String(percent)}`,
    value: times.percentile(percent),
    unit: "ms",
    samples: times.count(),
    ...rest,
    ...(limit
      ? {
          limit: {
            what: `ms, ${limit.what}, p${String(percent)}`,
            value: limit.times.percentile(percent),
          },
        }
      : {}),
  };
}
