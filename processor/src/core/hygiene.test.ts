/** Alert hygiene (domain C10.10, F-35): what is told, what is kept quiet. */
import type { Alert, AlertSuppressed } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import { checkRules, shippedRules } from "../rule-file.ts";
import {
  portfolioRecord,
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
import type { RuleSet } from "./rule-set.ts";
import { emptyDay } from "./tally.ts";

const yuan = (n: number): number => n * 100;
const hour = 3_600_000;

function rulesWith(alerts: object): RuleSet {
  const data = JSON.parse(shippedRules().body) as { alerts: object };
  return checkRules({ ...data, alerts: { ...data.alerts, ...alerts } });
}

function solid(at: number, customerId = "C-1"): Fact[] {
  const rated = fact("CustomerRated", at, {
    agency: "agency",
    rating: "AAA",
    normalised: 95,
    ratedAt: startDay,
  });
  return [limit(yuan(100_000), at), rated].map((item) => ({
    ...item,
    value: { ...item.value, customerId },
  }));
}

/** One order of about ¥1,000 every three days, and a limit of ¥100,000. */
function usual(rules?: RuleSet): World {
  const world = createWorld(rules);
  world.fold([
    ...solid(start - 60 * dayMs),
    ...Array.from({ length: 15 }, (_, i) =>
      order(
        `U-${String(i)}`,
        yuan(1000 + (i % 3) * 50),
        start - (45 - 3 * i) * dayMs,
      ),
    ),
  ]);
  world.tick(start - 1);
  world.outputs.length = 0;
  return world;
}

/** `rule parent-rule` of each newest snapshot. */
function newest(world: World): Map<string, Alert> {
  return new Map(of(world, "Alert").map((alert) => [alert.ruleId, alert]));
}

const hushed = (world: World): AlertSuppressed[] =>
  of(world, "AlertSuppressed");

describe("one cause, several alerts", () => {
  test("the gravest leads, the others exist and are recorded", () => {
    const world = usual();
    world.fold([order("BIG", yuan(200_000), start)]);
    const alerts = newest(world);
    const large = alerts.get("ORD-01");
    const breach = alerts.get("EXP-02");
    expect(large).toMatchObject({ severity: "critical", parent: null });
    expect(large?.announce).toBe(true);
    expect(breach).toMatchObject({ state: "open", parent: large?.alertId });
    expect(breach?.announce).toBe(false);
    expect(world.state().alerts.map((item) => item.parent)).toContain(
      large?.alertId,
    );
    const told = of(world, "Alert").filter((alert) => alert.announce);
    expect(told.map((alert) => alert.ruleId)).toEqual(["ORD-01"]);
    expect(hushed(world).every((item) => item.reason === "cause")).toBe(true);
    expect(hushed(world)).toContainEqual(
      expect.objectContaining({
        ...{ ruleId: "EXP-02", alertId: breach?.alertId },
        ...{ parent: large?.alertId, customerId: "C-1" },
      }),
    );
  });

  test("an alert alone has no leader and no record", () => {
    const world = createWorld();
    world.fold(solid(start - dayMs));
    world.fold([order("L-1", yuan(1000), start, { termsDays: 60 })]);
    const alerts = newest(world);
    expect([...alerts.keys()]).toEqual(["ORD-07"]);
    expect(alerts.get("ORD-07")).toMatchObject({ parent: null, quiet: null });
    expect(hushed(world)).toEqual([]);
  });

  test("when the leader ends, the gravest of the others is told", () => {
    const world = usual();
    world.fold([order("BIG", yuan(200_000), start)]);
    const leader = newest(world).get("ORD-01")?.alertId ?? "";
    world.outputs.length = 0;
    world.action(
      { target: "alert", targetId: leader, action: "dismiss" },
      start + hour,
    );
    const breach = newest(world).get("EXP-02");
    expect(breach).toMatchObject({ parent: null, announce: true });
    const others = world.state().alerts.filter((item) => item.parent !== null);
    expect(others.every((item) => item.parent === breach?.alertId)).toBe(true);
  });
});

describe("the cool-down", () => {
  test("records once what it keeps quiet, and lets growth speak", () => {
    const world = usual();
    world.fold([order("L-1", yuan(1000), start, { termsDays: 60 })]);
    const alert = newest(world).get("ORD-07");
    world.action(
      { target: "alert", targetId: alert?.alertId ?? "", action: "resolve" },
      start + hour,
    );
    world.outputs.length = 0;
    world.fold([order("L-2", yuan(1000), start + 2 * hour, { termsDays: 60 })]);
    world.fold([order("L-3", yuan(1000), start + 3 * hour, { termsDays: 60 })]);
    expect(newest(world).has("ORD-07")).toBe(false);
    expect(hushed(world)).toMatchObject([
      { ruleId: "ORD-07", reason: "cooldown", value: 60, threshold: 90 },
    ]);
    world.fold([order("L-4", yuan(1000), start + 4 * hour, { termsDays: 91 })]);
    expect(newest(world).get("ORD-07")?.state).toBe("open");
  });

  test("a full list is recorded once a day, and what it turned away comes back", () => {
    const world = usual(rulesWith({ max: 0 }));
    const filling = [33_000, 33_000, 500, 500].map((money, i) =>
      order(`F-${String(i)}`, yuan(money), start + i * 60_000),
    );
    world.fold(filling);
    const full = hushed(world).filter((item) => item.reason === "full");
    expect(full.filter((item) => item.ruleId === "EXP-01")).toHaveLength(1);
    expect(world.state().alerts).toEqual([]);
    const { body } = shippedRules();
    const roomy = { version: 9, effectiveAt: 0, logic: 1, body };
    world.control({ name: "RuleSet", value: roomy });
    world.tick(start + hour);
    expect(newest(world).get("EXP-01")?.state).toBe("open");
  });
});

describe("a maintenance window", () => {
  const window = (over: object): RuleSet =>
    rulesWith({
      maintenance: [
        {
          from: new Date(start - hour).toISOString(),
          until: new Date(start + 6 * hour).toISOString(),
          reason: "cut-over",
          ...over,
        },
      ],
    });

  test("keeps alerts quiet, and tells at its end what still holds", () => {
    const world = usual(window({}));
    world.fold([order("BIG", yuan(8000), start)]);
    const quiet = newest(world).get("ORD-01");
    expect(quiet).toMatchObject({ quiet: "maintenance", announce: false });
    expect(hushed(world)).toMatchObject([
      { reason: "maintenance", alertId: quiet?.alertId },
    ]);
    world.tick(start + 6 * hour - 1);
    expect(newest(world).get("ORD-01")?.announce).toBe(false);
    world.tick(start + 6 * hour);
    expect(newest(world).get("ORD-01")).toMatchObject({
      ...{ quiet: null, announce: true, state: "open" },
    });
  });

  test.each([
    ["another rule", { rules: ["PAY-01"] }],
    ["another segment", { segments: ["retail"] }],
    ["a window that is over", { until: new Date(start).toISOString() }],
  ])("does not hold for %s", (_, over) => {
    const world = usual(window(over));
    world.fold([order("BIG", yuan(8000), start)]);
    expect(newest(world).get("ORD-01")?.announce).toBe(true);
  });
});

describe("the budget of a day", () => {
  const budget = { budget: { analysts: 1, perDay: 1, upTo: "medium" } };
  /** A medium alert: terms longer than agreed, more so with the money. */
  const stretched = (id: string, customerId: string, money: number): Fact[] => [
    ...solid(start - dayMs, customerId),
    order(id, yuan(money), start, { termsDays: 60, customerId }),
  ];
  const told = (world: World): string[] =>
    of(world, "Alert")
      .filter((alert) => alert.announce && alert.ruleId === "ORD-07")
      .map((alert) => alert.customerId);

  test("the first is told, an equal one not, a greater one is", () => {
    const world = createWorld(rulesWith(budget));
    world.fold(stretched("S-1", "C-1", 5000));
    world.fold(stretched("S-2", "C-2", 5000));
    world.fold(stretched("S-3", "C-3", 40_000));
    expect(told(world)).toEqual(["C-1", "C-3"]);
    expect(world.state("C-2").alerts).toMatchObject([
      { ruleId: "ORD-07", state: "open", quiet: "budget" },
    ]);
    const [record] = hushed(world).filter((item) => item.reason === "budget");
    expect(record).toMatchObject({ customerId: "C-2", ruleId: "ORD-07" });
    expect(record?.value).toBeGreaterThan(0);
    expect(record?.threshold).toBeGreaterThan(0);
  });

  test("high alerts are told whatever the budget", () => {
    const world = usual(rulesWith({ budget: { ...budget.budget, perDay: 0 } }));
    world.fold([order("BIG", yuan(20_000), start)]);
    expect(newest(world).get("ORD-01")).toMatchObject({
      ...{ severity: "high", announce: true },
    });
  });

  test("what other partitions told counts, by the portfolio record", () => {
    const world = createWorld(rulesWith(budget));
    world.fold(solid(start - dayMs));
    const ranks = Array<number>(40).fill(0);
    ranks[39] = 1;
    const tally = { ...emptyDay(startDay), ranks };
    world.control(portfolioRecord({ tally }));
    world.fold(stretched("S-1", "C-1", 5000).slice(2));
    expect(told(world)).toEqual([]);
  });

  test("a new day has a budget of its own", () => {
    const world = createWorld(rulesWith(budget));
    world.fold(stretched("S-1", "C-1", 5000));
    const later = stretched("S-2", "C-2", 5000).map((item) => ({
      ...item,
      value: { ...item.value, time: start + dayMs },
    }));
    world.fold(later);
    expect(told(world)).toEqual(["C-1", "C-2"]);
  });
});

describe("statistical findings of a day", () => {
  /** Three orders in a day of a customer of one in three days: p about 1e-3. */
  const burst = (world: World): Alert | undefined => {
    world.fold(
      [1, 2, 3, 4].map((i) =>
        order(`B-${String(i)}`, yuan(1000), start + i * 60_000),
      ),
    );
    return newest(world).get("ORD-03");
  };
  const busy = (tests: number): World => {
    const world = usual();
    const tally = { ...emptyDay(startDay), tests };
    world.control(portfolioRecord({ tally }));
    return world;
  };

  test("one among few tests is told", () => {
    expect(burst(usual())).toMatchObject({ quiet: null, announce: true });
  });

  test("the same among a million tests is likely chance", () => {
    const world = busy(1_000_000);
    expect(burst(world)).toMatchObject({
      ...{ state: "open", quiet: "fdr", announce: false },
    });
    const [record] = hushed(world).filter((item) => item.reason === "fdr");
    expect(record?.ruleId).toBe("ORD-03");
    expect(record?.value).toBeLessThan(0.001);
    expect(record?.threshold).toBeLessThan(record?.value ?? 0);
  });

  test("rules that test no chance are told all the same", () => {
    const world = busy(1_000_000);
    world.fold([order("BIG", yuan(8000), start)]);
    expect(newest(world).get("ORD-01")?.announce).toBe(true);
  });
});
