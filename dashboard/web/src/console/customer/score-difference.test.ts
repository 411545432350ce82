import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scoreDifference, type ScoreParts } from "./score-difference.ts";

const parts = (
  score: number,
  points: readonly (readonly [string, number])[],
  over: Partial<ScoreParts> = {},
): ScoreParts => ({
  ...{ score, base: 600, capEffect: 0 },
  points: points.map(([code, n]) => ({
    ...{ code, value: String(n), bin: "", points: n },
  })),
  ...over,
});

describe("what changed between two scores", () => {
  it("is named per characteristic, the largest loss first", () => {
    const before = parts(660, [
      ["PB1", 45],
      ["EX1", 15],
    ]);
    const after = parts(625, [
      ["PB1", 5],
      ["EX1", 20],
    ]);
    const found = scoreDifference(before, after);
    expect(found).toMatchObject({ from: 660, to: 625 });
    expect(found.steps).toEqual([
      { code: "PB1", delta: -40 },
      { code: "EX1", delta: 5 },
    ]);
    expect(found.rows[0]).toEqual({
      ...{ code: "PB1", valueBefore: "45", value: "5" },
      ...{ before: 45, after: 5, delta: -40 },
    });
  });

  it("explains a first score from its base", () => {
    const found = scoreDifference(
      null,
      parts(645, [
        ["PB1", 45],
        ["EX1", 0],
      ]),
    );
    expect(found).toMatchObject({
      from: 600,
      steps: [{ code: "PB1", delta: 45 }],
    });
    expect(found.rows[1]).toMatchObject({ before: null, after: 0 });
  });

  it("names cap and bounds", () => {
    const before = parts(660, [["PB1", 60]]);
    const after = parts(300, [["PB1", -260]], { capEffect: -100 });
    expect(scoreDifference(before, after).steps).toEqual([
      { code: "PB1", delta: -320 },
      { code: "cap", delta: -100 },
      { code: "bounds", delta: 60 },
    ]);
  });

  it("adds up, whatever was before and after", () => {
    const any = fc
      .record({
        score: fc.integer({ min: 300, max: 850 }),
        base: fc.integer({ min: 500, max: 700 }),
        capEffect: fc.integer({ min: -300, max: 0 }),
        a: fc.integer({ min: -100, max: 100 }),
        b: fc.integer({ min: -100, max: 100 }),
      })
      .map(({ score, base, capEffect, a, b }) =>
        parts(
          score,
          [
            ["PB1", a],
            ["EX1", b],
          ],
          { base, capEffect },
        ),
      );
    fc.assert(
      fc.property(fc.option(any), any, (before, after) => {
        const { from, to, steps } = scoreDifference(before, after);
        const sum = steps.reduce((total, step) => total + step.delta, 0);
        expect(from + sum).toBe(to);
      }),
    );
  });
});
