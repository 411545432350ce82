/** Rules on habits (domain D2): what fires each, and what just does not. */
import type { Records } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import { binomialTail } from "./binomial.ts";
import { hasNewSince, noteSeen, seenMax } from "./first-seen.ts";
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
  type Fact,
  type World,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;
const hour = 3_600_000;

/** Known for long and well rated: class C, so that nothing weighs more. */
function solid(at: number): Fact[] {
  return [
    limit(yuan(100_000), at),
    fact("CustomerUpserted", at, {
      name: null,
      segment: null,
      industry: null,
      country: null,
      currency: null,
      termsDays: null,
      since: startDay - 4000,
      groupId: null,
      owner: null,
      creditLimit: null,
    }),
    fact("CustomerRated", at, {
      agency: "agency",
      rating: "AAA",
      normalised: 95,
      ratedAt: startDay,
    }),
  ];
}

/** A customer with one order of about ¥1,000 every three days, and a limit. */
function usual(over: Partial<Records["OrderPlaced"]> = {}): World {
  const world = createWorld();
  world.fold([
    ...solid(start - 60 * dayMs),
    ...Array.from({ length: 15 }, (_, i) =>
      order(
        `U-${String(i)}`,
        yuan(1000 + (i % 3) * 50),
        start - (45 - 3 * i) * dayMs,
        over,
      ),
    ),
  ]);
  return world;
}

const severities = (world: World, rule: string): string[] =>
  of(world, "Alert")
    .filter((alert) => alert.ruleId === rule && alert.state === "open")
    .map((alert) => alert.severity);
const explained = (world: World, rule: string): unknown =>
  JSON.parse(
    of(world, "Alert").find((alert) => alert.ruleId === rule)?.explain ?? "{}",
  );

describe("ORD-04 split orders", () => {
  const pieces = (amounts: readonly number[], gapHours: number): Fact[] =>
    amounts.map((amount, i) =>
      order(`P-${String(i)}`, yuan(amount), start + i * gapHours * hour),
    );
  test("three in 72 h, each below what would be looked at", () => {
    const world = usual();
    world.fold(pieces([1900, 2000, 2100], 2));
    expect(severities(world, "ORD-04")).toEqual(["high"]);
    expect(explained(world, "ORD-04")).toMatchObject({
      orders: 3,
      sum: "6000.00",
      threshold: "3150.00",
    });
  });
  test("not when they are too small, too few or too far apart", () => {
    for (const list of [
      pieces([1500, 1500, 1500], 2),
      pieces([1900, 2000], 2),
      pieces([1900, 2000, 2100], 40),
    ]) {
      const world = usual();
      world.fold(list);
      expect(severities(world, "ORD-04")).toEqual([]);
    }
  });
  test("not for a customer who always orders like that", () => {
    const world = createWorld();
    const sizes = [700, 1900, 2000, 700, 700];
    world.fold([
      limit(yuan(100_000), start - 200 * dayMs),
      ...Array.from({ length: 60 }, (_, i) =>
        order(
          `U-${String(i)}`,
          yuan(sizes[i % 5] ?? 0),
          start - (90 - i) * dayMs,
        ),
      ),
      ...pieces([1900, 2000, 2050], 2),
    ]);
    expect(severities(world, "ORD-04")).toEqual([]);
  });
});

describe("ORD-07 terms", () => {
  test.each([
    [44, []],
    [45, ["medium"]],
  ])("%i days where 30 are agreed", (termsDays, expected) => {
    const world = usual();
    world.fold([order("T", yuan(1000), start, { termsDays })]);
    expect(severities(world, "ORD-07")).toEqual(expected);
  });
});

