import { describe, expect, it } from "vitest";
import { stateHash, type Json } from "@riskwall/schemas/live";
import { alertView } from "./core-view.test-support.ts";
import { createFeed } from "./feed.ts";
import {
  allMasks,
  maskAlert,
  maskCode,
  maskDelta,
  maskReply,
  maskRow,
  maskState,
  type Mask,
} from "./mask.ts";

const strict: Mask = { names: "short", amounts: false };
const secret = {
  ...alertView({ alertId: "A-1" }),
  customerName: "华东机电有限公司",
  titleZh: "突发大额订单 ¥320 万",
  moneyAtRisk: "3200000.00",
  assignee: "wang.li",
  actions: [{ at: "", actor: "wang.li", action: "acknowledge", note: "call" }],
};
const row = (mask: Mask, value: object = secret): Record<string, Json> =>
  // An alert's row under a mask is an object.
  maskRow("alerts", "A-1", value as Json, mask) as Record<string, Json>;

describe("a row under a mask", () => {
  it.each([
    ["full", "华东机电有限公司"],
    ["short", "华东机电…"],
    ["id", secret.customerId],
  ] as const)("shows names as %s", (names, shown) => {
    expect(row({ names, amounts: true })["customerName"]).toBe(shown);
  });

  it("cuts a short name, too", () => {
    const named = { ...secret, customerName: "李明" };
    expect(row(strict, named)["customerName"]).toBe("李…");
  });

  it("shows the bearer of a link the same", () => {
    const link: Mask = { names: "short", amounts: true };
    const shown = maskAlert({ ...secret, actions: [] }, link);
    expect(shown).toEqual(row(link));
    expect(shown.moneyAtRisk).toBe("3200000.00");
  });

  it("gives away nobody, no text and no amount that is hidden", () => {
    const text = JSON.stringify(row(strict));
    for (const word of ["wang.li", "320", "有限公司", "call"]) {
      expect(text).not.toContain(word);
    }
    expect(row({ names: "full", amounts: true })["moneyAtRisk"]).toBe(
      "3200000.00",
    );
  });

  it("leaves out a field that is new and rows it does not know", () => {
    expect(row(strict, { ...secret, phone: "1380000" })["phone"]).toBe(
      undefined,
    );
    expect(maskRow("portfolio", "secrets", { a: 1 }, strict)).toBeNull();
    expect(maskRow("customer", "view", { a: 1 }, strict)).toBeNull();
  });

  it("keeps sums of all and hides amounts of one in lists", () => {
    const one = {
      customerId: "C-1",
      name: "华东机电有限公司",
      exposure: "9.00",
    };
    expect(maskRow("portfolio", "overdue", [one], strict)).toEqual(
      [...[{ customerId: "C-1", name: "华东机电…" }]].map((item) => ({
        ...item,
        exposure: "",
        limit: "",
        overdue: "",
      })),
    );
    const totals = { exposure: "12.00" };
    expect(maskRow("portfolio", "totals", totals, strict)).toEqual(totals);
    const point = ["C-1", "华东机电有限公司", 0.5, 0.1, 900, "C"];
    expect(maskRow("portfolio", "map", [point], strict)).toEqual([
      ["C-1", "华东机电…", 0.5, 0.1, 1, "C"],
    ]);
    const held = {
      orders: 1,
      amountBase: "5.00",
      oldest: [{ ...one, amount: "5.00" }],
    };
    expect(maskRow("portfolio", "held", held, strict)).toEqual({
      ...{ orders: 1, amountBase: "5.00" },
      oldest: [{ customerId: "C-1", name: "华东机电…", amount: "" }],
    });
    for (const topic of ["orders", "scores"] as const) {
      const shown = maskRow(topic, "x", { ...one, amount: "9.00" }, strict);
      expect(JSON.stringify(shown)).not.toMatch(/有限公司|9\.00/);
    }
  });
});

describe("the protocol under a mask", () => {
  it.each(allMasks.map((mask) => [maskCode(mask), mask] as const))(
    "agrees by digest: %s",
    (_, mask) => {
      const feed = createFeed("e1");
      const value = secret as unknown as Json;
      feed.commit("alerts", undefined, [{ op: "set", key: "A-1", value }], {
        emitTime: 1,
      });
      const first = maskReply(
        feed.subscribe("alerts", undefined, undefined),
        mask,
      );
      const rows = new Map(
        Object.entries("snapshot" in first ? first.snapshot.state : {}),
      );
      const next = feed.commit(
        ...(["alerts", undefined] as const),
        [{ op: "set", key: "A-2", value }],
        { emitTime: 2 },
      );
      for (const op of maskDelta(next, mask).ops) {
        if (op.op === "set") rows.set(op.key, op.value);
      }
      const whole = maskState("alerts", feed.rows("alerts", undefined), mask);
      expect(rows.size).toBe(2);
      expect(stateHash(rows)).toBe(stateHash(whole));
    },
  );

  it("has a code of its own for each mask", () => {
    expect(new Set(allMasks.map(maskCode)).size).toBe(allMasks.length);
  });
});
