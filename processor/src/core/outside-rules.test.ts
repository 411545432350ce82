/** CTR-01, EXT-01 registers, EXT-02, COL-01, DQ-04 and H12: fire, just not, explained. */
import type { Records } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  limit,
  of,
  order,
  payment,
  solid,
  start,
  startDay,
  type Fact,
  type World,
} from "./fold.test-support.ts";
import { outsideMax } from "./outside-facts.ts";

const yuan = (n: number): number => n * 100;
const alertsOf = (world: World, rule: string): Records["Alert"][] =>
  of(world, "Alert").filter(({ ruleId }) => ruleId === rule);
const explained = (world: World, rule: string): unknown =>
  JSON.parse(alertsOf(world, rule).at(-1)?.explain ?? "{}");
const pointsOf = (world: World, code: string): number | undefined =>
  of(world, "ScoreChange")
    .at(-1)
    ?.points.find((point) => point.code === code)?.points;

function worldOf(...facts: readonly Fact[]): World {
  const world = createWorld();
  world.fold([...solid(start), limit(yuan(50_000), start), ...facts]);
  return world;
}

let serial = 0;
function milestone(due: number, done: number | null, at = start): Fact {
  serial += 1;
  return fact("MilestoneReported", at + serial, {
    ...{ milestoneId: `M-${String(serial)}`, contractId: "K" },
    ...{
      dueDate: startDay + due,
      doneDate: done === null ? null : startDay + done,
    },
  });
}

describe("CTR-01 contract performance", () => {
  // startDay is a Monday.
  test.each([
    { title: "11 days late and not done", due: -11, done: null, fires: true },
    { title: "10 days late and not done", due: -10, done: null, fires: false },
    { title: "done, 11 days late", due: -20, done: -9, fires: true },
    {
      title: "done, 11 days late, a month ago",
      due: -50,
      done: -39,
      fires: false,
    },
    { title: "due later", due: 5, done: null, fires: false },
  ])("a milestone $title", ({ due, done, fires }) => {
    const world = worldOf(milestone(due, done));
    expect(alertsOf(world, "CTR-01").map(({ severity }) => severity)).toEqual(
      fires ? ["medium"] : [],
    );
    if (!fires) return;
    expect(explained(world, "CTR-01")).toMatchObject({ daysLate: 11 });
    expect(alertsOf(world, "CTR-01")[0]?.titleZh).toContain("晚 11 天");
    expect(alertsOf(world, "CTR-01")[0]?.titleEn).toContain("11 days late");
  });

  test("becomes late by itself, and ends when it is met", () => {
    const world = worldOf(
      fact("MilestoneReported", start, {
        ...{ milestoneId: "M", contractId: null, doneDate: null },
        dueDate: startDay + 1,
      }),
    );
    for (let day = 1; day <= 12; day += 1) world.tick(start + day * dayMs);
    expect(alertsOf(world, "CTR-01").map(({ state }) => state)).toEqual([
      "open",
    ]);
    const done = (at: number): Fact =>
      fact("MilestoneReported", at, {
        ...{ milestoneId: "M", contractId: null, dueDate: startDay + 1 },
        doneDate: startDay + 1,
      });
    world.fold([done(start + 13 * dayMs)]);
    expect(alertsOf(world, "CTR-01").at(-1)?.state).toBe("resolved");
  });

  const met = (n: number, late: number): Fact[] => [
    ...Array.from({ length: n - late }, () => milestone(-60, -60)),
    ...Array.from({ length: late }, () => milestone(-60, -55)),
  ];
  test.each([
    { n: 10, late: 2, fires: true, rate: 0.8, points: -20 },
    { n: 10, late: 1, fires: false, rate: 0.9, points: 0 },
    { n: 3, late: 3, fires: true, rate: 0, points: -45 },
    { n: 50, late: 0, fires: false, rate: 1, points: 10 },
    // Two milestones tell nothing yet (F-27).
    { n: 2, late: 2, fires: false, rate: 0, points: 0 },
  ])("$late of $n milestones late", ({ n, late, fires, rate, points }) => {
    const world = worldOf(...met(n, late));
    const features = world.features();
    expect(features).toMatchObject({ ctrN: n, ctrPerfRate: rate });
    expect(alertsOf(world, "CTR-01").length > 0).toBe(fires);
    expect(pointsOf(world, "CT1")).toBe(points);
  });

  test("leaves the window after a year", () => {
    const world = worldOf(...met(3, 3));
    world.tick(start + 330 * dayMs);
    expect(world.features()).toMatchObject({ ctrN: 0, ctrPerfRate: null });
    expect(world.state().outside).toBeNull();
  });

  test(`keeps no more than ${String(outsideMax)}`, () => {
    const world = worldOf(
      ...Array.from({ length: outsideMax + 1 }, () => milestone(-5, -5)),
    );
    expect(of(world, "DeadLetter").map(({ code }) => code)).toEqual([
      "OUTSIDE_FULL",
    ]);
  });
});

