/** Values of views for tests, with what a test does not care about filled in. */
import type { AlertView } from "@riskwall/schemas";
import { totalFields } from "@riskwall/schemas/names";
import type { Head, Scale } from "./customer-row.ts";
import type { Sums } from "./portfolio-view.ts";

export const scale: Scale = {
  currency: "CNY",
  pdOf: (score) => (850 - score) / 1000,
};

export function alertView(over: Partial<AlertView> = {}): AlertView {
  return {
    alertId: "a1",
    ruleId: "ORD-01",
    ruleName: { zh: "突发大额订单", en: "Large sudden order" },
    customerId: "C-1",
    customerName: "恒远机电",
    severity: "high",
    state: "open",
    version: 1,
    actionVersion: 0,
    openedAt: "2026-11-20T08:00:00.000Z",
    updatedAt: "2026-11-20T08:00:00.000Z",
    eventTime: "2026-11-20T08:00:00.000Z",
    triggerEventIds: ["e1"],
    reasons: [],
    explain: {},
    titleZh: "大额",
    titleEn: "large",
    suggestedAction: { zh: "核实", en: "check" },
    moneyAtRisk: "100.00",
    currency: "CNY",
    exposureBefore: "0.00",
    exposureAfter: "100.00",
    limit: null,
    utilisationAfter: null,
    score: 600,
    class: "C",
    pd: "0.048",
    orderId: null,
    invoiceId: null,
    complaintId: null,
    parent: null,
    quiet: null,
    assignee: null,
    snoozedUntil: null,
    muted: false,
    rulesetVersion: 1,
    actions: [],
    ...over,
  };
}

export function head(
  id: string,
  over: Partial<Omit<Head, "summary">> & {
    readonly summary?: Partial<Head["summary"]>;
  } = {},
): Head {
  return {
    id,
    name: `name of ${id}`,
    segment: "wholesale",
    industry: "machinery",
    score: 600,
    class: "C",
    asOf: 1_795_000_000_000,
    ...over,
    summary: {
      exposure: 10_000,
      overdue: 0,
      dpdMax: 0,
      limit: 100_000,
      alerts: [0, 0, 0, 0, 0],
      ...over.summary,
    },
  };
}

export function sums(over: Partial<Sums> = {}): Sums {
  const none = Object.fromEntries(totalFields.map((name) => [name, 0]));
  return { ...(none as Sums), ...over };
}
