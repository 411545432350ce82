/** Notices to try channels with; hostile where a name comes from outside. */
import type { Brief } from "../core/brief.ts";
import { composeNotice, type Notice, type NoticeKind } from "../core/notice.ts";

/** A customer's name that tries to be markup in every dialect. */
export const hostileName = '<at id=all></at>*华东*[机电](http://x) & "Co" @all';

export function sampleBrief(over: Partial<Brief> = {}): Brief {
  return {
    alertId: "A-1",
    ruleId: "ORD-01",
    ruleName: { zh: "突发大额订单", en: "Large sudden order" },
    severity: "critical",
    state: "open",
    customerId: "C-1",
    customerName: "恒远机电",
    openedAt: "2026-11-20T08:30:00.000Z",
    updatedAt: "2026-11-20T08:30:00.000Z",
    eventTime: "2026-11-20T08:30:00.000Z",
    titleZh: "突发大额订单 600,000.00",
    titleEn: "Large sudden order 600,000.00",
    suggestedAction: { zh: "先核实再放行", en: "Verify before release" },
    reasons: ["一", "二", "三", "四"].map((sign, i) => ({
      code: `R${String(i)}`,
      textZh: `原因${sign}`,
      textEn: `reason ${String(i + 1)}`,
      number: String(i),
    })),
    moneyAtRisk: "600000.00",
    exposureBefore: "100000.00",
    exposureAfter: "700000.00",
    limit: "500000.00",
    currency: "CNY",
    score: 600,
    class: "C",
    pd: "0.0400",
    orderId: "SO-1",
    invoiceId: null,
    ...over,
  };
}

export function sampleNotice(
  firing: readonly Brief[] = [sampleBrief()],
  kind: NoticeKind = "firing",
): Notice {
  return composeNotice({
    ...{ kind, groupId: "g:{customer_id=C-1}", labels: { customer_id: "C-1" } },
    ...{ receiver: "team", seq: 1, storm: false },
    firing: kind === "resolved" ? [] : firing,
    resolved: kind === "resolved" ? firing : [],
    at: Date.parse("2026-11-20T08:30:01.000Z"),
  });
}
