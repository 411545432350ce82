import { describe, expect, it } from "vitest";
import {
  freshnessOf,
  isFrozen,
  lagOf,
  worstOf,
  type FreshnessInput,
} from "./freshness.ts";

const live: FreshnessInput = {
  serverNow: 1_000_000,
  watermark: 999_500,
  heartbeatAgeMs: 900,
  sinceEventMs: 200,
  gapAgeMs: 0,
};

const behind = (ms: number): Partial<FreshnessInput> => ({
  watermark: 1_000_000 - ms,
});

describe("freshness", () => {
  it.each([
    ["everything moves", {}, "LIVE"],
    ["no event for 31 s", { sinceEventMs: 31_000 }, "QUIET"],
    ["no event seen yet", { sinceEventMs: null }, "QUIET"],
    ["lag just below 5 s", behind(4999), "LIVE"],
    ["lag of 5 s", behind(5000), "DELAYED"],
    ["lag of 30 s", behind(30_000), "DELAYED"],
    ["lag beyond 30 s", behind(30_001), "STALE"],
    ["lag of 120 s", behind(120_000), "STALE"],
    ["lag beyond 120 s", behind(120_001), "OFFLINE"],
    ["a late heartbeat", { heartbeatAgeMs: 3000 }, "DELAYED"],
    ["no heartbeat for 10 s", { heartbeatAgeMs: 10_000 }, "OFFLINE"],
    ["never a heartbeat", { heartbeatAgeMs: Infinity }, "OFFLINE"],
    ["a gap of 6 s", { gapAgeMs: 6000 }, "DELAYED"],
    [
      "lag hides no silence",
      { ...behind(6000), sinceEventMs: null },
      "DELAYED",
    ],
    ["a watermark ahead of now", behind(-2000), "LIVE"],
  ] as const)("%s", (_, change, expected) => {
    expect(freshnessOf({ ...live, ...change })).toBe(expected);
  });

  it("takes the larger of lag and gap", () => {
    expect(lagOf({ ...live, gapAgeMs: 700 })).toBe(700);
    expect(lagOf({ ...live, gapAgeMs: 300 })).toBe(500);
  });

  it("is as fresh as its least fresh part", () => {
    expect(worstOf([])).toBe("LIVE");
    expect(worstOf(["LIVE", "STALE", "QUIET"])).toBe("STALE");
    expect(isFrozen("STALE")).toBe(true);
    expect(isFrozen("DELAYED")).toBe(false);
  });
});
