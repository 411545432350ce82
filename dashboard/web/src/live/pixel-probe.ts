import type { LiveDelta, LiveTimes } from "@riskwall/schemas/live";

/** Share of deltas whose way to the screen is measured; alerts always are. */
export const pixelShare = 0.01;

export interface PixelSample extends LiveTimes {
  /** Server's clock when the change was on screen, ms. */
  readonly renderTime: number;
}

export interface PixelProbeDeps {
  readonly serverNow: () => number;
  readonly send: (sample: PixelSample) => void;
}

/** Measures when the change a delta brought is on screen. */
export function createPixelProbe(deps: PixelProbeDeps): {
  take: (delta: LiveDelta) => void;
} {
  return {
    take: (delta) => {
      const due = delta.topic === "alerts" || Math.random() < pixelShare;
      if (!due || delta.times.appendTime === undefined) return;
      if (document.visibilityState !== "visible") return;
      // The second frame begins after the first, with the change, is painted.
      requestAnimationFrame(() => {
        requestAnimationFrame(() => {
          deps.send({ ...delta.times, renderTime: deps.serverNow() });
        });
      });
    },
  };
}
