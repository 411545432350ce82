/**
 * The pitfalls of domain section F that the fold answers for, each by its
 * number. Amounts are minor units; C-1 sells in CNY unless said otherwise.
 */
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
  start,
  startDay,
  type Fact,
  type World,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;
const hour = 3_600_000;

function rates(
  world: World,
  version: number,
  table: Record<string, string>,
): void {
  world.control({
    name: "Fx",
    value: {
      version,
      effectiveAt: 0,
      base: "CNY",
      asOf: startDay,
      rates: table,
    },
  });
}

const alertsOf = (world: World, rule: string): string[] =>
  of(world, "Alert")
    .filter((alert) => alert.ruleId === rule)
    .map((alert) => alert.state);

describe("money and rates", () => {
  test("F-1 invoices in three currencies sum exactly", () => {
    const world = createWorld();
    rates(world, 1, { JPY: "20", KWD: "0.05" });
    const rows = Array.from({ length: 300 }, (_, i) => ({
      currency: ["CNY", "JPY", "KWD"][i % 3] ?? "CNY",
      amount: 1 + ((i * 7919) % 99_991),
    }));
    world.fold(
      rows.map(({ amount, currency }, i) =>
        invoice(`I-${String(i)}`, amount, startDay, startDay + 30, start + i, {
          currency,
        }),
      ),
    );
    // 1 CNY = 20 JPY: a yen is 5 fen. 1 CNY = 0.05 KWD: a fils is 2 fen.
    const fen = { CNY: 1, JPY: 5, KWD: 2 } as Record<string, number>;
    const exact = rows.reduce(
      (a, r) => a + r.amount * (fen[r.currency] ?? 0),
      0,
    );
    expect(world.state().summary.receivables).toBe(exact);
  });

  test("F-2 a rate moves exposure, and alone raises no order alert", () => {
    const world = createWorld();
    rates(world, 1, { USD: "0.125" });
    world.fold([
      limit(yuan(1_000_000), start),
      ...Array.from({ length: 12 }, (_, i) =>
        order(`S-${String(i)}`, 100_000, start - (36 - 3 * i) * dayMs, {
          currency: "USD",
        }),
      ),
    ]);
    const before = world.state().summary.exposure;
    const raised = of(world, "Alert").length;
    rates(world, 2, { USD: "0.0625" });
    world.tick(start + hour);
    expect(world.state().summary.exposure).toBe(before * 2);
    const later = of(world, "Alert").slice(raised);
    expect(later.filter((a) => a.ruleId.startsWith("ORD-"))).toEqual([]);
  });

  test("F-3 without a rate an order waits (H15) and goes when it is known", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(1_000_000), start),
      order("A", 50_000, start + 1, { currency: "USD" }),
    ]);
    expect(of(world, "Decision").at(-1)).toMatchObject({
      outcome: "hold",
      codes: ["H15"],
      clearsEn: "publish the rate of USD",
    });
    rates(world, 1, { USD: "0.14" });
    world.tick(start + hour);
    expect(of(world, "Decision").at(-1)).toMatchObject({
      orderId: "A",
      outcome: "allow",
    });
  });

  test("F-3 what is owed in an unknown currency stops other orders too", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(1_000_000), start),
      invoice("I", 50_000, startDay, startDay + 30, start, { currency: "USD" }),
      order("A", yuan(10), start + 1),
    ]);
    expect(of(world, "Decision").at(-1)?.codes).toEqual(["H15"]);
  });

  test("F-4 a limit in another currency is compared at today's rate", () => {
    const world = createWorld();
    rates(world, 1, { USD: "0.14" });
    world.fold([
      // 1,400 dollars are 10,000 yuan.
      limit(140_000, start, { currency: "USD" }),
      ...Array.from({ length: 10 }, (_, i) =>
        order(`A-${String(i)}`, yuan(1000), start + i),
      ),
      order("B", 1, start + 20),
    ]);
    const decisions = of(world, "Decision");
    const fits = decisions.slice(0, 10);
    expect(new Set(fits.map((item) => item.outcome))).toEqual(
      new Set(["allow"]),
    );
    expect(fits[9]?.limit).toBe(yuan(10_000));
    expect(decisions[10]).toMatchObject({ outcome: "hold", codes: ["H01"] });
  });
});

