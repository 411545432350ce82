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
  start,
  startDay,
  type World,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;
const usual = (world: World): void => {
  world.fold([
    limit(yuan(100_000), start - 40 * dayMs),
    ...Array.from({ length: 10 }, (_, i) =>
      order(`S-${String(i)}`, yuan(1000 + i), start - (38 - 3 * i) * dayMs),
    ),
  ]);
};

describe("score", () => {
  test("a new customer with a limit and nothing owed is 625, class C (E2)", () => {
    const world = createWorld();
    world.fold([limit(yuan(100_000), start)]);
    expect([world.state().score, world.state().class]).toEqual([625, "C"]);
  });
  test("score = base + points + cap effect, clamped", () => {
    const world = createWorld();
    usual(world);
    world.fold([
      invoice("I-1", yuan(9000), startDay - 200, startDay - 120, start),
    ]);
    for (const change of of(world, "ScoreChange")) {
      const sum =
        change.base +
        change.points.reduce((a, p) => a + p.points, 0) +
        change.capEffect;
      expect(change.score).toBe(Math.min(850, Math.max(300, sum)));
    }
    expect(world.state().score).toBeLessThanOrEqual(450);
  });
  test("silence with an open invoice worsens (F-30)", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(100_000), start),
      invoice("I-1", yuan(5000), startDay, startDay + 10, start),
    ]);
    const before = world.state().score;
    for (let day = 1; day <= 60; day += 1) world.tick(start + day * dayMs);
    expect(world.state().score).toBeLessThan(before - 60);
    expect(
      of(world, "Alert").some(
        (alert) => alert.ruleId === "PAY-01" && alert.severity === "medium",
      ),
    ).toBe(true);
  });
});

describe("orders", () => {
  test("a large sudden order is held with H06 and explained (ORD-01)", () => {
    const world = createWorld();
    usual(world);
    world.fold([order("BIG", yuan(20_000), start)]);
    const alert = of(world, "Alert").find((item) => item.ruleId === "ORD-01");
    expect(alert?.severity).toBe("high");
    expect(alert?.orderId).toBe("BIG");
    const explain = JSON.parse(alert?.explain ?? "{}") as Record<
      string,
      unknown
    >;
    expect(explain).toMatchObject({
      amount: "20000.00",
      median: "1004.50",
      previousMax: "1009.00",
      n: 10,
      legs: ["a", "b", "c"],
    });
    expect(of(world, "Decision").at(-1)).toMatchObject({
      orderId: "BIG",
      outcome: "hold",
      codes: ["H06"],
    });
  });
  test("an ordinary order passes and reserves", () => {
    const world = createWorld();
    usual(world);
    const before = world.state().summary.openOrders;
    world.fold([order("N", yuan(1000), start)]);
    expect(of(world, "Decision").at(-1)).toMatchObject({
      outcome: "allow",
      exposureBefore: before,
      exposureAfter: before + yuan(1000),
    });
  });
  test("a first order is decided with the score of its thin file", () => {
    const world = createWorld();
    world.fold([order("FIRST", yuan(1000), start)]);
    const [decision] = of(world, "Decision");
    const [change] = of(world, "ScoreChange");
    expect(change?.from).toBeNull();
    expect([decision?.score, decision?.class]).toEqual([610, "C"]);
    const again = order("SECOND", yuan(1000), start + 60_000);
    const { score } = world.state();
    world.fold([again]);
    expect(of(world, "Decision").at(-1)?.score).toBe(score);
  });
  test("two orders that each fit and together exceed: the second is held (F-36)", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(1000), start),
      order("A", yuan(450), start),
      order("B", yuan(450), start + 1),
      order("C", yuan(450), start + 2),
    ]);
    expect(of(world, "Decision").map((d) => d.outcome)).toEqual([
      "allow",
      "allow",
      "hold",
    ]);
    expect(of(world, "Decision").at(-1)?.codes).toContain("H01");
  });
  test("a payment releases a held order with L01", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(1000), start),
      invoice("I", yuan(800), startDay, startDay + 30, start),
      order("A", yuan(400), start + 1),
      payment("P", yuan(800), startDay, start + 2, { invoiceId: "I" }),
    ]);
    expect(
      of(world, "Decision").map((d) => [d.outcome, d.trigger, d.releaseCode]),
    ).toEqual([
      ["hold", "order", null],
      ["allow", "recheck", "L01"],
    ]);
  });
  test("a repeated order.placed re-emits its decision and changes nothing", () => {
    const world = createWorld();
    const first = order("A", yuan(400), start);
    world.fold([limit(yuan(100), start), first]);
    const bytes = world.bytes();
    world.fold([first]);
    expect(world.bytes()).toBe(bytes);
    const [decided, repeated, ...more] = of(world, "Decision");
    expect(more).toEqual([]);
    expect(decided?.codes).toContain("H01");
    expect(repeated?.codes).toEqual(decided?.codes);
    expect(repeated?.hits.map((hit) => hit.textEn)).toEqual(
      decided?.hits.map((hit) => hit.textEn),
    );
  });
  test("people release and reject; a settled order is refused", () => {
    const world = createWorld();
    world.fold([limit(yuan(100), start), order("A", yuan(400), start)]);
    world.action(
      { target: "order", targetId: "A", action: "release" },
      start + 1,
    );
    expect(of(world, "Decision").at(-1)).toMatchObject({
      outcome: "allow",
      trigger: "person",
      actor: "li",
    });
    world.action(
      { target: "order", targetId: "A", action: "reject" },
      start + 2,
    );
    expect(of(world, "ActionOutcome").at(-1)).toMatchObject({
      outcome: "refused",
      code: "NOT_HELD",
    });
  });
});

