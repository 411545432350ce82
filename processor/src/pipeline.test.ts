import { logPartitions } from "@riskwall/schemas/names";
import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { nextPace, paceMin, turnMaxMs } from "./pipeline.ts";

describe("size of the next sub-batch", () => {
  it.each([
    ["a quick one doubles", 200, 200, 2, 400],
    ["one that just fits stays", 400, 400, turnMaxMs, 400],
    ["one that was five times too long is cut at once", 500, 500, 500, 100],
    ["none falls below the least", 100, 100, 60_000, paceMin],
    ["a short one says what fits, too", 800, 40, turnMaxMs / 4, 160],
    ["a clock that stood still is no reason to jump", 100, 100, 0, 200],
  ])("%s", (_, pace, folded, ms, next) => {
    expect(nextPace(pace, folded, ms)).toBe(next);
  });

  it("lets the group hear from a process that owns every partition", () => {
    const heartbeatMs = loadConfig({}).sessionMs / 4;
    expect(turnMaxMs * logPartitions).toBeLessThan(heartbeatMs);
  });
});