describe("ORD-08 new place or payer with a large order", () => {
  test("a first ship-to with an order above twice the median", () => {
    const world = usual({ shipTo: "Shanghai" });
    world.fold([order("N", yuan(2300), start, { shipTo: "Kunming" })]);
    expect(severities(world, "ORD-08")).toEqual(["high"]);
    expect(explained(world, "ORD-08")).toMatchObject({ isNew: ["ship-to"] });
  });
  test.each([
    ["known place", 2300, "Shanghai"],
    ["usual size", 2000, "Kunming"],
  ])("not for a %s", (_, amount, shipTo) => {
    const world = usual({ shipTo: "Shanghai" });
    world.fold([order("N", yuan(amount), start, { shipTo })]);
    expect(severities(world, "ORD-08")).toEqual([]);
  });
  test("a payer seen first this week, and PAY-11 at the payment", () => {
    const world = usual();
    const pay = (id: string, day: number, payerAccount: string): Fact =>
      payment(id, yuan(20_000), startDay + day, start + day * dayMs, {
        payerAccount,
      });
    world.fold([pay("P-1", -20, "own"), pay("P-2", -2, "other")]);
    expect(severities(world, "PAY-11")).toEqual(["medium"]);
    world.fold([order("N", yuan(12_000), start)]);
    expect(explained(world, "ORD-08")).toMatchObject({ isNew: ["payer"] });
  });
});

describe("ORD-09 activity collapse", () => {
  test("a gap longer than any before; an order ends it", () => {
    const world = usual();
    for (let day = 1; day <= 5; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "ORD-09")).toEqual([]);
    for (let day = 6; day <= 12; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "ORD-09")).toEqual(["low"]);
    expect(explained(world, "ORD-09")).toMatchObject({ expected: 3 });
    world.fold([order("BACK", yuan(1000), start + 13 * dayMs)]);
    const last = of(world, "Alert").findLast((a) => a.ruleId === "ORD-09");
    expect(last?.state).toBe("resolved");
  });
});

describe("ORD-10 cancellations", () => {
  const cancel = (world: World, n: number): void => {
    world.fold(
      Array.from({ length: n }, (_, i) =>
        fact("OrderCancelled", start + i, {
          orderId: `U-${String(14 - i)}`,
          reason: null,
        }),
      ),
    );
  };
  test.each([
    [2, []],
    [4, ["medium"]],
  ])("%i of the orders of a month", (n, expected) => {
    const world = usual();
    cancel(world, n);
    expect(severities(world, "ORD-10")).toEqual(expected);
  });
});

/** Invoices settled so many days after their due date, one a week. */
function paid(world: World, delays: readonly number[], first = 0): void {
  world.fold(
    delays.flatMap((delay, i) => {
      const day = startDay - 400 + 7 * (first + i);
      const at = start - (400 - 7 * (first + i)) * dayMs;
      const id = String(first + i);
      return [
        invoice(`I-${id}`, yuan(5000), day - 60, day - delay, at),
        payment(`P-${id}`, yuan(5000), day, at, { invoiceId: `I-${id}` }),
      ];
    }),
  );
}

describe("PAY-03 payment rhythm", () => {
  const steady = [2, 3, 1, 4, 2, 3, 2, 1, 3, 2, 4, 2, 3, 1, 2];
  test("a lasting shift is found, and says from what to what", () => {
    const world = createWorld();
    world.fold(solid(start - 400 * dayMs));
    paid(world, [...steady, 9, 10, 9, 11, 10, 10, 9, 10]);
    expect(severities(world, "PAY-03").length).toBeGreaterThan(0);
    expect(explained(world, "PAY-03")).toMatchObject({ usual: 2, recent: 9 });
  });
  test("neither one late payment nor the usual noise is", () => {
    const world = createWorld();
    paid(world, [...steady, 20, 2, 3, ...steady]);
    expect(severities(world, "PAY-03")).toEqual([]);
  });
  test("an open invoice counts once it is later than usual (censored)", () => {
    const world = createWorld();
    paid(world, [...steady, 9, 10, 9, 9]);
    expect(severities(world, "PAY-03")).toEqual([]);
    const day = startDay - 400 + 7 * 20;
    const at = start - (400 - 7 * 20) * dayMs;
    world.fold([invoice("OPEN", yuan(9000), day - 40, day - 10, at)]);
    for (let n = 1; n <= 20; n += 1) world.tick(at + n * dayMs);
    expect(severities(world, "PAY-03")).not.toEqual([]);
  });
});

