import { expect, it } from "vitest";
import { circuitOf, quotaLeft } from "./channel-state.ts";

it.each([
  [0, 0, "closed"],
  [4, 0, "closed"],
  [0, 101, "resting"],
  [5, 101, "open"],
  [5, 100, "half-open"],
  [9, 0, "half-open"],
])("%i failures, paused until %i: %s", (fails, pausedUntil, circuit) => {
  expect(circuitOf({ fails, pausedUntil }, 5, 100)).toBe(circuit);
});

it.each([
  ["never used", null, 1000, 8],
  ["just emptied", { tokens: 0, at: 1000 }, 1000, 0],
  ["over-drawn", { tokens: -1, at: 1000 }, 1000, 0],
  ["half a window later", { tokens: 0, at: 1000 }, 31_000, 4],
  ["long after", { tokens: 0, at: 1000 }, 900_000, 8],
  ["a clock set back", { tokens: 3, at: 9000 }, 1000, 3],
])("%s", (_, stored, now, left) => {
  const bucket = { permits: 16, windowMs: 60_000, stored };
  expect(quotaLeft(bucket, now)).toEqual({ left, size: 8 });
});

it("the smallest quota holds one", () => {
  const bucket = { permits: 1, windowMs: 1000, stored: { tokens: 0, at: 0 } };
  expect(quotaLeft(bucket, 2000)).toEqual({ left: 1, size: 1 });
});
