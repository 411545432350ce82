import type { ScoreChangeView } from "@riskwall/schemas";
import { describe, expect, it } from "vitest";
import { alertOf } from "./alert-view.test-support.ts";
import { evidenceOf, type PastItem } from "./evidence.ts";

const at = (hour: number): string =>
  new Date(Date.UTC(2026, 10, 23, hour)).toISOString();
const event = (id: string, over: Partial<PastItem> = {}): PastItem => ({
  ...{ kind: "event", at: at(1), id: `erp/${id}`, type: "order.placed" },
  ...{ amount: "100.00", currency: "CNY", detail: {} },
  ...over,
});

describe("the evidence of an alert", () => {
  it("is the orders with median and greatest, in order, the trigger marked", () => {
    const alert = alertOf({
      triggerEventIds: ["e-1"],
      explain: { median: "100.00", previousMax: "120.00", z: 4, cap: null },
    });
    const found = evidenceOf(
      alert,
      [
        event("e-1", { at: at(3), amount: "900.00" }),
        event("x-e-1", { at: at(2) }),
        event("usd", { currency: "USD" }),
        event("paid", { type: "payment.received" }),
      ],
      [],
    );
    expect(found).toMatchObject({ name: "orders", shape: "dots" });
    expect(
      found.points.map(({ id, value, trigger }) => [id, value, trigger]),
    ).toEqual([
      ["erp/x-e-1", 100, false],
      ["erp/e-1", 900, true],
    ]);
    expect(found.thresholds).toEqual([
      { name: "median", value: 100 },
      { name: "previousMax", value: 120 },
    ]);
  });

  it("is the exposure after each decision against the limit", () => {
    const alert = alertOf({
      ...{ ruleId: "EXP-02", orderId: "SO-2", limit: "500.00" },
      ...{ exposureAfter: "700.00", eventTime: at(5) },
    });
    const decision = (hour: number, exposureAfter: string): PastItem =>
      event(String(hour), {
        ...{ kind: "decision", type: "allow", at: at(hour) },
        detail: { orderId: `SO-${String(hour)}`, exposureAfter },
      });
    const found = evidenceOf(
      alert,
      [decision(6, "1.00"), decision(3, "400.00")],
      [],
    );
    expect(found.points.map(({ value, trigger }) => [value, trigger])).toEqual([
      [400, false],
      [700, true],
    ]);
    expect(found.thresholds).toEqual([{ name: "limit", value: 500 }]);
  });

  it("is the score for a score alert", () => {
    const change: ScoreChangeView = {
      ...{ id: "0-1-0", customerId: "C-1", name: "", at: at(1), from: 700 },
      ...{ score: 640, class: "C", classBefore: "B", base: 600, points: [] },
      ...{ capEffect: 0, cap: null, pd: "0.05", reasons: [], cause: ["e-1"] },
      ...{ corrected: false, rulesetVersion: 1, textZh: "", textEn: "" },
    };
    const found = evidenceOf(alertOf({ ruleId: "SCR-01" }), [], [change]);
    expect(found).toMatchObject({
      ...{ name: "score", unit: "points", shape: "steps" },
      points: [{ value: 640, trigger: true }],
    });
  });

  it("is what was paid and billed for other rules, with no made-up threshold", () => {
    const alert = alertOf({ ruleId: "PAY-06", explain: { amount: "5.00" } });
    const paid = event("p", { type: "payment.received" });
    expect(evidenceOf(alert, [paid], [])).toMatchObject({
      ...{ name: "events", thresholds: [] },
      points: [{ id: "erp/p" }],
    });
  });
});
