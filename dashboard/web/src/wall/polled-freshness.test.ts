import { describe, expect, it } from "vitest";
import {
  lateAfter,
  lostAfter,
  polledFreshness,
  staleAfter,
} from "./polled-freshness.ts";

const everyMs = 1000;
const of = (
  age: number,
  line: "LIVE" | "QUIET" | "STALE" | "OFFLINE" = "LIVE",
) => polledFreshness({ answeredAt: 50_000, now: 50_000 + age, everyMs, line });

describe("a number that is asked for", () => {
  it.each([
    [0, "LIVE"],
    [lateAfter * everyMs, "LIVE"],
    [lateAfter * everyMs + 1, "DELAYED"],
    [staleAfter * everyMs + 1, "STALE"],
    [lostAfter * everyMs + 1, "OFFLINE"],
    [-10, "LIVE"],
  ])("of %i ms is %s", (age, state) => {
    expect(of(age).state).toBe(state);
  });

  it("is no fresher than a line that is cut, and says since when", () => {
    expect(of(0, "OFFLINE")).toMatchObject({
      ...{ state: "OFFLINE", watermark: 50_000 },
    });
    expect([of(0, "QUIET").state, of(0, "STALE").state]).toEqual([
      "LIVE",
      "LIVE",
    ]);
  });

  it("is nothing before the first answer", () => {
    const input = { answeredAt: 0, now: 5, everyMs, line: "LIVE" } as const;
    expect(polledFreshness(input).state).toBe("OFFLINE");
  });
});
