import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createWorld,
  fact,
  limit,
  of,
  order,
  portfolioRecord,
  start,
  type World,
} from "./fold.test-support.ts";
import type { OrderMark } from "./rings.ts";
import { moveSegments, segmentPriors } from "./segment-sums.ts";

const none = { segment: "", ring: [] };
const sketch = (changes: ReadonlyMap<string, number>): Record<string, string> =>
  Object.fromEntries([...changes].map(([field, n]) => [field, String(n)]));

describe("segment priors", () => {
  test("quantiles are within 5 % of the exact ones, over all partitions", () => {
    const amounts = Array.from({ length: 2000 }, (_, i) => 100 + i * i * 37);
    const rings = [amounts.slice(0, 700), amounts.slice(700)].map((list) =>
      list.map((amount): OrderMark => ({ day: 1, amount })),
    );
    const sketches = rings.map((ring) => {
      const changes = new Map<string, number>();
      moveSegments(changes, none, { segment: "a:b", ring });
      return sketch(changes);
    });
    const prior = segmentPriors(sketches)["a:b"];
    expect(prior?.orders).toBe(2000);
    for (const [found, q] of [
      [prior?.orderP95, 0.95],
      [prior?.orderP99, 0.99],
    ] as const) {
      const exact = amounts[Math.ceil(2000 * q) - 1] ?? 0;
      expect(Math.abs((found ?? 0) / exact - 1)).toBeLessThanOrEqual(0.051);
    }
  });

  test("any way of rings and segments ends in the same sketch", () => {
    const mark = fc.record({
      day: fc.integer({ min: 1, max: 3 }),
      amount: fc.integer({ min: 0, max: 10_000 }),
    });
    const pool = fc.array(mark, { minLength: 5, maxLength: 5 });
    const steps = fc.array(
      fc.record({
        segment: fc.constantFrom("", "retail", "key:account"),
        taken: fc.subarray([0, 1, 2, 3, 4]),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(pool, steps, (marks, way) => {
        const changes = new Map<string, number>();
        let last: { segment: string; ring: readonly OrderMark[] } = none;
        for (const { segment, taken } of way) {
          const ring = taken.flatMap((i) => marks[i] ?? []);
          moveSegments(changes, last, { segment, ring });
          last = { segment, ring };
        }
        const direct = new Map<string, number>();
        moveSegments(direct, none, last);
        const moved = [...changes].filter(([, n]) => n !== 0);
        expect(new Map(moved)).toEqual(direct);
      }),
    );
  });
});

describe("a first order against its segment", () => {
  const yuan = (n: number): number => n * 100;
  const portfolio = (world: World, orders: number, yuanP99: number): void => {
    const priors = { orderP95: yuan(yuanP99) / 2, orderP99: yuan(yuanP99) };
    world.control(
      portfolioRecord({ seq: orders, segments: { "": { orders, ...priors } } }),
    );
  };
  const alerts = (orders: number, yuanP99: number): string[] => {
    const world = createWorld();
    world.fold([
      limit(yuan(10_000_000), start),
      fact("CustomerRated", start, {
        agency: "agency",
        rating: "A",
        normalised: 70,
        ratedAt: 0,
      }),
    ]);
    portfolio(world, orders, yuanP99);
    world.fold([order("S-1", yuan(200_000), start + 1)]);
    return of(world, "Alert")
      .map((alert) => alert.ruleId)
      .filter((rule) => rule.startsWith("ORD"));
  };

  test("leg (e) and ORD-06 take the measured quantiles", () => {
    expect(alerts(1000, 150_000)).toEqual(["ORD-01", "ORD-06"]);
    expect(alerts(1000, 250_000)).toEqual(["ORD-06"]);
    expect(alerts(1000, 500_000)).toEqual([]);
  });
  test("with too few orders known, those of the rule set", () => {
    expect(alerts(999, 150_000)).toEqual([]);
  });
});
