import type { PortfolioGroup } from "@riskwall/schemas";
import { groupSubject } from "@riskwall/schemas/names";
import { describe, expect, test } from "vitest";
import {
  createWorld,
  dayMs,
  fact,
  limit,
  of,
  order,
  payment,
  portfolioRecord,
  start,
  startDay,
  type Fact,
  type World,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;
const subject = groupSubject("G-1");

function group(over: Partial<PortfolioGroup> = {}): PortfolioGroup {
  return {
    ...{ groupId: "G-1", name: "Group", parent: null, currency: "CNY" },
    ...{ limit: yuan(1000), members: 2, parts: [0, 0], top: [] },
    ...over,
  };
}

function groupSet(time: number, over: object = {}): Fact {
  const { value } = fact("GroupSet", time, {
    ...{ groupId: "G-1", name: "Group", parent: null },
    ...{ limit: yuan(1000), currency: "CNY" },
    ...over,
  });
  return { name: "GroupSet", value: { ...value, customerId: subject } };
}

function member(time: number, id = "C-1", groupId = "G-1"): Fact {
  const { value } = fact("CustomerUpserted", time, {
    ...{ name: null, segment: null, industry: null, country: null },
    ...{ currency: null, termsDays: null, since: null, owner: null },
    ...{ groupId, creditLimit: null },
  });
  return { name: "CustomerUpserted", value: { ...value, customerId: id } };
}

/** A member whose own limit is no matter, in a group of which others owe. */
function worldOf(elsewhere: number, over: Partial<PortfolioGroup> = {}): World {
  const world = createWorld();
  world.fold([member(start), limit(yuan(100_000), start)]);
  world.control(
    portfolioRecord({ groups: [group({ parts: [0, elsewhere], ...over })] }),
  );
  return world;
}

const lastDecision = (world: World) => of(world, "Decision").at(-1);

describe("H11 集团超限", () => {
  const cases: [string, number, number, string[]][] = [
    ["others owe 700, the order makes 1,000: it fits", 700, 300, []],
    ["one yuan more does not", 700, 301, ["H11"]],
    ["others owe nothing: the own part alone", 0, 1001, ["H11"]],
    ["others are in credit", -500, 1500, []],
  ];
  test.each(cases)("%s", (_, elsewhere, amount, codes) => {
    const world = worldOf(yuan(elsewhere));
    world.fold([order("S-1", yuan(amount), start + 1)]);
    expect(lastDecision(world)?.codes.filter((c) => c === "H11")).toEqual(
      codes,
    );
  });

  test("says group, exposure and the age of the snapshot", () => {
    const world = worldOf(yuan(900));
    world.fold([order("S-1", yuan(200), start + 60_000)]);
    const decision = lastDecision(world);
    expect(decision?.group).toEqual({
      groupId: "G-1",
      exposureBefore: yuan(900),
      exposureAfter: yuan(900),
      limit: yuan(1000),
      asOf: start,
      ageMs: 60_000,
    });
    expect(decision?.hits.find((hit) => hit.code === "H11")).toMatchObject({
      value: "¥1,100.00",
      threshold: "¥1,000.00",
    });
    expect(decision?.clearsEn).toContain("group Group pays or cuts orders by");
  });

  test("the own part counts as it is now, not as in the snapshot", () => {
    const world = worldOf(yuan(500));
    world.fold([order("S-1", yuan(400), start + 1)]);
    expect(lastDecision(world)?.outcome).toBe("allow");
    // The next record has seen it: it does not count twice.
    world.control(
      portfolioRecord({
        ...{ seq: 2, id: "p2", basis: "p1" },
        groups: [group({ parts: [yuan(400), yuan(500)] })],
      }),
    );
    world.fold([order("S-2", yuan(100), start + 2)]);
    expect(lastDecision(world)?.codes).not.toContain("H11");
    world.fold([order("S-3", yuan(1), start + 3)]);
    expect(lastDecision(world)?.codes).toContain("H11");
  });

  test("two members of one partition see each other at once", () => {
    const world = worldOf(0);
    const second = order("S-2", yuan(600), start + 2);
    world.fold([
      member(start + 1, "C-2"),
      order("S-1", yuan(600), start + 1),
      { ...second, value: { ...second.value, customerId: "C-2" } },
    ]);
    expect(lastDecision(world)?.codes).toContain("H11");
  });

  test("a parent's limit holds for the members of its children", () => {
    const world = createWorld();
    world.fold([member(start, "C-1", "CHILD"), limit(yuan(100_000), start)]);
    world.control(
      portfolioRecord({
        groups: [
          group({ parts: [0, yuan(400)] }),
          group({
            groupId: "CHILD",
            parent: "G-1",
            limit: null,
            parts: [0, yuan(500)],
          }),
          group({
            groupId: "OTHER",
            parent: "G-1",
            limit: null,
            parts: [0, yuan(50)],
          }),
        ],
      }),
    );
    world.fold([order("S-1", yuan(50), start + 1)]);
    expect(lastDecision(world)?.outcome).toBe("allow");
    world.fold([order("S-2", yuan(1), start + 2)]);
    expect(lastDecision(world)).toMatchObject({
      codes: ["H11"],
      group: { groupId: "G-1", exposureBefore: yuan(1000) },
    });
  });

  test("a limit without a rate cannot be checked (F-3)", () => {
    const world = worldOf(0, { currency: "USD" });
    world.fold([order("S-1", yuan(1), start + 1)]);
    expect(lastDecision(world)?.codes).toContain("H15");
  });

  test("a payment of the member frees the held order", () => {
    const world = worldOf(yuan(500));
    world.fold([
      order("S-1", yuan(500), start + 1),
      order("S-2", yuan(200), start + 2),
      payment("P-1", yuan(300), startDay, start + 3),
    ]);
    expect(lastDecision(world)).toMatchObject({
      ...{ orderId: "S-2", outcome: "allow", releaseCode: "L01" },
    });
  });

  test("a record that another one should have come before is not believed", () => {
    const world = worldOf(0);
    const groups = [group({ parts: [0, yuan(5000)] })];
    const late = { seq: 3, id: "p3", basis: "p2", groups };
    world.control(portfolioRecord(late));
    world.fold([order("S-1", yuan(900), start + 1)]);
    expect(lastDecision(world)?.codes).toEqual([]);
    world.control(portfolioRecord({ seq: 4, id: "p4", groups }));
    world.fold([order("S-2", yuan(1), start + 2)]);
    expect(lastDecision(world)?.codes).toContain("H11");
  });

  test("who leaves the group, leaves its part", () => {
    const world = worldOf(0);
    world.fold([
      order("S-1", yuan(900), start + 1),
      member(start + 2, "C-1", "G-2"),
      member(start + 3, "C-2"),
    ]);
    const after = order("S-2", yuan(1000), start + 4);
    const other = { ...after, value: { ...after.value, customerId: "C-2" } };
    world.fold([other]);
    expect(lastDecision(world)?.codes).toEqual([]);
  });
});

describe("EXP-06 集团敞口", () => {
  const alerts = (world: World): string[] =>
    of(world, "Alert").map((alert) => `${alert.customerId} ${alert.state}`);
  const seen = (world: World, elsewhere: number, seq: number): void => {
    const top = [{ customerId: "C-9", exposure: elsewhere }];
    world.control(
      portfolioRecord({
        ...{
          seq,
          id: `p${String(seq)}`,
          groups: [group({ parts: [0, elsewhere], top })],
        },
      }),
    );
    world.tick(start + seq * 60_000);
  };

  test("is raised on the group above its limit, and resolved below it", () => {
    const world = createWorld();
    world.fold([groupSet(start)]);
    seen(world, yuan(1000), 1);
    expect(alerts(world)).toEqual([]);
    seen(world, yuan(1001), 2);
    expect(alerts(world)).toEqual([`${subject} open`]);
    const [alert] = of(world, "Alert");
    expect(alert).toMatchObject({
      ...{ ruleId: "EXP-06", severity: "high", moneyAtRisk: yuan(1) },
      ...{ customerName: "Group", limit: yuan(1000) },
    });
    expect(JSON.parse(alert?.explain ?? "")).toMatchObject({
      ...{ breach: "1.00", memberCount: 2, members: ["C-9 1001.00"] },
    });
    seen(world, yuan(999), 3);
    expect(alerts(world).at(-1)).toBe(`${subject} resolved`);
  });

  test("a lower limit is judged at once", () => {
    const world = createWorld();
    world.fold([groupSet(start)]);
    seen(world, yuan(900), 1);
    world.fold([groupSet(start + dayMs / 2, { limit: yuan(800) })]);
    expect(alerts(world)).toEqual([`${subject} open`]);
    // What is older does not win (F-9).
    world.fold([groupSet(start + dayMs / 4, { limit: yuan(5000) })]);
    expect(world.state(subject).standing?.amount).toBe(yuan(800));
  });

  test("people act on it like on any other; it has no orders", () => {
    const world = createWorld();
    world.fold([groupSet(start)]);
    seen(world, yuan(1001), 1);
    const [alert] = of(world, "Alert");
    const targetId = alert?.alertId ?? "";
    const act = { customerId: subject, target: "alert", targetId };
    world.action({ ...act, action: "acknowledge" }, start + 120_000);
    expect(of(world, "Alert").at(-1)?.state).toBe("acknowledged");
    world.action(
      { ...act, target: "order", action: "release" },
      start + 130_000,
    );
    expect(of(world, "ActionOutcome").at(-1)?.code).toBe("NO_CUSTOMER");
  });
});