describe("currencies that meet", () => {
  const usd = { currency: "USD" };

  test("F-24 an amendment in another currency is in that currency", () => {
    const world = createWorld();
    rates(world, 1, { USD: "0.125" });
    world.fold([
      order("A", yuan(90), start),
      fact("OrderAmended", start + 1, {
        orderId: "A",
        amount: 9000,
        currency: "USD",
        version: 1,
        dueDate: null,
      }),
    ]);
    expect(world.state().summary.openOrders).toBe(yuan(720));
  });

  test("F-1 a credit note of another currency takes nothing off unit by unit", () => {
    const world = createWorld();
    rates(world, 1, { USD: "0.125" });
    world.fold([
      invoice("I", 9000, startDay, startDay + 30, start, usd),
      fact("InvoiceCredited", start + 1, {
        invoiceId: "I",
        creditNoteId: "K",
        amount: 9000,
        currency: "CNY",
        reason: null,
      }),
    ]);
    expect(world.state().summary.receivables).toBe(yuan(720));
  });

  test("an invoice in another currency moves its value of the order", () => {
    const world = createWorld();
    rates(world, 1, { USD: "0.125" });
    world.fold([
      order("A", yuan(1000), start),
      invoice("I", 9000, startDay, startDay + 30, start + 1, {
        ...usd,
        orderId: "A",
      }),
    ]);
    expect(world.state().summary).toMatchObject({
      openOrders: yuan(280),
      receivables: yuan(720),
    });
  });

  test("C9.5 a temporary limit without an end ends after 30 days", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(100), start),
      limit(yuan(900), start + 1, { kind: "temporary" }),
    ]);
    expect(world.state().summary.limit).toBe(yuan(900));
    world.tick(start + 31 * dayMs);
    world.fold([order("A", yuan(1), start + 31 * dayMs)]);
    expect(world.state().summary.limit).toBe(yuan(100));
  });

  test("F-4 a limit in a currency without a rate decides nothing", () => {
    const world = createWorld();
    world.fold([limit(9000, start, usd), order("A", yuan(1), start + 1)]);
    expect(of(world, "Decision").at(-1)?.codes).toEqual(["H15"]);
  });
});

describe("days", () => {
  test("F-5 an event at 16:00Z belongs to the next day in Shanghai", () => {
    const world = createWorld();
    const evening = Date.parse("2026-03-03T16:00:00Z");
    world.fold([order("A", yuan(1), evening)]);
    expect(world.state().day).toBe(Date.parse("2026-03-04") / dayMs);
    const due = Date.parse("2026-03-03") / dayMs;
    world.fold([invoice("I", yuan(900), due - 30, due, evening + 1)]);
    // Due on the 3rd, it is the 4th there: one day past due, a Wednesday.
    expect(world.state().summary.dpdMax).toBe(1);
  });

  test.each([
    // due, first day past due, why
    ["2026-03-07", "2026-03-10", "a Saturday rolls to Monday"],
    ["2026-02-16", "2026-02-25", "Spring Festival rolls to the 24th"],
    ["2026-10-01", "2026-10-09", "Golden Week rolls to the 8th"],
  ])("F-6 due %s is past due from %s: %s", (due, from) => {
    const dueDay = Date.parse(due) / dayMs;
    const fromDay = Date.parse(from) / dayMs;
    const at = (day: number): number => day * dayMs + 2 * hour;
    const world = createWorld();
    world.fold([
      invoice("I", yuan(9000), dueDay - 30, dueDay, at(dueDay - 30)),
    ]);
    world.tick(at(fromDay - 1));
    expect(world.state().summary.dpdMax).toBe(0);
    world.tick(at(fromDay));
    expect(world.state().summary.dpdMax).toBe(fromDay - dueDay);
  });

  test("F-6 a make-up Saturday is a working day", () => {
    // 2026-02-28 is worked for Spring Festival: no roll.
    const due = Date.parse("2026-02-28") / dayMs;
    const world = createWorld();
    world.fold([
      invoice("I", yuan(9000), due - 30, due, (due - 30) * dayMs + 2 * hour),
    ]);
    world.tick((due + 1) * dayMs + 2 * hour);
    expect(world.state().summary.dpdMax).toBe(1);
  });

  test("F-8 an event of last week counts in its own days", () => {
    const world = createWorld();
    world.fold([
      order("A", yuan(10), start),
      { ...order("B", yuan(20), start - 5 * dayMs), appendedAt: start + 1 },
    ]);
    expect(world.features()).toMatchObject({
      ordCnt24h: 1,
      ordCnt7d: 2,
      ordAmt7d: yuan(30),
    });
    world.tick(start + 3 * dayMs);
    expect(world.features()).toMatchObject({ ordCnt7d: 1, ordCnt30d: 2 });
  });
});

