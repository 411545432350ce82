import { describe, expect, it } from "vitest";
import {
  openingsPerStep,
  openingsSpanMs,
  openingsStepMs,
} from "./alert-bars.ts";

describe("openings per step", () => {
  const now = Date.parse("2026-11-23T08:10:00Z");
  const opened = (openedAt: string) => ({
    openedAt,
    severity: "high" as const,
  });

  it("has a bar for each step, the present one last", () => {
    const bins = openingsPerStep([], now);
    expect(bins).toHaveLength(openingsSpanMs / openingsStepMs);
    expect(bins.at(-1)?.at).toBe(Date.parse("2026-11-23T08:00:00Z"));
  });

  it("counts an opening in its step, and none outside of the span", () => {
    const bins = openingsPerStep(
      [
        opened("2026-11-23T08:00:00Z"),
        opened("2026-11-23T07:59:59.999Z"),
        opened("2026-11-22T08:00:00Z"),
        opened("2026-11-23T08:30:00Z"),
      ],
      now,
    );
    expect(bins.map((bin) => bin.counts.high).filter((n) => n > 0)).toEqual([
      1, 1,
    ]);
    expect(bins.at(-1)?.counts.high).toBe(1);
    expect(bins.at(-2)?.counts.high).toBe(1);
  });
});
