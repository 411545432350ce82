import type { DecisionView, HeldOrderView } from "@riskwall/schemas";
import { describe, expect, it } from "vitest";
import { stillHeld } from "./still-held.ts";

function decision(over: Partial<DecisionView>): DecisionView {
  return {
    ...{ id: "0-1-0", orderId: "SO-1", customerId: "C-1", name: "恒远" },
    ...{ amount: "1.00", currency: "CNY", outcome: "hold", codes: ["H01"] },
    ...{ hits: [], trigger: "order", releaseCode: null, score: 600 },
    ...{ class: "C", exposureBefore: "0.00", exposureAfter: "1.00" },
    ...{ limit: null, headroom: null, clearsZh: "", clearsEn: "" },
    ...{ actor: null, reason: null, rulesetVersion: 1 },
    decidedAt: "2026-11-23T08:00:00.000Z",
    ...over,
  };
}

const held: HeldOrderView = {
  ...{ orderId: "SO-1", customerId: "C-1", name: "恒远", amount: "1.00" },
  ...{ currency: "CNY", amountBase: "1.00", baseCurrency: "CNY", score: 600 },
  ...{ class: "C", codes: ["H01"], placedAt: "2026-11-23T08:00:00.000Z" },
  recheckAt: "2026-11-23T09:00:00.000Z",
  decision: decision({ id: "0-5-0" }),
};
const later = "2026-11-23T08:00:01.000Z";

describe("the queue brought up to now", () => {
  it("drops an order that was decided since, by time or by place", () => {
    for (const over of [{ decidedAt: later }, { id: "0-5-1" }, { id: "0-6-0" }])
      expect(
        stillHeld([held], [decision({ ...over, outcome: "allow" })]),
      ).toEqual([]);
  });

  it("keeps one whose decision is older than the read one", () => {
    const old = decision({ id: "0-4-9", outcome: "allow" });
    expect(stillHeld([held], [old])).toEqual([held]);
  });

  it("takes over a newer reason; the latest of several counts", () => {
    const newer = decision({ decidedAt: later, codes: ["H03"] });
    const older = decision({ id: "0-6-0", outcome: "reject" });
    const unread = { ...held, decision: null };
    for (const order of [held, unread])
      expect(stillHeld([order], [newer, older])).toMatchObject([
        { orderId: "SO-1", codes: ["H03"], decision: { codes: ["H03"] } },
      ]);
  });
});
