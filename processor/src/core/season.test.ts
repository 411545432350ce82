/** Season and poisoned baselines (domain F-28, F-29) of ORD-01 and ORD-03. */
import type { Alert } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import { dayOfCivil } from "./calendar.ts";
import {
  createWorld,
  dayMs,
  fact,
  limit,
  of,
  order,
  start,
  startDay,
  type Fact,
  type World,
} from "./fold.test-support.ts";
import { heldBack, ordersIn, periodBefore } from "./season.ts";
import { emptyTiles } from "./tiles.ts";

const yuan = (n: number): number => n * 100;
const { calendar } = shippedRules().rules;

/** Orders of about ¥1,000 every ten days over the last 13 months. */
function steady(): Fact[] {
  return Array.from({ length: 40 }, (_, i) =>
    order(
      `U-${String(i)}`,
      yuan(1000 + (i % 3) * 50),
      start - (400 - 10 * i) * dayMs,
    ),
  );
}

/** A customer known for long; history comes as history. */
function known(...more: readonly Fact[]): World {
  const world = createWorld();
  const begin = start - 420 * dayMs;
  const facts = [
    limit(yuan(400_000), begin),
    fact("CustomerRated", begin, {
      ...{ agency: "a", rating: "AAA", normalised: 95, ratedAt: startDay },
    }),
    ...steady(),
    ...more,
  ].sort((a, b) => a.value.time - b.value.time);
  world.fold(
    facts.map((item) => ({
      ...item,
      value: { ...item.value, historical: true },
    })),
  );
  world.tick(start - dayMs);
  world.outputs.length = 0;
  return world;
}

const raised = (world: World, rule: string): Alert[] =>
  of(world, "Alert").filter((alert) => alert.ruleId === rule);

describe("the period of the year before", () => {
  const day = (text: string): number => {
    const [y = 0, m = 0, d = 0] = text.split("-").map(Number);
    return dayOfCivil(y, m, d);
  };
  test.each([
    ["an ordinary day", "2026-06-15", "2025-05-31", "2025-06-30", null],
    [
      "before the Spring Festival",
      "2026-02-10",
      "2025-01-07",
      "2025-01-27",
      "spring-festival",
    ],
    [
      "its first day",
      "2026-01-26",
      "2025-01-07",
      "2025-01-27",
      "spring-festival",
    ],
    ["the day after its last", "2026-02-16", "2025-02-01", "2025-03-03", null],
    ["the first one known", "2023-01-10", "2021-12-26", "2022-01-25", null],
  ] as const)("%s", (_, at, from, to, season) => {
    expect(periodBefore(day(at), calendar)).toEqual({
      ...{ from: day(from), to: day(to), season },
    });
  });

  test("a full ring that begins later, and no tiles, know nothing of it", () => {
    const ring = Array.from({ length: 100 }, () => ({ day: 900, amount: 5 }));
    const period = { from: 500, to: 530, season: null };
    expect(ordersIn(period, ring, emptyTiles())).toBeNull();
    const values = Array<number>(21).fill(0);
    values[0] = 4;
    values[1] = 400;
    const tiles = {
      ...emptyTiles(),
      tens: [
        { at: 51, values },
        { at: 49, values },
      ],
    };
    expect(ordersIn(period, ring, tiles)).toMatchObject({
      ...{ orders: 4, days: 10, max: null, mean: 100 },
    });
  });
});

describe("ORD-01 and the season", () => {
  const large = (amount: number): Fact => order("BIG", yuan(amount), start);
  const lastYear = (days: number, amount: number): Fact =>
    order("PEAK", yuan(amount), start - (365 + days) * dayMs);

  test.each([
    ["nothing like it a year ago", null, 8000, true],
    ["as large a year ago", lastYear(0, 8000), 8000, false],
    ["half as large again as a year ago", lastYear(0, 8000), 12_000, false],
    ["more than that", lastYear(0, 8000), 12_001, true],
    ["fifteen days earlier", lastYear(15, 8000), 8000, false],
    ["sixteen days earlier", lastYear(16, 8000), 8000, true],
  ] as const)("%s", (_, peak, amount, fires) => {
    const world = known(...(peak === null ? [] : [peak]));
    world.fold([large(amount)]);
    expect(raised(world, "ORD-01").length > 0).toBe(fires);
  });
});

describe("ORD-03 and the season", () => {
  const burst = [1, 2, 3].map((i) =>
    order(`B-${String(i)}`, yuan(1000), start + i * 60_000),
  );
  test("a burst that last year had as well is none", () => {
    const plain = known();
    plain.fold(burst);
    expect(raised(plain, "ORD-03")).not.toEqual([]);
    const peak = Array.from({ length: 20 }, (_, i) =>
      order(`P-${String(i)}`, yuan(1000), start - (365 - (i % 10)) * dayMs + i),
    );
    const seasonal = known(...peak);
    seasonal.fold(burst);
    expect(raised(seasonal, "ORD-03")).toEqual([]);
  });
});

describe("what is confirmed as an anomaly", () => {
  const again = (action: string): World => {
    const world = known();
    world.fold([order("BIG-1", yuan(9000), start)]);
    const [first] = raised(world, "ORD-01");
    world.action(
      { target: "alert", targetId: first?.alertId ?? "", action },
      start + 60_000,
    );
    world.outputs.length = 0;
    world.fold([order("BIG-2", yuan(9000), start + 3 * dayMs)]);
    return world;
  };

  test("is no previous maximum for the next one", () => {
    const [after] = raised(again("confirm"), "ORD-01");
    expect(JSON.parse(after?.explain ?? "{}")).toMatchObject({
      ...{ previousMax: "1100.00", legs: ["a", "b", "c"] },
    });
    const [dismissed] = raised(again("dismiss"), "ORD-01");
    expect(JSON.parse(dismissed?.explain ?? "{}")).toMatchObject({
      previousMax: "9000.00",
    });
  });

  test("is remembered with its day and amount", () => {
    const world = again("confirm");
    expect(world.state().anomalies).toEqual([
      { day: startDay, amount: yuan(9000), orders: 0 },
    ]);
  });
});

describe("a baseline that grows fast", () => {
  const base = {
    ...{ n: 50, medianAmount: 3000, medianLn: Math.log(3000), madLn: 0.4 },
    ...{ maxAmount: 5000, maxDay: 10 },
  };
  test.each([
    ["to less than half as much again", 2500, 8, 3000],
    ["to more: held at that", 1500, 8, 2250],
    ["with too few orders before", 1500, 7, 3000],
  ] as const)("%s", (_, medianAmount, n, wanted) => {
    const held = heldBack(base, { ...base, medianAmount, n });
    expect(held.medianAmount).toBe(wanted);
    expect(held.medianLn).toBeCloseTo(Math.log(wanted), 6);
  });
  test("without orders before it stands", () => {
    expect(heldBack(base, null)).toBe(base);
  });
});
