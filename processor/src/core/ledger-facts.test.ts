/** Deliveries, returns, refunds and write-offs in the ledger (C1, F-17, F-18). */
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

const delivery = (id: string, orderId: string, amount: number, at: number) =>
  fact("DeliveryCompleted", at, {
    ...{ deliveryId: id, orderId, amount, currency: "CNY" },
  });
const goodsBack = (id: string, orderId: string, amount: number, at: number) =>
  fact("OrderReturned", at, {
    ...{ returnId: id, orderId, amount, currency: "CNY", reason: null },
  });
const refund = (id: string, paymentId: string, amount: number, day: number) =>
  fact("PaymentRefunded", start + (day - startDay) * dayMs, {
    ...{ refundId: id, paymentId, amount, currency: "CNY" },
    ...{ valueDate: day, reason: null },
  });
const writeOff = (id: string, invoiceId: string, amount: number, at: number) =>
  fact("InvoiceWrittenOff", at, {
    ...{ writeOffId: id, invoiceId, amount, currency: "CNY", reason: null },
  });
const billed = (id: string, orderId: string, amount: number, day: number) =>
  invoice(id, amount, day, day + 30, start + (day - startDay) * dayMs, {
    orderId,
  });

function worldOf(facts: readonly Fact[]): World {
  const world = createWorld();
  world.fold([limit(yuan(1_000_000), start), ...facts]);
  return world;
}

interface Parts {
  readonly total: number;
  readonly receivables: number;
  readonly openOrders: number;
  readonly unbilled: number;
}

function partsOf(world: World): Parts {
  const { summary, orders } = world.state();
  return {
    total: summary.exposure,
    receivables: summary.receivables,
    openOrders: summary.openOrders,
    unbilled: orders.reduce(
      (sum, { goods }) => sum + (goods?.unbilled ?? 0),
      0,
    ),
  };
}

describe("C1 delivered and not billed", () => {
  const A = order("A", yuan(100), start);
  test.each<[string, Fact[], Parts]>([
    [
      "goods that went out move from the order to a part of their own",
      [A, delivery("D", "A", yuan(60), start + 1)],
      {
        ...{ total: yuan(100), receivables: 0 },
        openOrders: yuan(40),
        unbilled: yuan(60),
      },
    ],
    [
      "a bill takes the delivered part first",
      [
        A,
        delivery("D", "A", yuan(60), start + 1),
        billed("I", "A", yuan(40), startDay),
      ],
      {
        total: yuan(100),
        receivables: yuan(40),
        openOrders: yuan(40),
        unbilled: yuan(20),
      },
    ],
    [
      "a bill before its delivery leaves nothing unbilled",
      [
        A,
        billed("I", "A", yuan(100), startDay),
        delivery("D", "A", yuan(60), start + 1),
      ],
      { total: yuan(100), receivables: yuan(100), openOrders: 0, unbilled: 0 },
    ],
    [
      "more than was ordered counts as well",
      [A, delivery("D", "A", yuan(130), start + 1)],
      { total: yuan(130), receivables: 0, openOrders: 0, unbilled: yuan(130) },
    ],
    [
      "a delivery before its order waits for it (F-9)",
      [delivery("D", "A", yuan(60), start - 1), A],
      {
        total: yuan(100),
        receivables: 0,
        openOrders: yuan(40),
        unbilled: yuan(60),
      },
    ],
    [
      "what came back is owed no more and needs no bill",
      [
        A,
        delivery("D", "A", yuan(60), start + 1),
        goodsBack("R", "A", yuan(20), start + 2),
      ],
      {
        total: yuan(80),
        receivables: 0,
        openOrders: yuan(40),
        unbilled: yuan(40),
      },
    ],
    [
      "a return without a delivery lowers the order",
      [A, goodsBack("R", "A", yuan(20), start + 2)],
      { total: yuan(80), receivables: 0, openOrders: yuan(80), unbilled: 0 },
    ],
    [
      "goods of a cancelled order are with the customer all the same",
      [
        A,
        delivery("D", "A", yuan(60), start + 1),
        fact("OrderCancelled", start + 2, { orderId: "A", reason: null }),
      ],
      { total: yuan(60), receivables: 0, openOrders: 0, unbilled: yuan(60) },
    ],
    [
      "one delivery told twice counts once",
      [
        A,
        delivery("D", "A", yuan(60), start + 1),
        delivery("D", "A", yuan(60), start + 2),
      ],
      {
        total: yuan(100),
        receivables: 0,
        openOrders: yuan(40),
        unbilled: yuan(60),
      },
    ],
  ])("%s", (_, facts, parts) => {
    expect(partsOf(worldOf(facts))).toEqual(parts);
  });

  test("stays after the order's reservation ended", () => {
    const world = worldOf([A, delivery("D", "A", yuan(60), start + 1)]);
    world.tick(start + 120 * dayMs);
    expect(partsOf(world)).toMatchObject({ openOrders: 0, unbilled: yuan(60) });
  });

  test("a delivery whose order never comes ends as a dead letter, a return does not", () => {
    const world = worldOf([
      delivery("D", "X", yuan(60), start),
      goodsBack("R", "Y", yuan(60), start),
    ]);
    world.tick(start + 32 * dayMs);
    expect(of(world, "DeadLetter")).toMatchObject([
      { code: "ORPHAN_EXPIRED", type: "delivery.completed" },
    ]);
    expect(world.state().orphans).toEqual([]);
  });
});