describe("instalments, cash and duplicates", () => {
  test("PAY-09: one missed is medium, the second makes the plan void", () => {
    const world = createWorld();
    const parts = [1, 31, 61].map((due) => ({
      dueDate: startDay + due,
      amount: yuan(1000),
    }));
    world.fold([
      ...solid(start),
      invoice("I-1", yuan(3000), startDay, startDay + 61, start, {
        instalments: parts,
      }),
    ]);
    for (let day = 1; day <= 4; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "PAY-09")).toEqual([]);
    for (let day = 5; day <= 40; day += 1) world.tick(start + day * dayMs);
    // Class D weighs one step more; the second missed makes it high, and that.
    expect(severities(world, "PAY-09")).toEqual(["medium", "high", "critical"]);
  });
  test("PAY-12: unallocated after five business days, until it is used", () => {
    const world = createWorld();
    world.fold([payment("P-1", yuan(5000), startDay, start)]);
    for (let day = 1; day <= 7; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "PAY-12")).toEqual([]);
    world.tick(start + 8 * dayMs);
    expect(severities(world, "PAY-12")).toEqual(["low"]);
    const at = start + 9 * dayMs;
    world.fold([invoice("I-1", yuan(5000), startDay + 9, startDay + 39, at)]);
    const last = of(world, "Alert").findLast((a) => a.ruleId === "PAY-12");
    expect(last?.state).toBe("resolved");
  });
  test.each([
    ["the same invoice twice", { invoiceId: "I-1" }, 3, ["info"]],
    ["eleven days apart", { invoiceId: "I-1" }, 11, []],
    ["no reference and nothing left to pay", {}, 3, ["info"]],
  ])("PAY-13: %s", (_, over, days, expected) => {
    const world = createWorld();
    world.fold([
      invoice("I-1", yuan(700), startDay - 5, startDay + 30, start),
      payment("P-1", yuan(700), startDay, start, over),
      payment("P-2", yuan(700), startDay + days, start + days * dayMs, over),
    ]);
    expect(severities(world, "PAY-13")).toEqual(expected);
  });
});

