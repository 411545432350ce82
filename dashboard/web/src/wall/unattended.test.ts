import { describe, expect, it } from "vitest";
import {
  crashWindowMs,
  entryOf,
  isCrashLoop,
  shiftAt,
  shiftEveryMs,
  shiftPixels,
  startsKept,
  untilReload,
} from "./unattended.ts";

describe("an unattended wall", () => {
  it("is in a crash loop after three starts without an end in ten minutes", () => {
    const now = 10 * crashWindowMs;
    expect(isCrashLoop([now - 3, now - 2, now - 1], now)).toBe(true);
    expect(isCrashLoop([now - 2, now - 1], now)).toBe(false);
    expect(isCrashLoop([now - crashWindowMs, now - 2, now - 1], now)).toBe(
      false,
    );
    expect(startsKept([now - crashWindowMs, now - 1, now + 9], now)).toEqual([
      now - 1,
    ]);
  });

  it.each([
    [3, 0, 60],
    [4, 0, 24 * 60],
    [12, 30, 15 * 60 + 30],
    [23, 59, 4 * 60 + 1],
  ])("reloads at night: at %i:%i in %i min", (hour, minute, minutes) => {
    const now = new Date(2026, 10, 20, hour, minute);
    expect(untilReload(now)).toBe(minutes * 60_000);
  });

  it("moves the picture by no more than two pixels, and back", () => {
    const shifts = [0, 1, 2, 3, 4].map((n) => shiftAt(n * shiftEveryMs));
    expect(new Set(shifts.map(String)).size).toBe(4);
    expect(shifts[4]).toEqual(shifts[0]);
    expect(Math.max(...shifts.flat())).toBe(shiftPixels);
  });

  it("knows its version by the entry script", () => {
    const html = '<script type="module" src="/assets/index-a1.js"></script>';
    expect(entryOf(html)).toBe("/assets/index-a1.js");
    expect(entryOf("<p>")).toBeNull();
  });
});
