import { describe, expect, test } from "vitest";
import { shippedRules } from "../../rule-file.ts";
import { delayMax, segmentCurve, usualDelay } from "./delay-curve.ts";
import {
  binOf,
  createBound,
  lateChances,
  lateFactors,
  type LateModel,
} from "./late-model.ts";
import { chanceBeyond, tiltCurve } from "./tilt-curve.ts";

const bins = [
  { input: "lateRatio180d", edges: [0.1, 0.3], weights: [-1, 0, 1.5, 0.2] },
  { input: "termsDays", edges: [30], weights: [-0.5, 0.5, 0] },
] as const;
const model: LateModel = {
  ...{ trained: "by hand", fiveLatePrior: 0.06 },
  outcomes: {
    late1: { intercept: -1, bins },
    late5: { intercept: -2, bins },
    late15: { intercept: -4, bins },
  },
};
const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));

describe("late model", () => {
  test.each([
    [0.1, 0],
    [0.1001, 1],
    [0.3, 1],
    [9, 2],
    [null, 3],
  ])("%s falls into bin %i", (value, bin) => {
    expect(binOf(value, bins[0].edges)).toBe(bin);
  });

  test("adds the weights of the bins in log-odds", () => {
    const chances = lateChances(model, { lateRatio180d: 0.5, termsDays: 10 });
    expect(chances.late1).toBeCloseTo(logistic(-1 + 1.5 - 0.5), 12);
    expect(chances.late15).toBeCloseTo(logistic(-4 + 1.5 - 0.5), 12);
  });

  test("a longer delay is never the likelier one", () => {
    const { outcomes } = model;
    const odd = { ...model, outcomes: { ...outcomes, late15: outcomes.late1 } };
    const chances = lateChances(odd, { lateRatio180d: 0.5, termsDays: 60 });
    expect(chances.late15).toBe(chances.late5);
  });

  test("believes a customer's own record beyond 15 days", () => {
    const own = { lateRatio180d: 0.5, termsDays: 60, beyond15Share: 0.4 };
    expect(lateChances(model, own).late15).toBe(0.4);
    expect(lateFactors(model.outcomes.late15, own)[0]?.input).toBe(
      "beyond15Share",
    );
  });

  test("who was always beyond 15 days was always beyond 1 and 5 days, too", () => {
    const own = { lateRatio180d: 0.05, termsDays: 10, beyond15Share: 0.8 };
    expect(lateChances(model, own)).toEqual({
      ...{ late1: 0.8, late5: 0.8, late15: 0.8 },
    });
  });

  test("gives as reasons what speaks for late, the most first", () => {
    const factors = lateFactors(model.outcomes.late15, {
      ...{ lateRatio180d: 0.5, termsDays: 60, beyond15Share: 0 },
    });
    expect(factors.map((factor) => factor.input)).toEqual([
      "lateRatio180d",
      "termsDays",
    ]);
  });

  test("bounds every item by what is simple of it", () => {
    const { late15 } = model.outcomes;
    const simple = { termsDays: 31, amountShare: 0.2 };
    const far = {
      input: "dueSameDay",
      edges: [0],
      weights: [-1, 1, 0],
    } as const;
    const wide = { ...late15, bins: [...late15.bins, far] };
    const outcomes = { ...model.outcomes, late1: wide };
    for (const lateRatio180d of [0, 0.2, 0.9]) {
      const customer = {
        ...{ lateRatio180d, lateRatio365d: null, overdueShare: null },
        ...{ lateOfLast3: null, fiveLateShare: null, beyond15Share: null },
      };
      const chances = [0, 1, null].map((dueSameDay) => {
        const values = { ...simple, ...customer, dueSameDay };
        return lateChances({ ...model, outcomes }, values).late1;
      });
      const most = Math.max(...chances);
      expect(createBound(wide, customer, most)(simple)).toBe(true);
      expect(createBound(wide, customer, most + 1e-6)(simple)).toBe(false);
    }
    const known = {
      ...{ lateRatio180d: 0, lateRatio365d: 0, overdueShare: 0 },
      ...{ lateOfLast3: 0, fiveLateShare: 0, beyond15Share: 0.6 },
    };
    // The own record holds, whatever the model says.
    expect(createBound(wide, known, 0.6)(simple)).toBe(true);
  });
});

describe("a curve tilted to the model", () => {
  const curve = segmentCurve([
    [-5, 0.1],
    [0, 0.8],
    [30, 0.95],
    [delayMax, 0.97],
  ]);
  const late = { late1: 0.5, late5: 0.3, late15: 0.2 };
  const tilted = tiltCurve(curve, late);

  test("has the model's chances", () => {
    expect(chanceBeyond(tilted, 0, -60)).toBeCloseTo(late.late1, 12);
    expect(chanceBeyond(tilted, 4, -60)).toBeCloseTo(late.late5, 12);
    expect(chanceBeyond(tilted, 15, -60)).toBeCloseTo(late.late15, 12);
  });
  test("keeps never paid in the last part, and the shape within each", () => {
    const never = chanceBeyond(tilted, delayMax, -60);
    expect(never).toBeGreaterThan(0);
    expect(never).toBeLessThan(late.late15);
  });
  test("given open for some days, shorter delays are out", () => {
    expect(chanceBeyond(tilted, 4, 5)).toBe(1);
    expect(chanceBeyond(tilted, 15, 1)).toBeCloseTo(
      late.late15 / late.late1,
      12,
    );
  });
});

test("the usual delay of the shipped segment is near the due day", () => {
  const { mean, variance } = usualDelay(shippedRules().rules.forecast.delays);
  expect(Math.abs(mean)).toBeLessThan(3);
  expect(variance).toBeGreaterThan(1);
  expect(variance).toBeLessThan(100);
});