describe("payments", () => {
  test("F-10 the same event twice, and from another source, is told apart", () => {
    const world = createWorld();
    const first = payment("P", yuan(100), startDay, start);
    const other = {
      ...first,
      value: { ...first.value, source: "bank", paymentId: "P-bank" },
    };
    world.fold([first, first, other]);
    expect(world.state().payments.map((item) => item.id)).toEqual([
      "P",
      "P-bank",
    ]);
  });

  test("F-11 a duplicate payment stays unallocated and is no early payment", () => {
    const world = createWorld();
    world.fold([
      invoice("I", yuan(500), startDay - 20, startDay + 10, start),
      payment("P1", yuan(500), startDay, start + 1, { invoiceId: "I" }),
      payment("P2", yuan(500), startDay, start + 2, { invoiceId: "I" }),
    ]);
    expect(world.state().summary).toMatchObject({
      receivables: 0,
      unallocated: yuan(500),
      exposure: -yuan(500),
    });
    expect(world.features().dbtN).toBe(1);
  });

  test("F-13 a returned payment takes its days beyond terms back", () => {
    const world = createWorld();
    world.fold([
      invoice("I", yuan(500), startDay - 60, startDay - 30, start),
      payment("P", yuan(500), startDay - 20, start + 1, { invoiceId: "I" }),
    ]);
    expect(world.features()).toMatchObject({ dbtN: 1, histInvN: 1 });
    world.fold([
      fact("PaymentReturned", start + 2, { paymentId: "P", reason: null }),
    ]);
    expect(world.features()).toMatchObject({
      dbtN: 0,
      histInvN: 0,
      retPayCnt: 1,
      dpdMax: 30,
    });
  });

  test("F-14 a customer who stops paying worsens, day by day", () => {
    const world = createWorld();
    const paid = Array.from({ length: 6 }, (_, i) => [
      invoice(
        `I-${String(i)}`,
        yuan(1000),
        startDay - 90 + i,
        startDay - 60 + i,
        start + i,
      ),
      payment(`P-${String(i)}`, yuan(1000), startDay - 61 + i, start + 10 + i, {
        invoiceId: `I-${String(i)}`,
      }),
    ]).flat();
    world.fold([
      limit(yuan(100_000), start),
      ...paid,
      invoice("OPEN", yuan(9000), startDay - 30, startDay, start + 50),
    ]);
    const seen: number[] = [];
    for (let day = 2; day <= 90; day += 1) {
      world.tick(start + day * dayMs);
      seen.push(world.features().dbtEwma ?? 0);
    }
    expect(seen.every((x, i) => i === 0 || x >= (seen[i - 1] ?? 0))).toBe(true);
    expect(seen.at(-1)).toBeGreaterThan((seen[0] ?? 0) + 10);
  });

  test("F-15 99.99 of 100 paid is paid; half is a smaller open part", () => {
    const world = createWorld();
    world.fold([
      invoice("A", yuan(100), startDay - 40, startDay - 10, start),
      payment("PA", yuan(100) - 1, startDay - 10, start + 1, {
        invoiceId: "A",
      }),
      invoice("B", yuan(1000), startDay - 40, startDay - 10, start + 2),
      payment("PB", yuan(500), startDay - 10, start + 3, { invoiceId: "B" }),
    ]);
    expect(world.state().summary).toMatchObject({
      receivables: yuan(500),
      overdue: yuan(500),
    });
    expect(world.features().dbtN).toBe(1);
  });

  test("F-15 money goes to the instalment due first", () => {
    const world = createWorld();
    world.fold([
      invoice("A", yuan(900), startDay - 90, startDay + 30, start, {
        instalments: [
          { dueDate: startDay + 30, amount: yuan(300) },
          { dueDate: startDay - 40, amount: yuan(300) },
          { dueDate: startDay - 10, amount: yuan(300) },
        ],
      }),
      payment("P", yuan(400), startDay - 40, start + 1, { invoiceId: "A" }),
    ]);
    expect(world.state().summary).toMatchObject({
      receivables: yuan(500),
      age0: yuan(300),
      age1: yuan(200),
      dpdMax: 10,
    });
    // Two parts of one invoice are open.
    expect(world.features()).toMatchObject({ invOpenCnt: 1, odCnt: 1 });
  });

  test.each([
    {
      how: "remittance advice wins over everything",
      over: { allocations: [{ invoiceId: "C", amount: yuan(300) }] },
      open: { A: 300, B: 200, C: 100 },
    },
    {
      how: "the exact amount before the oldest",
      over: {},
      open: { A: 300, B: 200, C: 400 },
    },
  ])("F-16 $how", ({ over, open }) => {
    const world = createWorld();
    const amount = "allocations" in over ? yuan(300) : yuan(250);
    world.fold([
      invoice("A", yuan(300), startDay - 50, startDay - 20, start),
      invoice("B", yuan(200), startDay - 50, startDay - 10, start + 1),
      invoice("C", yuan(400), startDay - 50, startDay, start + 2),
      invoice("D", yuan(250), startDay - 50, startDay + 5, start + 3),
      payment("P", amount, startDay, start + 4, over),
    ]);
    const found = Object.fromEntries(
      world
        .state()
        .invoices.filter((item) => item.id !== "D")
        .map((item) => [item.id, item.open / 100]),
    );
    expect(found).toEqual(open);
  });

  test("F-16 a promise before the oldest, and the rest to the oldest", () => {
    const world = createWorld();
    world.fold([
      invoice("A", yuan(300), startDay - 50, startDay - 20, start),
      invoice("B", yuan(200), startDay - 50, startDay - 10, start + 1),
      fact("PaymentPromised", start + 2, {
        promiseId: "PR",
        amount: yuan(200),
        currency: "CNY",
        promiseDate: startDay + 3,
        invoiceIds: ["B"],
      }),
      payment("P", yuan(260), startDay, start + 3),
    ]);
    const open = world.state().invoices.map((item) => item.open / 100);
    expect(open).toEqual([240, 0]);
    expect(world.features().ptpKeptRate).toBe(1);
  });

  test("F-17 a credit note lowers exposure and no payment record", () => {
    const world = createWorld();
    world.fold([
      invoice("A", yuan(300), startDay - 50, startDay - 20, start),
      fact("InvoiceCredited", start + 1, {
        invoiceId: "A",
        creditNoteId: "CN",
        amount: yuan(300),
        currency: "CNY",
        reason: null,
      }),
    ]);
    expect(world.state().summary.receivables).toBe(0);
    expect(world.features()).toMatchObject({
      dbtN: 0,
      payCnt90d: 0,
      histInvN: 0,
    });
  });

  test("F-19 what is paid before it is invoiced says nothing of punctuality", () => {
    const world = createWorld();
    world.fold([
      payment("P", yuan(300), startDay - 5, start),
      invoice("A", yuan(300), startDay, startDay + 30, start + 1),
    ]);
    expect(world.state().summary.receivables).toBe(0);
    expect(world.features()).toMatchObject({ dbtN: 0, histInvN: 0 });
  });
});

