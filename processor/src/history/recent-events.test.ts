import { expect, test } from "vitest";
import { createRecentEvents } from "./recent-events.ts";

test("the same place again is no repeat, another place is", () => {
  const recent = createRecentEvents();
  expect(recent.isRepeat("a", 3, 100)).toBe(false);
  expect(recent.isRepeat("a", 3, 100)).toBe(false);
  expect(recent.isRepeat("a", 3, 101)).toBe(true);
  expect(recent.isRepeat("a", 4, 100)).toBe(true);
  expect(recent.isRepeat("b", 4, 100)).toBe(false);
});

test("forgets what is older than two generations, and no earlier", () => {
  const recent = createRecentEvents(10);
  recent.isRepeat("first", 0, 0);
  for (let i = 1; i < 15; i += 1) recent.isRepeat(String(i), 0, i);
  expect(recent.isRepeat("first", 0, 99)).toBe(true);
  for (let i = 15; i < 25; i += 1) recent.isRepeat(String(i), 0, i);
  expect(recent.isRepeat("first", 0, 99)).toBe(false);
});
