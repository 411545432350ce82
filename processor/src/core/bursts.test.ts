import { expect, test } from "vitest";
import { burstTail } from "./bursts.ts";

/** Smallest count that is significant at 0.001: the table of domain C10.4. */
function threshold(baseline: number, days: number): number {
  let n = 2;
  while (burstTail(baseline, n, days) >= 0.001) n += 1;
  return n;
}

test.each([
  [0, 2, 2],
  [4, 2, 4],
  [12, 3, 5],
  [26, 3, 6],
  [52, 4, 9],
  [120, 5, 14],
  [360, 9, 28],
])(
  "%i orders in 180 d need %i in 24 h and %i in 7 d",
  (baseline, day, week) => {
    expect([threshold(baseline, 1), threshold(baseline, 7)]).toEqual([
      day,
      week,
    ]);
  },
);