const entry = (kind: string, status = "open", time = start + 1): Fact =>
  fact("RegisterReported", time, {
    ...{ registerId: "E", kind, status, date: startDay, authority: "沪高院" },
  });

describe("EXT-01 public registers, H12 and the cap", () => {
  test.each([
    { kind: "court", severity: "medium", cap: "" },
    { kind: "tax-default", severity: "high", cap: "" },
    { kind: "execution", severity: "critical", cap: "insolvency" },
    { kind: "insolvency", severity: "critical", cap: "insolvency" },
  ])("$kind is $severity", ({ kind, severity, cap }) => {
    const world = worldOf(entry(kind), order("A", yuan(10), start + 2));
    const [alert] = alertsOf(world, "EXT-01");
    expect(alert?.severity).toBe(severity);
    expect(explained(world, "EXT-01")).toEqual({
      ...{ source: "沪高院", kind, register: "E", date: "2026-03-02" },
    });
    expect(world.state().cap).toBe(cap);
    if (cap !== "") expect(world.state().score).toBe(300);
    const codes = of(world, "Decision").at(-1)?.codes;
    expect(codes?.includes("H12")).toBe(cap !== "");
  });

  test("a closed entry frees orders, lifts the cap and ends its alert", () => {
    const world = worldOf(
      entry("insolvency"),
      order("A", yuan(10), start + 2),
      entry("insolvency", "closed", start + 3),
    );
    expect(alertsOf(world, "EXT-01").at(-1)?.state).toBe("resolved");
    expect(world.state().cap).toBe("");
    expect(of(world, "Decision").at(-1)?.codes).not.toContain("H12");
  });

  test("what was closed before it was told as open stays closed (F-9)", () => {
    const world = worldOf(
      entry("insolvency", "closed", start + 5),
      entry("insolvency", "open", start + 1),
    );
    expect(alertsOf(world, "EXT-01")).toEqual([]);
    expect(world.state().cap).toBe("");
  });
});

describe("EXT-02 industry", () => {
  const rated = (level: number, at: number): Fact =>
    fact("IndustryRated", start + at, {
      ...{ industry: "steel", level, ratedAt: null },
    });
  test.each([
    { levels: [1, 2], fires: true, points: -15 },
    { levels: [1, 3], fires: true, points: -30 },
    { levels: [2, 2], fires: false, points: -15 },
    { levels: [2, 0], fires: false, points: 5 },
    // The first word is no change.
    { levels: [3], fires: false, points: -30 },
  ])("levels $levels", ({ levels, fires, points }) => {
    const world = worldOf(...levels.map((level, i) => rated(level, i + 1)));
    expect(alertsOf(world, "EXT-02").map(({ severity }) => severity)).toEqual(
      fires ? ["low"] : [],
    );
    expect(pointsOf(world, "IN1")).toBe(points);
    expect(world.features().indRisk).toBe(levels.at(-1));
  });
  test("says from which level to which", () => {
    const world = worldOf(rated(1, 1), rated(2, 2));
    expect(alertsOf(world, "EXT-02")[0]).toMatchObject({
      titleZh: "行业风险上升:steel 中性 → 上升",
      titleEn: "Industry risk rose: steel neutral → raised",
    });
  });
});