describe("complaints and disputes", () => {
  const complain = (
    id: string,
    meaning: string,
    severity: number,
    day: number,
    over: Partial<Records["ComplaintOpened"]> = {},
  ): Fact =>
    fact("ComplaintOpened", start + day * dayMs, {
      complaintId: id,
      text: null,
      language: "zh",
      category: null,
      severity: null,
      orderId: null,
      invoiceId: null,
      disputedAmount: null,
      currency: null,
      facts: {
        version: 1,
        language: "zh",
        categories: [meaning],
        meaning,
        severity,
        spans: ["律师函"],
        ...{ sentiment: -300, topics: [], marks: [], amount: null },
      },
      ...over,
    });
  test.each([
    ["refusal", 700, ["high"]],
    ["refusal", 690, []],
    ["fault", 900, []],
  ])("CMP-02: %s of %i", (meaning, severity, expected) => {
    const world = createWorld();
    world.fold([complain("K-1", meaning, severity, 0)]);
    expect(severities(world, "CMP-02")).toEqual(expected);
    const alert = of(world, "Alert").find((a) => a.ruleId === "CMP-02");
    if (expected.length > 0) expect(alert?.titleZh).toContain("“律师函”");
  });
  const said = (
    amount: number | null,
  ): Records["ComplaintOpened"]["facts"] => ({
    ...{ version: 2, language: "zh", categories: ["refusal"] },
    ...{ meaning: "refusal", severity: 750, spans: ["拒付"], sentiment: -300 },
    ...{ topics: ["refusal"], marks: [] },
    amount: amount === null ? null : { amount, currency: null },
  });
  const gravityOf = (
    before: readonly Fact[],
    over: Partial<Records["ComplaintOpened"]>,
  ): number => {
    const world = createWorld();
    world.fold([...before, complain("K-9", "refusal", 0, 40, over)]);
    const alert = of(world, "Alert").findLast((a) => a.ruleId === "CMP-02");
    const explain = JSON.parse(alert?.explain ?? "{}") as { severity: number };
    return explain.severity;
  };
  const earlier = (day: number): Fact => complain("K-1", "fault", 300, day);
  // The materiality of the shipped rules without a limit is 100.00.
  test.each([
    ["nothing more", [], { facts: said(null) }, 0.75],
    ["another 29 days before", [earlier(11)], { facts: said(null) }, 0.85],
    ["another 30 days before", [earlier(10)], { facts: said(null) }, 0.75],
    ["an amount that matters", [], { facts: said(100_00) }, 0.85],
    ["one below the materiality", [], { facts: said(99_99) }, 0.75],
    ["both", [earlier(39)], { facts: said(100_00) }, 0.95],
    [
      "a disputed amount that matters",
      [],
      { facts: said(null), disputedAmount: 100_00, currency: "CNY" },
      0.85,
    ],
    [
      "a severity the sender gave",
      [earlier(39)],
      { facts: said(100_00), severity: 700 },
      0.7,
    ],
  ])("CMP-02: severity with %s", (_, before, over, expected) => {
    expect(gravityOf(before, over)).toBe(expected);
  });
  test("the severity of a repeat is shown, not summed", () => {
    const world = createWorld();
    world.fold([
      complain("K-1", "refusal", 0, 0, { facts: said(null) }),
      complain("K-2", "refusal", 0, 1, { facts: said(null) }),
    ]);
    expect(world.state().complaints.map((item) => item.severity)).toEqual([
      750, 750,
    ]);
  });
  test("CMP-03: the second in 60 days is high, a third after is medium", () => {
    const world = createWorld();
    world.fold([
      complain("K-1", "liquidity", 500, 0),
      complain("K-2", "liquidity", 600, 59),
    ]);
    expect(severities(world, "CMP-03")).toEqual(["medium", "high"]);
    const other = createWorld();
    other.fold([
      complain("K-1", "liquidity", 500, 0),
      complain("K-2", "liquidity", 600, 61),
    ]);
    expect(severities(other, "CMP-03")).not.toContain("high");
  });
  test("DSP-01: disputes that come as the due dates come", () => {
    const world = createWorld();
    const dispute = (i: number, day: number): Fact =>
      complain(`D-${String(i)}`, "fault", 300, day, {
        invoiceId: `I-${String(i)}`,
        disputedAmount: yuan(100),
        currency: "CNY",
      });
    world.fold([
      ...[0, 1, 2].map((i) =>
        invoice(
          `I-${String(i)}`,
          yuan(900),
          startDay - 30,
          startDay + 9,
          start,
        ),
      ),
      dispute(0, 7),
      dispute(1, 8),
    ]);
    const timed = (): unknown => explained(world, "DSP-01");
    const before = of(world, "Alert").filter((a) => a.ruleId === "DSP-01");
    world.fold([dispute(2, 9)]);
    expect(severities(world, "DSP-01").length).toBeGreaterThan(0);
    expect(before.length).toBeLessThanOrEqual(1);
    expect(timed()).toMatchObject({ count: expect.any(Number) as number });
  });
  test("DSP-02: open for more than 45 days, medium beyond 90", () => {
    const world = createWorld();
    world.fold([
      invoice("I-1", yuan(900), startDay, startDay + 200, start),
      complain("D-1", "fault", 300, 0, {
        invoiceId: "I-1",
        disputedAmount: yuan(900),
        currency: "CNY",
      }),
    ]);
    for (let day = 1; day <= 45; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "DSP-02")).toEqual([]);
    for (let day = 46; day <= 91; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "DSP-02")).toEqual(["low", "medium"]);
  });
});

