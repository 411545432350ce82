/** PAY-07, PAY-08, instalments, and the holds H04, H08 and H14. */
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
  type RuleBody,
  type World,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;
const alertsOf = (world: World, rule: string): Records["Alert"][] =>
  of(world, "Alert").filter(({ ruleId }) => ruleId === rule);
const explained = (world: World, rule: string): unknown =>
  JSON.parse(alertsOf(world, rule).at(-1)?.explain ?? "{}");

/** An invoice `ago` days before the start, paid in so many payments. */
function paidIn(id: string, ago: number, times: number): Fact[] {
  const issue = startDay - ago;
  const at = start - ago * dayMs;
  return [
    invoice(id, yuan(100 * times), issue, issue + 30, at),
    ...Array.from({ length: times }, (_, i) =>
      payment(
        `${id}-${String(i)}`,
        yuan(100),
        issue + 5 + i,
        at + (5 + i) * dayMs,
        {
          invoiceId: id,
        },
      ),
    ),
  ];
}

function worldOf(facts: readonly Fact[]): World {
  const world = createWorld();
  const sorted = [...facts].sort((a, b) => a.value.time - b.value.time);
  world.fold([
    ...solid(start - 300 * dayMs),
    limit(yuan(50_000), start - 300 * dayMs),
    ...sorted,
  ]);
  return world;
}

describe("PAY-07 part payments", () => {
  const many = (n: number, ago: number, times: number): Fact[] =>
    Array.from({ length: n }, (_, i) =>
      paidIn(`I-${String(ago)}-${String(times)}-${String(i)}`, ago + i, times),
    ).flat();
  test.each([
    {
      title: "three of four",
      facts: [...many(3, 20, 2), ...many(1, 30, 1)],
      fires: true,
    },
    { title: "two of two", facts: many(2, 20, 2), fires: false },
    // 3 of 15 are 20 %, twice what is usual and no more.
    {
      title: "three of fifteen",
      facts: [...many(3, 20, 2), ...many(12, 30, 1)],
      fires: false,
    },
    {
      title: "as ever",
      facts: [
        ...many(10, 100, 2),
        ...many(10, 120, 1),
        ...many(3, 20, 2),
        ...many(2, 30, 1),
      ],
      fires: false,
    },
  ])("$title", ({ facts, fires }) => {
    const world = worldOf(facts);
    const alerts = alertsOf(world, "PAY-07").filter(
      ({ state, openedAt }) =>
        state === "open" && openedAt > start - 40 * dayMs,
    );
    expect(alerts.map(({ severity }) => severity)).toEqual(
      fires ? ["medium"] : [],
    );
    if (!fires) return;
    expect(explained(world, "PAY-07")).toEqual({
      ...{ count: 3, settled: 4, share: 0.75, base: 0.1 },
    });
    expect(alerts[0]?.titleEn).toContain("75.0 %");
    expect(world.shown().partpayShare).toBe(0.75);
  });

  test("a payment taken back is no part payment any more (F-13)", () => {
    const world = worldOf(paidIn("I", 20, 2));
    expect(world.shown().partpayShare).toBe(1);
    world.fold([
      fact("PaymentReturned", start, { paymentId: "I-1", reason: null }),
      payment("J", yuan(100), startDay - 16, start + 1, { invoiceId: "I" }),
    ]);
    expect(world.shown().partpayShare).toBe(1);
    world.fold([
      fact("PaymentReturned", start + 2, { paymentId: "J", reason: null }),
    ]);
    expect(world.shown().partpayShare).toBeNull();
  });
});

describe("PAY-08 cash discount", () => {
  /** 2 % within ten days, and what the payment took of it. */
  function offered(n: number, ago: number, taken: boolean): Fact[] {
    return Array.from({ length: n }, (_, i): Fact[] => {
      const id = `D-${String(ago)}-${String(i)}`;
      const issue = startDay - ago + 2 * i;
      const at = start - (ago - 2 * i) * dayMs;
      const discount = taken ? yuan(2) : 0;
      const amount = yuan(100) - discount;
      return [
        invoice(id, yuan(100), issue, issue + 30, at, {
          ...{ discount: 200, discountDate: issue + 10 },
        }),
        payment(`P-${id}`, amount, issue + 5, at + 5 * dayMs, {
          allocations: [{ invoiceId: id, amount, discount }],
        }),
      ];
    }).flat();
  }
  test.each([
    {
      title: "taken by all, then by none of four",
      facts: [...offered(5, 80, true), ...offered(4, 20, false)],
      fires: true,
    },
    {
      title: "none of three",
      facts: [...offered(5, 80, true), ...offered(3, 20, false)],
      fires: false,
    },
    {
      title: "taken by 2 of 5 before",
      facts: [
        ...offered(2, 80, true),
        ...offered(3, 60, false),
        ...offered(4, 20, false),
      ],
      fires: false,
    },
    {
      title: "too few before",
      facts: [...offered(4, 80, true), ...offered(4, 20, false)],
      fires: false,
    },
    {
      title: "never taken",
      facts: [...offered(5, 80, false), ...offered(4, 20, false)],
      fires: false,
    },
    {
      title: "still taken",
      facts: [...offered(5, 80, true), ...offered(4, 20, true)],
      fires: false,
    },
  ])("$title", ({ facts, fires }) => {
    const world = worldOf(facts);
    const alerts = alertsOf(world, "PAY-08");
    expect(alerts.map(({ severity }) => severity)).toEqual(
      fires ? ["medium"] : [],
    );
    if (!fires) return;
    expect(explained(world, "PAY-08")).toEqual({
      ...{ rateBefore: 1, offeredBefore: 5, offered: 4, taken: 0 },
    });
    expect(world.shown().discTakenRate).toBeCloseTo(5 / 9, 9);
    world.fold(offered(1, 0, true));
    world.tick(start + 6 * dayMs);
    expect(alertsOf(world, "PAY-08").at(-1)?.state).toBe("resolved");
  });
  test("what is taken settles the invoice with the payment", () => {
    const world = worldOf(offered(1, 20, true));
    expect(world.state().invoices).toMatchObject([
      { open: 0, settledDay: startDay - 15 },
    ]);
    expect(world.state().summary.unallocated).toBe(0);
  });
});