describe("what comes late", () => {
  test("an older limit or older master data does not win", () => {
    const world = createWorld();
    const master = (
      time: number,
      over: Partial<Records["CustomerUpserted"]>,
    ): Fact => ({
      ...fact("CustomerUpserted", time, {
        name: null,
        segment: null,
        industry: null,
        country: null,
        currency: null,
        termsDays: null,
        since: null,
        groupId: null,
        owner: null,
        creditLimit: null,
        ...over,
      }),
      appendedAt: start,
    });
    world.fold([
      limit(yuan(100_000), start),
      master(start, { segment: "retail", creditLimit: null }),
      { ...limit(yuan(1), start - 2 * dayMs), appendedAt: start },
      master(start - dayMs, { segment: "wholesale", owner: "wang" }),
      master(start - dayMs, { creditLimit: yuan(2) }),
    ]);
    const { standing, segment, owner } = world.state();
    expect([standing?.amount, segment, owner]).toEqual([
      yuan(100_000),
      "retail",
      "wang",
    ]);
    expect(world.state().masterAt).not.toEqual([]);
    world.fold([limit(yuan(100_000), start + 9 * dayMs)]);
    expect(world.state().masterAt).toEqual([]);
  });
  test("a promise stays kept when its payment is dropped from the state", () => {
    const world = createWorld();
    world.fold([
      invoice("I-1", yuan(500), startDay - 60, startDay - 30, start),
      fact("PaymentPromised", start, {
        promiseId: "W-1",
        amount: yuan(500),
        currency: "CNY",
        promiseDate: startDay + 5,
        invoiceIds: ["I-1"],
      }),
      payment("P-1", yuan(500), startDay + 3, start + 3 * dayMs),
    ]);
    for (let day = 4; day <= 60; day += 1) world.tick(start + day * dayMs);
    expect(world.state().payments).toEqual([]);
    expect(world.state().promises).toMatchObject([
      { status: 1, received: yuan(500) },
    ]);
    expect(alertsOf(world, "PAY-05")).toEqual([]);
  });
  test("what waits in vain for its order becomes a dead letter", () => {
    const world = createWorld();
    world.fold([
      fact("OrderCancelled", start, { orderId: "S-9", reason: null }),
      invoice("I-1", yuan(500), startDay, startDay + 90, start),
    ]);
    world.tick(start + 29 * dayMs);
    expect(of(world, "DeadLetter")).toEqual([]);
    world.tick(start + 31 * dayMs);
    expect(of(world, "DeadLetter")).toMatchObject([
      { code: "ORPHAN_EXPIRED", type: "order.cancelled", customerId: "C-1" },
    ]);
    expect(world.state().orphans).toEqual([]);
  });
  test("a full state says so, and that its exposure is understated (DQ-03)", () => {
    const world = createWorld();
    const cancel = (i: number): Fact =>
      fact("OrderCancelled", start + i, {
        orderId: `S-${String(i)}`,
        reason: null,
      });
    world.fold(Array.from({ length: 64 }, (_, i) => cancel(i)));
    expect(alertsOf(world, "DQ-03")).toEqual([]);
    world.fold([cancel(64), cancel(65)]);
    expect(of(world, "DeadLetter").map((letter) => letter.code)).toEqual([
      "ORPHANS_FULL",
      "ORPHANS_FULL",
    ]);
    expect(alertsOf(world, "DQ-03")).toEqual(["open"]);
    world.fold([limit(yuan(1), start + 31 * dayMs)]);
    expect(alertsOf(world, "DQ-03")).toEqual(["open", "resolved"]);
  });
  test("a sealed source repeats nothing, whether as history or live", () => {
    const world = createWorld();
    const sale = order("S-1", yuan(10), start - dayMs, {
      historical: true,
      source: "old",
    });
    world.fold([{ ...sale, appendedAt: start }]);
    world.control({
      name: "HistorySealed",
      value: { source: "old", floor: start },
    });
    const live = { ...sale.value, historical: false } as Records["OrderPlaced"];
    world.fold([
      { ...sale, appendedAt: start + 1 },
      { name: "OrderPlaced", value: live, appendedAt: start + 2 },
    ]);
    expect(of(world, "Late").map((late) => late.reason)).toEqual([
      "sealed",
      "sealed",
    ]);
    expect(world.state().orders).toHaveLength(1);
  });
});