describe("ledger", () => {
  test("a payment before its invoice settles it (F-9)", () => {
    const world = createWorld();
    world.fold([
      payment("P", yuan(500), startDay, start, { invoiceId: "I" }),
      invoice("I", yuan(500), startDay - 3, startDay + 30, start + 1),
    ]);
    expect(world.state().summary).toMatchObject({
      receivables: 0,
      unallocated: 0,
    });
  });
  test("a cancellation before its order frees it", () => {
    const world = createWorld();
    world.fold([
      fact("OrderCancelled", start, { orderId: "A", reason: null }),
      order("A", yuan(500), start + 1),
    ]);
    expect(world.state().summary.openOrders).toBe(0);
  });
  test("pending money does not lower exposure (F-12), a returned payment reopens (F-13)", () => {
    const world = createWorld();
    world.fold([
      invoice("I", yuan(500), startDay - 30, startDay - 10, start),
      payment("P", yuan(500), startDay, start + 1, {
        invoiceId: "I",
        state: "pending",
      }),
    ]);
    expect(world.state().summary.receivables).toBe(yuan(500));
    world.fold([
      payment("P2", yuan(500), startDay, start + 2, { invoiceId: "I" }),
    ]);
    expect(world.state().summary.receivables).toBe(0);
    world.fold([
      fact("PaymentReturned", start + 3, { paymentId: "P2", reason: null }),
    ]);
    expect(world.state().summary).toMatchObject({
      receivables: yuan(500),
      dpdMax: 10,
    });
    expect(of(world, "Alert").some((alert) => alert.ruleId === "PAY-06")).toBe(
      true,
    );
  });
  test("parts sum to exposure and ageing sums to receivables, always", () => {
    const world = createWorld();
    usual(world);
    world.fold([
      invoice("I1", yuan(700), startDay - 60, startDay - 40, start, {
        orderId: "S-1",
      }),
      invoice("I2", yuan(900), startDay - 9, startDay + 20, start),
      payment("P", yuan(333), startDay, start),
    ]);
    const s = world.state().summary;
    expect(s.exposure).toBe(s.receivables + s.openOrders - s.unallocated);
    expect(s.age0 + s.age1 + s.age31 + s.age61 + s.age91).toBe(s.receivables);
  });
});