describe("rating, score and exposure", () => {
  const rate = (normalised: number, day: number): Fact =>
    fact("CustomerRated", start + day * dayMs, {
      agency: "agency",
      rating: "B",
      normalised,
      ratedAt: startDay + day,
    });
  test.each([
    [66, []],
    [65, ["medium"]],
    [60, ["high"]],
    [0, ["critical"]],
  ])("EXT-01: from 70 to %i", (to, expected) => {
    const world = createWorld();
    world.fold([rate(70, 0), rate(to, 1)]);
    expect(severities(world, "EXT-01")).toEqual(expected);
  });
  test("EXT-01: an older rating that comes late says nothing", () => {
    const world = createWorld();
    world.fold([
      rate(70, 3),
      { ...rate(10, 1), appendedAt: start + 4 * dayMs },
    ]);
    expect(severities(world, "EXT-01")).toEqual([]);
  });
  test("EXP-04: exposure doubles while what is due is not paid", () => {
    const world = createWorld();
    world.fold([
      ...solid(start - 60 * dayMs),
      invoice(
        "I-0",
        yuan(5000),
        startDay - 60,
        startDay + 30,
        start - 60 * dayMs,
      ),
    ]);
    for (let day = -59; day <= 0; day += 1) world.tick(start + day * dayMs);
    world.fold([
      ...[1, 2, 3].map((i) =>
        invoice(`I-${String(i)}`, yuan(1000), startDay, startDay + 2, start),
      ),
      invoice("I-9", yuan(3000), startDay, startDay + 60, start),
    ]);
    expect(severities(world, "EXP-04")).toEqual([]);
    for (let day = 1; day <= 4; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "EXP-04")).toEqual(["medium"]);
    const at = start + 5 * dayMs;
    world.fold([
      ...[1, 2].map((i) =>
        payment(`P-${String(i)}`, yuan(1000), startDay + 5, at, {
          invoiceId: `I-${String(i)}`,
        }),
      ),
    ]);
    const last = of(world, "Alert").findLast((a) => a.ruleId === "EXP-04");
    expect(last?.state).toBe("resolved");
  });
  test("SCR-03: four turns of fifteen points in two weeks", () => {
    const turns = (n: number): string[] => {
      const world = createWorld();
      world.fold(
        Array.from({ length: n }, (_, i) => rate(i % 2 === 0 ? 90 : 30, i)),
      );
      return severities(world, "SCR-03");
    };
    expect(turns(5)).toEqual([]);
    expect(turns(6)).toEqual(["low"]);
  });
  test("SCR-04: a better class held for thirty days", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(100_000), start),
      invoice("I-1", yuan(500), startDay - 60, startDay - 40, start),
    ]);
    world.tick(start + dayMs);
    const before = world.state().class;
    world.fold([
      payment("P-1", yuan(500), startDay + 2, start + 2 * dayMs, {
        invoiceId: "I-1",
      }),
    ]);
    for (let day = 3; day <= 38; day += 1) world.tick(start + day * dayMs);
    expect(world.state().class < before).toBe(true);
    expect(severities(world, "SCR-04")).toEqual([]);
    for (let day = 39; day <= 45; day += 1) world.tick(start + day * dayMs);
    expect(severities(world, "SCR-04")).toEqual(["info"]);
  });
});

describe("small parts", () => {
  test("binomial tail", () => {
    expect(binomialTail(3, 3, 0.5)).toBeCloseTo(0.125, 12);
    expect(binomialTail(10, 1, 0.1)).toBeCloseTo(1 - 0.9 ** 10, 12);
    expect([binomialTail(5, 0, 0.3), binomialTail(2, 3, 0.3)]).toEqual([1, 0]);
  });
  test("known places: the first is no news, the ninth drops the oldest", () => {
    let bytes = new Uint8Array(0);
    const note = (text: string, day: number): boolean => {
      const seen = noteSeen(bytes, text, day);
      bytes = Uint8Array.from(seen.bytes);
      return seen.isNew;
    };
    expect([note("a", 20_000), note("b", 20_001), note("a", 20_002)]).toEqual([
      ...[false, true, false],
    ]);
    expect(hasNewSince(bytes, 20_001)).toBe(true);
    expect(hasNewSince(bytes, 20_000)).toBe(false);
    expect(hasNewSince(bytes, 20_002)).toBe(false);
    for (let i = 0; i < seenMax - 1; i += 1) note(`c${String(i)}`, 20_003);
    expect([note("a", 20_004), note("b", 20_004)]).toEqual([false, true]);
  });
});