describe("F-18 refunds", () => {
  const paid = [
    invoice("I", yuan(100), startDay, startDay + 10, start),
    payment("P", yuan(100), startDay + 15, start + 15 * dayMs),
  ];
  const record = (world: World): unknown => {
    const { dbtN, dbtEwma, lateRatio180d, settledN180d } = world.features();
    return { dbtN, dbtEwma, lateRatio180d, settledN180d };
  };

  test("of money that paid an invoice raise receivables, without a due date", () => {
    const before = worldOf(paid);
    const world = worldOf([...paid, refund("R", "P", yuan(30), startDay + 16)]);
    expect(world.state().summary).toMatchObject({
      ...{ receivables: yuan(30), exposure: yuan(30), age0: yuan(30) },
      overdue: 0,
    });
    expect(world.state().invoices).toMatchObject([{ open: 0 }]);
    // Never in DBT: the payment record is what it was.
    expect(record(world)).toEqual(record(before));
    world.tick(start + 100 * dayMs);
    expect(world.state().summary).toMatchObject({ overdue: 0, dpdMax: 0 });
  });

  test("of free cash raise nothing", () => {
    const world = worldOf([
      payment("P", yuan(100), startDay, start),
      refund("R", "P", yuan(100), startDay + 1),
    ]);
    expect(world.state().summary).toMatchObject({
      ...{ receivables: 0, unallocated: 0, exposure: 0 },
    });
  });

  test("after a credit note are no debt", () => {
    const world = worldOf([
      ...paid,
      fact("InvoiceCredited", start + 16 * dayMs, {
        ...{ invoiceId: "I", creditNoteId: "K", amount: yuan(100) },
        ...{ currency: "CNY", reason: null },
      }),
      refund("R", "P", yuan(100), startDay + 16),
    ]);
    expect(world.state().summary).toMatchObject({
      ...{ receivables: 0, unallocated: 0, exposure: 0 },
    });
  });

  test("money given back does not pay a later invoice", () => {
    const world = worldOf([
      payment("P", yuan(100), startDay, start),
      refund("R", "P", yuan(100), startDay + 1),
      invoice("L", yuan(100), startDay + 5, startDay + 35, start + 5 * dayMs),
    ]);
    expect(world.state().summary.receivables).toBe(yuan(100));
    expect(world.state().invoices).toMatchObject([
      { id: "L", open: yuan(100) },
    ]);
  });

  test("paid again, by cash that names nothing, are settled, and stay so", () => {
    const world = worldOf([
      ...paid,
      refund("R", "P", yuan(100), startDay + 16),
      payment("Q", yuan(100), startDay + 20, start + 20 * dayMs),
    ]);
    expect(world.state().summary).toMatchObject({
      exposure: 0,
      unallocated: 0,
    });
    for (let day = 21; day <= 120; day += 1) world.tick(start + day * dayMs);
    expect(world.state()).toMatchObject({
      ...{ payments: [], refunds: [], invoices: [] },
      summary: { exposure: 0 },
    });
  });

  test("of a payment that bounced are owed as well", () => {
    const world = worldOf([
      ...paid,
      refund("R", "P", yuan(30), startDay + 16),
      fact("PaymentReturned", start + 17 * dayMs, {
        ...{ paymentId: "P", reason: null },
      }),
    ]);
    expect(world.state().summary.receivables).toBe(yuan(130));
  });

  test("whose payment never comes become a dead letter", () => {
    const world = worldOf([refund("R", "P", yuan(30), startDay)]);
    world.tick(start + 32 * dayMs);
    expect(of(world, "DeadLetter")).toMatchObject([
      { code: "ORPHAN_EXPIRED", type: "payment.refunded" },
    ]);
    expect(world.state().refunds).toEqual([]);
  });
});