describe("time", () => {
  test("too far ahead is a dead letter, too late is late, both change nothing else", () => {
    const world = createWorld();
    const future = {
      ...order("F", yuan(1), start + 10 * 60_000),
      appendedAt: start,
    };
    const late = {
      ...order("L", yuan(1), start - 8 * dayMs),
      appendedAt: start,
    };
    world.fold([future, late]);
    expect(of(world, "DeadLetter").map((d) => d.code)).toEqual(["FUTURE"]);
    expect(of(world, "Late").map((d) => d.reason)).toEqual(["beyond-window"]);
  });
  test("history raises nothing; a condition that still holds opens muted", () => {
    const world = createWorld();
    const past = invoice(
      "I",
      yuan(9000),
      startDay - 90,
      startDay - 60,
      start - 90 * dayMs,
      { ...({ historical: true } as object) },
    );
    world.fold([{ ...past, appendedAt: start }]);
    expect(of(world, "Alert")).toHaveLength(0);
    expect(world.state().loading).not.toBeNull();
    world.tick(start + 11 * 60_000);
    const alerts = of(world, "Alert");
    expect(world.state().loading).toBeNull();
    expect(alerts.some((alert) => alert.ruleId === "PAY-01")).toBe(true);
    expect(alerts.every((alert) => alert.muted)).toBe(true);
  });
});

describe("score changes", () => {
  test("a fall names what cost points, a rise what was gained", () => {
    const world = createWorld();
    usual(world);
    world.fold([invoice("I", yuan(5000), startDay - 80, startDay - 45, start)]);
    const fall = of(world, "ScoreChange").at(-1);
    expect(fall?.score).toBeLessThan(fall?.from ?? 0);
    // R03 and R04 are one group: the one that cost more stands for both.
    expect(fall?.reasons[0]?.code).toBe("R04");
    expect(fall?.reasons.every((item) => item.points < 0)).toBe(true);
    world.fold([
      payment("P", yuan(5000), startDay, start + 1, { invoiceId: "I" }),
    ]);
    const rise = of(world, "ScoreChange").at(-1);
    expect(rise?.score).toBeGreaterThan(rise?.from ?? 999);
    expect(rise?.reasons[0]?.code).toBe("P04");
    expect(rise?.reasons.every((item) => item.points > 0)).toBe(true);
    expect(rise?.textEn).toContain("Overdue is down to");
  });
  test("a policy cap leads the reasons while it binds", () => {
    const world = createWorld();
    usual(world);
    const target = { target: "customer", targetId: "C-1" };
    world.action({ ...target, action: "hold", kind: "fraud" }, start);
    const fall = of(world, "ScoreChange").at(-1);
    expect(fall?.score).toBe(300);
    expect(fall?.reasons.map((item) => item.code)).toEqual(["R19"]);
    world.action({ ...target, action: "unhold" }, start + 1);
    const rise = of(world, "ScoreChange").at(-1);
    expect(rise?.score).toBe(fall?.from);
    expect(rise?.reasons.map((item) => item.code)).toEqual(["P19"]);
  });
});

describe("alerts", () => {
  test("a comment on a snoozed alert does not wake it", () => {
    const world = createWorld();
    usual(world);
    world.fold([order("BIG", yuan(20_000), start)]);
    const alert = of(world, "Alert").find((item) => item.ruleId === "ORD-01");
    const target = { target: "alert", targetId: alert?.alertId ?? "" } as const;
    const until = start + 3_600_000;
    world.action({ ...target, action: "snooze", until }, start + 1);
    world.action({ ...target, action: "comment", note: "called" }, start + 2);
    world.action({ ...target, action: "useful" }, start + 3);
    expect(of(world, "Alert").at(-1)).toMatchObject({
      ...{ state: "snoozed", snoozedUntil: until, actionVersion: 3 },
    });
    world.action({ ...target, action: "acknowledge" }, start + 4);
    expect(of(world, "Alert").at(-1)).toMatchObject({
      ...{ state: "acknowledged", snoozedUntil: null },
    });
  });

  test("an action with a stale version is refused with the alert as it stands", () => {
    const world = createWorld();
    usual(world);
    world.fold([order("BIG", yuan(20_000), start)]);
    const alert = of(world, "Alert").find((item) => item.ruleId === "ORD-01");
    const targetId = alert?.alertId ?? "";
    world.action(
      { target: "alert", targetId, action: "acknowledge", expected: 0 },
      start + 1,
    );
    world.action(
      { target: "alert", targetId, action: "acknowledge", expected: 0 },
      start + 2,
    );
    expect(of(world, "ActionOutcome").at(-1)).toMatchObject({
      outcome: "refused",
      code: "STALE",
    });
    world.action(
      { target: "alert", targetId, action: "dismiss", expected: 1 },
      start + 3,
    );
    expect(of(world, "Decision").at(-1)).toMatchObject({
      orderId: "BIG",
      outcome: "allow",
      releaseCode: "L07",
    });
  });
});
