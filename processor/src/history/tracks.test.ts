import { describe, expect, test } from "vitest";
import { isTaken, trackOf, type StoredPlan } from "./tracks.ts";

const plan = (over: Partial<StoredPlan>): StoredPlan => ({
  topic: "t",
  partition: 0,
  from: 10,
  to: 20,
  posOffset: 4,
  posN: 1,
  token: "x",
  done: true,
  ...over,
});

describe("where a partition goes on", () => {
  test.each([
    ["nothing stored: at the low end", 7, null, 7, false],
    ["after a finished plan", 0, plan({}), 20, false],
    ["an unfinished plan again", 0, plan({ done: false }), 10, true],
    ["what the log still has of it", 15, plan({ done: false }), 15, true],
    [
      "an unfinished plan that the log lost",
      20,
      plan({ done: false }),
      20,
      false,
    ],
    ["a finished plan far behind the low end", 90, plan({}), 90, false],
  ] as const)("%s", (_, low, stored, next, pending) => {
    const track = trackOf("t", 0, low, stored);
    expect(track.next).toBe(next);
    expect(track.pending !== null).toBe(pending);
  });
});

test.each([
  [3, 9, true],
  [4, 0, true],
  [4, 1, true],
  [4, 2, false],
  [5, 0, false],
])("position %i, %i", (offset, n, taken) => {
  expect(isTaken({ posOffset: 4, posN: 1 }, offset, n)).toBe(taken);
});