describe("missed instalments (plan_missed_cnt)", () => {
  const plan = invoice(
    "I",
    yuan(300),
    startDay - 100,
    startDay - 30,
    start - 100 * dayMs,
    {
      instalments: [90, 60, 30].map((ago) => ({
        dueDate: startDay - ago,
        amount: yuan(100),
      })),
    },
  );
  const pays = (id: string, n: number, ago: number): Fact =>
    payment(id, yuan(n), startDay - ago, start - ago * dayMs, {
      invoiceId: "I",
    });
  test.each([
    {
      title: "all in time",
      facts: [pays("a", 100, 90), pays("b", 200, 61)],
      missed: 0,
    },
    {
      title: "one paid late",
      facts: [pays("a", 100, 80), pays("b", 200, 61)],
      missed: 1,
    },
    { title: "two never paid", facts: [pays("a", 100, 90)], missed: 2 },
    {
      title: "three days are not missed",
      facts: [pays("a", 100, 87), pays("b", 200, 61)],
      missed: 0,
    },
  ])("$title", ({ facts, missed }) => {
    const world = worldOf([plan, ...facts]);
    world.tick(start);
    expect(world.shown().planMissedCnt).toBe(missed);
  });
  test("are remembered when the plan is done and dropped", () => {
    const world = worldOf([plan, pays("a", 100, 80), pays("b", 200, 61)]);
    for (let day = 0; day < 45; day += 1) world.tick(start + day * dayMs);
    expect(world.state().invoices).toEqual([]);
    expect(world.shown().planMissedCnt).toBe(1);
  });
});

describe("holds that a rule set turns on", () => {
  const codes = (
    change: ((body: RuleBody) => void) | null,
    facts: readonly Fact[],
    last: Fact,
  ): string[] => {
    const world = worldOf(facts);
    if (change !== null) world.rules(change);
    world.fold([last]);
    return of(world, "Decision").at(-1)?.codes ?? [];
  };
  const late = invoice(
    "I",
    yuan(500),
    startDay - 20,
    startDay - 5,
    start - 20 * dayMs,
  );
  const next = order("A", yuan(100), start);
  const overdue =
    (text: string) =>
    ({ holds }: RuleBody): void => {
      for (const name of ["A", "B", "C", "D", "E"])
        holds.overdueAmount[name] = text;
    };
  test.each([
    { title: "off as shipped", change: null, expected: false },
    { title: "more than allowed", change: overdue("499.99"), expected: true },
    { title: "as much as allowed", change: overdue("500.00"), expected: false },
  ])("H04 overdue amount: $title", ({ change, expected }) => {
    expect(codes(change, [late], next).includes("H04")).toBe(expected);
  });

  const stretched = ({ holds }: RuleBody): void => {
    holds.stretchedTerms = true;
  };
  test.each([
    {
      title: "off as shipped",
      change: null,
      over: { termsDays: 45 },
      expected: [],
    },
    {
      title: "45 days where 30 are agreed",
      change: stretched,
      over: { termsDays: 45 },
      expected: ["H08"],
    },
    {
      title: "44 days",
      change: stretched,
      over: { termsDays: 44 },
      expected: [],
    },
    {
      title: "by a due date",
      change: stretched,
      over: { termsDays: null, dueDate: startDay + 45 },
      expected: ["H08"],
    },
  ])("H08 terms beyond standard: $title", ({ change, over, expected }) => {
    expect(codes(change, [], order("A", yuan(100), start, over))).toEqual(
      expected,
    );
  });

  const split = ({ holds }: RuleBody): void => {
    holds.splitOrders = true;
  };
  const usual = Array.from({ length: 15 }, (_, i) =>
    order(
      `U-${String(i)}`,
      yuan(1000 + (i % 3) * 50),
      start - (45 - 3 * i) * dayMs,
    ),
  );
  const pieces = [0, 1].map((i) =>
    order(`P-${String(i)}`, yuan(1900 + 100 * i), start + i),
  );
  test.each([
    { title: "off as shipped", change: null, amount: 2100, expected: [] },
    {
      title: "the third piece",
      change: split,
      amount: 2100,
      expected: ["H14"],
    },
    { title: "not a piece", change: split, amount: 900, expected: [] },
  ])("H14 split orders: $title", ({ change, amount, expected }) => {
    const world = worldOf(usual);
    if (change !== null) world.rules(change);
    world.fold([...pieces, order("P-2", yuan(amount), start + 2)]);
    expect(of(world, "Decision").at(-1)?.codes).toEqual(expected);
  });
});