describe("class", () => {
  test("each class is reached after a week above its own cut-off", () => {
    const world = createWorld();
    const old = start - 100 * dayMs;
    world.fold([
      limit(yuan(100_000), old),
      invoice("I-1", yuan(5000), startDay - 100, startDay - 40, old),
    ]);
    world.tick(start);
    const classAt = (day: number): string => {
      world.tick(start + day * dayMs);
      return world.state().class;
    };
    expect(classAt(0)).toBe("E");
    world.fold([payment("P-1", yuan(5000), startDay, start + 1000)]);
    world.tick(start + 5 * dayMs);
    world.fold([
      fact("CustomerUpserted", start + 5 * dayMs, {
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
      fact("CustomerRated", start + 5 * dayMs, {
        agency: "agency",
        rating: "AAA",
        normalised: 100,
        ratedAt: startDay + 5,
      }),
    ]);
    expect(world.state().score).toBeGreaterThan(600);
    expect([6, 8, 11, 13].map(classAt)).toEqual(["E", "D", "D", "C"]);
  });
});

describe("complaints", () => {
  const complain = (
    id: string,
    at: number,
    over: Partial<Records["ComplaintOpened"]> = {},
  ): Fact =>
    fact("ComplaintOpened", at, {
      complaintId: id,
      text: null,
      language: null,
      category: null,
      severity: 500,
      orderId: null,
      invoiceId: null,
      disputedAmount: null,
      currency: null,
      facts: null,
      ...over,
    });

  test("F-20 a disputed part stays in exposure, out of days past due, for 45 days", () => {
    const world = createWorld();
    world.fold([
      invoice("A", yuan(900), startDay - 50, startDay - 20, start),
      complain("D", start + 1, {
        invoiceId: "A",
        disputedAmount: yuan(900),
        currency: "CNY",
      }),
    ]);
    expect(world.state().summary).toMatchObject({
      receivables: yuan(900),
      overdue: 0,
      dpdMax: 0,
    });
    world.tick(start + 46 * dayMs);
    // From the original due date.
    expect(world.state().summary).toMatchObject({
      overdue: yuan(900),
      dpdMax: 66,
    });
  });

  test("F-20 a rejected dispute ends the pause", () => {
    const world = createWorld();
    world.fold([
      invoice("A", yuan(900), startDay - 50, startDay - 20, start),
      complain("D", start + 1, {
        invoiceId: "A",
        disputedAmount: yuan(900),
        currency: "CNY",
      }),
      fact("ComplaintResolved", start + 2, {
        complaintId: "D",
        outcome: "rejected",
        note: null,
      }),
    ]);
    expect(world.state().summary.dpdMax).toBe(20);
  });

  test("F-21 the seller's faults weigh a quarter of a plea for time", () => {
    const scoreAfter = (meaning: string): number => {
      const world = createWorld();
      world.fold([
        limit(yuan(100_000), start),
        ...[1, 2, 3].map((i) =>
          complain(`K-${String(i)}`, start + i, {
            facts: {
              language: "zh",
              meaning,
              severity: 900,
              categories: [],
              spans: [],
              version: 1,
              ...{ sentiment: 0, topics: [], marks: [], amount: null },
            },
          }),
        ),
      ]);
      return world.state().score;
    };
    expect(scoreAfter("fault")).toBeGreaterThan(scoreAfter("liquidity"));
  });
});

describe("orders", () => {
  test("F-24 amended orders count once, in any order of versions", () => {
    const amend = (version: number, amount: number, at: number): Fact =>
      fact("OrderAmended", at, {
        orderId: "A",
        amount,
        currency: "CNY",
        version,
        dueDate: null,
      });
    const facts = [
      order("A", yuan(100), start),
      amend(2, yuan(300), start + 1),
      amend(1, yuan(200), start + 2),
    ];
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [2, 1, 0],
    ];
    for (const permutation of orders) {
      const world = createWorld();
      world.fold(
        permutation.map((i) => facts[i]).filter((f) => f !== undefined),
      );
      expect(world.state().summary.openOrders).toBe(yuan(300));
      expect(world.features()).toMatchObject({
        ordCnt30d: 1,
        ordAmt30d: yuan(300),
        ordN: 1,
      });
    }
  });

  test("F-26 a limit of zero holds everything and divides by nothing", () => {
    const world = createWorld();
    world.fold([limit(0, start), order("A", yuan(1), start + 1)]);
    expect(of(world, "Decision").at(-1)?.codes).toContain("H01");
    expect(alertsOf(world, "EXP-01")).toEqual([]);
  });

  test("F-27 one late invoice of one is not class E", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(100_000), start),
      payment("P", yuan(900), startDay - 10, start, { invoiceId: "A" }),
      invoice("A", yuan(900), startDay - 50, startDay - 20, start + 1),
    ]);
    expect(world.state().class).toBe("C");
    expect(world.features().lateRatio180d).toBeLessThan(0.5);
  });
});
