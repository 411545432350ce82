import { expect, test } from "vitest";
import { aheadMs, createRebuilding } from "./rebuilding.ts";

test("a partition that went back is behind until it is where it was", () => {
  const rebuilding = createRebuilding();
  const stands = (next: number): boolean => {
    rebuilding.observe([{ partition: 3, next }], 0);
    return rebuilding.isBehind(3);
  };
  expect([10, 12, 7, 11, 12, 13].map(stands)).toEqual([
    ...[false, false, true, true, false, false],
  ]);
  expect(rebuilding.any()).toBe(false);
  stands(1);
  expect(rebuilding.any()).toBe(true);
  expect(rebuilding.isBehind(4)).toBe(false);
});

test("outputs in flight are no loss, outputs that stay ahead are", () => {
  const rebuilding = createRebuilding();
  const at = (now: number, next: number): boolean => {
    rebuilding.observe([{ partition: 0, next }], now);
    return rebuilding.isBehind(0);
  };
  rebuilding.noteOutput(0, 9);
  expect(at(0, 5)).toBe(false);
  expect(at(aheadMs - 1, 6)).toBe(false);
  expect(at(aheadMs, 7)).toBe(true);
  expect(at(aheadMs + 1, 10)).toBe(false);
  rebuilding.noteOutput(0, 10);
  expect(at(aheadMs + 2, 10)).toBe(false);
});
