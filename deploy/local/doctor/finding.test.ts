import { describe, expect, it } from "vitest";
import {
  isAtLeast,
  judgeDisk,
  judgeLag,
  judgeRedis,
  judgeSkew,
} from "./finding.ts";

describe("versions", () => {
  it.each([
    ["7.0.15", "6.2", true],
    ["6.2.0", "6.2", true],
    ["6.0.16", "6.2", false],
    ["25.10.2.1", "24.3", true],
    ["24.2.9", "24.3", false],
    ["10.0", "9.9", true],
    ["unknown", "1", false],
  ])("%s is at least %s: %s", (version, least, yes) => {
    expect(isAtLeast(version, least)).toBe(yes);
  });
});

describe("clocks", () => {
  const window = { from: 1_000_000, to: 1_002_000 };
  it.each([
    [1_001_000, null],
    [1_062_000, null],
    [1_063_000, "its clock is 61 s ahead"],
    [940_000, null],
    [930_000, "its clock is 70 s behind"],
  ])("%d", (server, what) => {
    expect(judgeSkew("x", server, window)?.what ?? null).toBe(what);
  });
});

describe("disks", () => {
  it.each([
    [9, 100, "9.0 % free, less than 10 %"],
    [10, 100, null],
    [0, 0, null],
  ])("%d of %d", (free, total, what) => {
    expect(judgeDisk("x", free, total, 10)?.what ?? null).toBe(what);
  });
});

describe("Redis", () => {
  const good = {
    ...{ redis_version: "7.0.15", maxmemory_policy: "noeviction" },
    ...{ maxmemory: "1000", used_memory: "500" },
  };
  it.each([
    ["as it should be", {}, []],
    ["no limit", { maxmemory: "0" }, []],
    ["old", { redis_version: "6.0.1" }, ["version 6.0.1, needs 6.2"]],
    ["full", { used_memory: "950" }, ["95 % of maxmemory used"]],
    [
      "evicting",
      { maxmemory_policy: "allkeys-lru" },
      ["maxmemory-policy is allkeys-lru: state would be thrown away"],
    ],
  ])("%s", (_, over, what) => {
    const info = new Map(Object.entries({ ...good, ...over }));
    expect(judgeRedis("x", info, "6.2").map((item) => item.what)).toEqual(what);
  });
});

describe("lag", () => {
  it.each([
    [0, 999, null],
    [5000, 4000, null],
    [5000, 5000, null],
    [5000, 7000, "7000 records behind, 2000 more than 3 s ago"],
  ])("from %d to %d", (before, after, what) => {
    const lag = { before, after, seconds: 3 };
    expect(judgeLag("processor", "x", lag)?.what ?? null).toBe(what);
  });
});