describe("COL-01 collection stage", () => {
  const owed = invoice("I", yuan(2000), startDay - 40, startDay - 10, start);
  // Else all that is owed would be overdue, and class D weighs more.
  const rest = invoice("J", yuan(30_000), startDay, startDay + 99, start);
  const dunning = (level: number, invoiceId: string | null, at = 1): Fact =>
    fact("DunningSent", start + at, {
      ...{ dunningId: `D-${String(at)}`, level, invoiceId },
      ...{ channel: "letter", result: null },
    });
  test.each([
    { level: 2, severity: null },
    { level: 3, severity: "medium" },
    { level: 7, severity: "medium" },
    { level: 8, severity: "high" },
    { level: 9, severity: "high" },
  ])("level $level: $severity", ({ level, severity }) => {
    const world = worldOf(rest, owed, dunning(level, "I"));
    const alerts = alertsOf(world, "COL-01");
    expect(alerts.map((alert) => alert.severity)).toEqual(
      severity === null ? [] : [severity],
    );
    expect(world.shown()).toMatchObject({ dunLevel: level, dunCnt90d: 1 });
    if (severity === null) return;
    expect(explained(world, "COL-01")).toMatchObject({
      ...{ level, history: [`I ${String(level)} 2026-03-02`] },
    });
  });
  test("ends when what it was about is paid", () => {
    const world = worldOf(
      owed,
      dunning(3, "I"),
      payment("P", yuan(2000), startDay, start + 2, { invoiceId: "I" }),
    );
    expect(alertsOf(world, "COL-01").at(-1)?.state).toBe("resolved");
    expect(world.shown()).toMatchObject({ dunLevel: 0, dunCnt90d: 1 });
  });
  test("of the customer counts while anything is past due", () => {
    expect(worldOf(owed, dunning(3, null)).shown().dunLevel).toBe(3);
    expect(worldOf(dunning(3, null)).shown().dunLevel).toBe(0);
  });
  test("about an invoice that comes later waits for it (F-9)", () => {
    const world = worldOf(dunning(4, "I", -5), owed);
    expect(world.shown().dunLevel).toBe(4);
  });
});

describe("DQ-04 ledger mismatch", () => {
  const owed = invoice("I", yuan(100_000), startDay - 5, startDay + 25, start);
  const balance = (amount: number, over: object = {}): Fact =>
    fact("BalanceReported", start + dayMs, {
      ...{ asOf: startDay, amount, currency: "CNY", ...over },
    });
  test.each([
    { title: "equal", amount: yuan(100_000), fires: false },
    {
      title: "off by 0.1 % and no more than materiality",
      amount: yuan(100_100),
      fires: false,
    },
    { title: "off by more than 0.1 %", amount: yuan(100_101), fires: true },
    { title: "less than here", amount: yuan(99_000), fires: true },
  ])("$title", ({ amount, fires }) => {
    const world = worldOf(owed, balance(amount));
    expect(alertsOf(world, "DQ-04").map(({ severity }) => severity)).toEqual(
      fires ? ["high"] : [],
    );
  });
  test("a yuan of a small balance is no matter, more is", () => {
    const small = invoice("I", yuan(100), startDay - 5, startDay + 25, start);
    expect(alertsOf(worldOf(small, balance(yuan(101))), "DQ-04")).toEqual([]);
    const world = worldOf(small, balance(yuan(101) + 1));
    expect(alertsOf(world, "DQ-04")).toHaveLength(1);
    expect(explained(world, "DQ-04")).toEqual({
      ...{ asOf: "2026-03-02", currency: "CNY", difference: "-1.01" },
      ...{ ledger: "100.00", balance: "101.01" },
    });
  });
  test("what came after that day is left out of the comparison", () => {
    const world = worldOf(
      owed,
      invoice("N", yuan(50), startDay + 1, startDay + 30, start + 1),
      payment("P", yuan(40_000), startDay + 1, start + 2, { invoiceId: "I" }),
      fact("InvoiceCredited", start + dayMs - 1, {
        ...{ invoiceId: "I", creditNoteId: "K", amount: yuan(10) },
        ...{ currency: "CNY", reason: null },
      }),
      balance(yuan(100_000)),
    );
    expect(alertsOf(world, "DQ-04")).toEqual([]);
  });
  test("free cash may be deducted in the ERP or not", () => {
    const cash = payment("P", yuan(3000), startDay, start, { invoiceId: "X" });
    for (const amount of [yuan(100_000), yuan(97_000)]) {
      expect(alertsOf(worldOf(owed, cash, balance(amount)), "DQ-04")).toEqual(
        [],
      );
    }
  });
  test("each currency by itself, and an old balance not at all", () => {
    const usd = { currency: "USD" };
    expect(alertsOf(worldOf(owed, balance(0, usd)), "DQ-04")).toEqual([]);
    const old = balance(0, { asOf: startDay - 8 });
    expect(alertsOf(worldOf(owed, old), "DQ-04")).toEqual([]);
  });
  test("a balance that agrees ends the alert", () => {
    const world = worldOf(owed, balance(yuan(90_000)), balance(yuan(100_000)));
    expect(alertsOf(world, "DQ-04").map(({ state }) => state)).toEqual([
      "open",
      "resolved",
    ]);
  });
});
