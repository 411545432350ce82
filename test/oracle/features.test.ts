import { expect, test } from "vitest";
import { day, dayMs, event, readLines, start } from "./cases.test-support.ts";
import type { Line } from "./cases.test-support.ts";
import { exposureOf } from "./exposure.ts";
import { limitsOf } from "./limits.ts";
import { featuresOf, windowStart, type Features } from "./features.ts";
import { ledgerOf } from "./ledger.ts";
import { lastDelays, lastOrders } from "./log-order.ts";
import { papersOf } from "./papers.ts";
import { classByCut, scoreOf } from "./score.ts";
import { shippedRules } from "./rules.ts";

const rules = { ...shippedRules(), graceDays: 3 };

/** Features at 09:00 in Shanghai, so many days after 2026-03-02. */
function after(days: number, lines: readonly Line[]): Features {
  const chronicle = readLines(lines);
  const events = chronicle.customers.get("C-1")?.events ?? [];
  const papers = papersOf(events);
  const today = day("2026-03-02") + days;
  const now = start + days * dayMs;
  const question = { today, rules, rates: chronicle.rates };
  const ledger = ledgerOf(papers, question);
  const exposure = exposureOf(papers, ledger, {
    ...question,
    ...{ now, limits: limitsOf(events), isReserved: () => true },
    cover: { inExposure: 0n, inLimit: 0n },
  });
  return featuresOf(events, papers, ledger, exposure, {
    ...question,
    ...{ now, delays: lastDelays(events), lastOrders: lastOrders(events) },
  });
}

const order = (on: number, orderId: string, amount: number): Line => ({
  on,
  record: event("OrderPlaced", { orderId, amount }),
});
/** An invoice due ten days on, paid so many days after its due date. */
function settled(on: number, n: number, late: number): Line[] {
  const issueDate = day("2026-03-02") + on;
  const [invoiceId, paymentId] = [`I${String(n)}`, `P${String(n)}`];
  const dates = { issueDate, dueDate: issueDate + 10 };
  const valueDate = issueDate + 10 + late;
  return [
    {
      on,
      record: event("InvoiceIssued", { invoiceId, amount: 100_00, ...dates }),
    },
    {
      on: on + 10 + late,
      record: event("PaymentReceived", {
        ...{ paymentId, amount: 100_00, valueDate, invoiceId },
      }),
    },
  ];
}

test("windows are whole days, from 180 days on whole ten-day tiles", () => {
  // 20 514 − 179 = 20 335, in the tile that begins with 20 330.
  expect(windowStart(7, 20_514)).toBe(20_508);
  expect(windowStart(180, 20_514)).toBe(20_330);
  expect(windowStart(365, 20_514)).toBe(20_150);
});

test("orders: counts, sums, median, gaps; a cancelled one is out", () => {
  const features = after(10, [
    order(0, "A", 100_00),
    order(3, "B", 400_00),
    order(4, "C", 900_00),
    order(8, "D", 200_00),
    { on: 9, record: event("OrderCancelled", { orderId: "C" }) },
    order(10, "E", 300_00),
  ]);
  expect(features).toMatchObject({
    ordCnt24h: 1,
    ordCnt7d: 2,
    ordCnt30d: 4,
    ordAmt7d: 500_00n,
    ordAmt30d: 1000_00n,
    ordMedAmt: 250_00,
    ordMaxAmt: 400_00,
    ordGapMed: 3,
    ordGapNow: 0,
    ordCancelRate: 1 / 15,
    activeMonths: 1,
    tenureDays: 10,
  });
});

test("delays come in log order; a returned payment is taken back", () => {
  const lines = [...settled(0, 1, 0), ...settled(1, 2, 7), ...settled(2, 3, 4)];
  lines.sort((a, b) => a.on - b.on);
  const before = after(30, lines);
  // Due on 12, 13 and 14 March 2026 (a Saturday, rolled to Monday the 16th):
  // 0, 7 and 18 − 16 = 2 days beyond, the 7 last; late is more than 3.
  expect(before).toMatchObject({ dbtN: 3, dbtMed: 2, histInvN: 3 });
  expect(before["dbtEwma"]).toBeCloseTo(0.4 + 0.2 * (7 - 0.4), 12);
  expect(before["lateRatio180d"]).toBeCloseTo((1 + 5 * 0.15) / 8, 12);
  const returned = {
    on: 21,
    record: event("PaymentReturned", { paymentId: "P2" }),
  };
  const back = after(30, [...lines, returned]);
  expect(back).toMatchObject({ dbtN: 2, histInvN: 2, retPayCnt: 1 });
  // Open since 13 March, on 1 April: 19 days, as the last of the row.
  expect(back["dbtEwma"]).toBeCloseTo(0.4 + 0.2 * (19 - 0.4), 12);
});

test("twenty delays are shown; one taken back lets an older one in again", () => {
  const lines = Array.from({ length: 22 }, (_, i) =>
    settled(i % 5, i, 0),
  ).flat();
  lines.sort((a, b) => a.on - b.on);
  const returned = {
    on: 21,
    record: event("PaymentReturned", { paymentId: "P21" }),
  };
  expect(after(30, lines)).toMatchObject({ dbtN: 20, histInvN: 22 });
  const back = after(30, [...lines, returned]);
  expect(back).toMatchObject({ dbtN: 20, histInvN: 21 });
});

test("a new customer with a limit and nothing owed has 625 points (E2)", () => {
  const features = {
    ...after(0, [
      {
        on: 0,
        record: event("CustomerLimitSet", { amount: 1000_00, validTo: null }),
      },
    ]),
    ...{ expGrowth: null, alertSev30d: 0 },
  };
  const score = scoreOf(features, null, 100_00n, rules);
  expect(score).toMatchObject({ score: 625, capEffect: 0, cap: "" });
  expect(classByCut(score.score, rules)).toBe("C");
  expect(scoreOf(features, "fraud", 100_00n, rules)).toMatchObject({
    ...{ score: 300, cap: "fraud-hold", capEffect: -325 },
  });
});

test("one old invoice costs 220 points at most, and caps the score", () => {
  const blank = { ...after(0, []), alertSev30d: 0, expGrowth: null };
  const old = { ...blank, dpdMax: 91, odRatio: 1 };
  const { points, cap } = scoreOf(old, null, 100_00n, rules);
  expect([points[2], points[3]]).toEqual([-200, -20]);
  expect(cap).toBe("");
  const good = { ...old, settledN180d: 9, lateRatio180d: 0, dbtLateEwma: 0 };
  expect(
    scoreOf({ ...good, tenureDays: 4000 }, null, 100_00n, rules),
  ).toMatchObject({
    ...{ cap: "overdue-90", score: 450 },
  });
});
