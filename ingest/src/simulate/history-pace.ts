/**
 * How fast history is sent while a live stream runs, too. Both stand in the
 * same log, and a live order is answered only after what was appended before
 * it: so the time an order waits for its decision says whether the product
 * keeps up. Additive increase, multiplicative decrease, as in RFC 5681.
 */

/** Events per second. */
const firstRate = 1500;
const rateMin = 300;
const rateMax = 8000;
const rateStep = 250;
/** An answer within this says that the product keeps up. */
const promptMs = 300;
/** No history is sent while an order has waited longer than this. */
const slowMs = 1000;
/** How soon to ask again while an order waits. */
const lookAgainMs = 100;

export interface HistoryPace {
  /** Counts events just sent. */
  readonly sent: (events: number) => void;
  /** How long to wait before the next; 0 = send now, in ms. */
  readonly pauseMs: () => number;
  /** Says that an order waits for its decision; call what it gives then; one at a time. */
  readonly asked: () => () => void;
}

/** A pace on a clock in ms. */
export function createHistoryPace(clock: () => number): HistoryPace {
  let rate = firstRate;
  let freeAt = clock();
  let openSince: number | null = null;
  return {
    sent: (events) => {
      freeAt = Math.max(freeAt, clock()) + (events * 1000) / rate;
    },
    pauseMs: () => {
      const now = clock();
      const waits = openSince !== null && now - openSince > slowMs;
      return waits ? lookAgainMs : Math.max(0, freeAt - now);
    },
    asked: () => {
      const since = clock();
      openSince = since;
      return () => {
        openSince = null;
        const took = clock() - since;
        if (took <= promptMs) rate = Math.min(rateMax, rate + rateStep);
        if (took > slowMs) rate = Math.max(rateMin, rate / 2);
      };
    },
  };
}
