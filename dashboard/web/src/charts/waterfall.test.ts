import { describe, expect, it } from "vitest";
import { paletteOf } from "./palette.ts";
import { waterfallBars, waterfallChart } from "./waterfall.ts";

const steps = [
  { name: "late", delta: -30 },
  { name: "use", delta: 10 },
];

describe("a waterfall", () => {
  it("carries the running sum from bar to bar", () => {
    expect(waterfallBars(700, steps)).toEqual([
      { low: 670, high: 700 },
      { low: 670, high: 680 },
    ]);
  });

  it("begins with the score before and ends with the score after", () => {
    const option = waterfallChart(
      700,
      steps,
      { palette: paletteOf("light"), u: 1 },
      { before: "before", after: "after" },
    );
    const text = JSON.stringify(option);
    for (const label of ['"700"', '"−30"', '"+10"', '"680"']) {
      expect(text).toContain(label);
    }
    expect(option["xAxis"]).toMatchObject({
      data: ["before", "late", "use", "after"],
    });
  });
});