describe("write-offs", () => {
  const owed = (amount: number): Fact =>
    invoice("I", amount, startDay, startDay + 10, start);
  const score = (world: World): Partial<Records["CustomerState"]> => {
    const { cap, score } = world.state();
    return { cap, score };
  };

  test("close the item and are no payment", () => {
    const world = worldOf([
      owed(yuan(1000)),
      payment("P", yuan(400), startDay + 20, start + 20 * dayMs, {
        invoiceId: "I",
      }),
      writeOff("W", "I", yuan(600), start + 100 * dayMs),
    ]);
    expect(world.state().summary).toMatchObject({
      ...{ receivables: 0, exposure: 0, overdue: 0 },
    });
    expect(world.features()).toMatchObject({ settledN180d: 0, dbtN: 0 });
  });

  test("take back the payment record of what they close afterwards", () => {
    const world = worldOf([
      owed(yuan(1000)),
      payment("P", yuan(999), startDay + 20, start + 20 * dayMs, {
        invoiceId: "I",
      }),
    ]);
    expect(world.features().settledN180d).toBe(1);
    world.fold([writeOff("W", "I", yuan(1), start + 21 * dayMs)]);
    expect(world.features()).toMatchObject({ settledN180d: 0, dbtN: 0 });
  });

  test("before their invoice wait for it (F-9)", () => {
    const world = worldOf([
      writeOff("W", "I", yuan(1000), start - 1),
      owed(yuan(1000)),
    ]);
    expect(world.state().summary.receivables).toBe(0);
  });

  test.each([
    // A limit of a million makes ¥10,000 material.
    { amount: yuan(10_000), cap: "written-off" },
    { amount: yuan(10_000) - 1, cap: "" },
  ])("cap the score for a year when they are material: $amount", (row) => {
    const world = worldOf([
      owed(row.amount),
      writeOff("W", "I", row.amount, start + 95 * dayMs),
    ]);
    expect(score(world).cap).toBe(row.cap);
    expect((score(world).score ?? 0) <= 450).toBe(row.cap !== "");
    world.tick(start + (95 + 380) * dayMs);
    expect(score(world).cap).toBe("");
  });

  test("free the limit: held orders are checked again (L08)", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(1000), start),
      owed(yuan(900)),
      order("A", yuan(300), start + 1),
      writeOff("W", "I", yuan(900), start + 2),
    ]);
    expect(of(world, "Decision").map(({ codes }) => codes)).toContainEqual([
      "H01",
    ]);
    expect(of(world, "Decision").at(-1)?.codes).not.toContain("H01");
  });
});

describe("ORD-10 with returns", () => {
  const sold = Array.from({ length: 9 }, (_, i) =>
    order(`S-${String(i)}`, yuan(100), start - (20 - i) * dayMs),
  );
  const back = (n: number): Fact[] =>
    Array.from({ length: n }, (_, i) =>
      goodsBack(`R-${String(i)}`, `S-${String(i)}`, yuan(50), start + i),
    );
  test.each([
    { n: 3, fires: true },
    { n: 2, fires: false },
  ])("$n returns of nine orders", ({ n, fires }) => {
    const world = worldOf([...sold, ...back(n)]);
    const alerts = of(world, "Alert").filter(
      ({ ruleId }) => ruleId === "ORD-10",
    );
    expect(alerts).toHaveLength(fires ? 1 : 0);
    if (!fires) return;
    expect(JSON.parse(alerts[0]?.explain ?? "")).toMatchObject({
      ...{ cancelled: 0, returned: 3, orders: 9 },
    });
    expect(alerts[0]?.titleEn).toContain("3 returns");
    expect(alerts[0]?.titleZh).toContain("退货 3 次");
  });
  test("not for one that always gets that much back", () => {
    const habit = Array.from({ length: 60 }, (_, i) => i).flatMap((i) => [
      order(`H-${String(i)}`, yuan(100), start - (150 - 2 * i) * dayMs),
      ...(i % 4 === 0
        ? [
            goodsBack(
              `B-${String(i)}`,
              `H-${String(i)}`,
              yuan(9),
              start - (149.5 - 2 * i) * dayMs,
            ),
          ]
        : []),
    ]);
    const world = createWorld();
    world.fold([
      limit(yuan(1_000_000), start - 160 * dayMs),
      ...habit,
      ...sold,
      ...back(3),
    ]);
    const alerts = of(world, "Alert").filter(
      ({ ruleId, openedAt }) => ruleId === "ORD-10" && openedAt >= start,
    );
    expect(alerts).toEqual([]);
  });
});
