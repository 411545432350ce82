import type { AlertView } from "@riskwall/schemas";

/** An alert of a test. */
export function alertOf(over: Partial<AlertView>): AlertView {
  return {
    ...{ alertId: "a-1", ruleId: "ORD-01", customerId: "C-1", version: 1 },
    ruleName: { zh: "突发大额订单", en: "Large sudden order" },
    ...{ customerName: "恒远机电", severity: "high", state: "open" },
    ...{ actionVersion: 0, openedAt: "2026-11-23T08:00:00.000Z" },
    updatedAt: "2026-11-23T08:00:00.000Z",
    eventTime: "2026-11-23T08:00:00.000Z",
    ...{ triggerEventIds: ["e-1"], reasons: [], explain: {} },
    ...{ titleZh: "", titleEn: "", suggestedAction: { zh: "", en: "" } },
    ...{ moneyAtRisk: "1.00", currency: "CNY", exposureBefore: "0.00" },
    ...{ exposureAfter: "1.00", limit: null, utilisationAfter: null },
    ...{ score: 600, class: "C", pd: "0.05", orderId: null, invoiceId: null },
    ...{ complaintId: null, assignee: null, snoozedUntil: null, muted: false },
    ...{ rulesetVersion: 1, actions: [], parent: null, quiet: null },
    ...over,
  };
}
