import { describe, expect, it } from "vitest";
import { head, scale, sums } from "./core-view.test-support.ts";
import {
  customerRow,
  pdText,
  riskClass,
  utilisationOf,
} from "./customer-row.ts";
import { createDirectory } from "./directory.ts";
import { padMoney } from "./money-text.ts";
import { addSums, ratioText, totalsView } from "./portfolio-view.ts";
import { greatest, mapMax, riskMap } from "./rank.ts";
import { pickEvenly, sparkMax, sparkView } from "./sparks.ts";

describe("a customer's row", () => {
  it("has money as decimal text and utilisation as a fraction", () => {
    const row = customerRow(
      head("C-1", {
        summary: { exposure: 12_345, limit: 50_000, alerts: [0, 1, 0, 2, 0] },
      }),
      scale,
    );
    expect(row).toMatchObject({
      customerId: "C-1",
      exposure: "123.45",
      limit: "500.00",
      utilisation: "0.2469",
      openAlerts: 3,
      pd: "0.25",
      currency: "CNY",
    });
  });

  it("has no utilisation without a limit, or with one of nothing", () => {
    const row = customerRow(head("C-1", { summary: { limit: -1 } }), scale);
    expect([row.limit, row.utilisation]).toEqual([null, null]);
    expect(utilisationOf(100, 0)).toBeNull();
    expect(utilisationOf(-100, 10)).toBe(0);
  });

  it.each([
    [0, "0"],
    [0.5, "0.50"],
    [0.0476, "0.048"],
    [0.000_123, "0.00012"],
  ])("writes the probability %s as %s", (pd, text) => {
    expect(pdText(pd)).toBe(text);
  });

  it("counts an unscored customer as C", () => {
    expect(riskClass("")).toBe("C");
    expect(riskClass("E")).toBe("E");
  });
});

describe("the portfolio", () => {
  it("adds the partitions and formats them", () => {
    const total = addSums([
      { customers: "2", exposure: "1050", receivables: "1000", overdue: "250" },
      { customers: "1", classE: "1", limit: "2000", limitedExposure: "500" },
    ]);
    const view = totalsView(total, {
      currency: "CNY",
      alerts24h: 4,
      watermark: 0,
    });
    expect(view).toMatchObject({
      customers: 3,
      exposure: "10.50",
      overdueRate: "0.2500",
      utilisation: "0.2500",
      highRisk: 1,
      alerts24h: 4,
      watermark: "1970-01-01T00:00:00.000Z",
    });
  });

  it("divides nothing by nothing to nothing", () => {
    expect(ratioText(0, 0)).toBe("0.0000");
  });
});

describe("rankings", () => {
  const directory = createDirectory();
  for (let i = 0; i < mapMax * 3; i += 1) {
    const score = i % 5 === 0 ? 0 : 400 + (i % 300);
    directory.put(
      head(`C-${String(i)}`, { score, summary: { exposure: i * 100 } }),
    );
  }

  it("takes the greatest and leaves zero and null out", () => {
    const top = greatest(directory.entries(), (e) => e.exposure, 3);
    expect(top.map((entry) => entry.id)).toEqual([
      "C-1199",
      "C-1198",
      "C-1197",
    ]);
    expect(greatest(directory.entries(), () => null, 3)).toEqual([]);
    expect(greatest(directory.entries(), () => 0, 3)).toEqual([]);
  });

  it("maps a bounded number of scored customers, no one twice", () => {
    const map = riskMap(() => directory.entries(), scale);
    expect(map).toHaveLength(mapMax);
    expect(new Set(map.map(([id]) => id)).size).toBe(mapMax);
    expect(map.every(([id]) => Number(id.slice(2)) % 5 !== 0)).toBe(true);
  });
});

describe("sparklines", () => {
  it("keep few samples as they are", () => {
    expect(pickEvenly([{ at: 1 }, { at: 2 }], 10, 3)).toHaveLength(2);
    expect(pickEvenly([], 10, 3)).toEqual([]);
  });

  it("take what stood at the end of each span", () => {
    const items = Array.from({ length: 100 }, (_, i) => ({ at: i * 10 }));
    const picked = pickEvenly(items, 1000, 4).map((item) => item.at);
    expect(picked).toEqual([250, 500, 750, 990]);
  });

  it("carry a value over a span without samples", () => {
    const items = [0, 1, 2, 3, 1000].map((at) => ({ at }));
    const picked = pickEvenly(items, 1000, 4).map((item) => item.at);
    expect(picked).toEqual([3, 3, 3, 1000]);
  });

  it("keep the oldest sample, from which the change of a day is measured", () => {
    const one = sums({ exposure: 150 });
    const samples = Array.from({ length: 500 }, (_, i) => ({
      ...{ at: i * 10, sums: one, alerts24h: i },
    }));
    const view = sparkView(samples, 5000, "CNY");
    expect(view.at).toHaveLength(sparkMax);
    expect([view.at[0], view.at.at(-1)]).toEqual([0, 4990]);
    expect(view.alerts24h[0]).toBe(0);
  });

  it("format each measure", () => {
    const one = sums({ exposure: 150, overdue: 1, receivables: 4, classD: 2 });
    const view = sparkView([{ at: 1, sums: one, alerts24h: 3 }], 2, "CNY");
    expect(view).toEqual({
      at: [1],
      exposure: ["1.50"],
      overdueRate: ["0.2500"],
      expectedLoss: ["0.00"],
      utilisation: ["0.0000"],
      highRisk: [2],
      alerts24h: [3],
    });
  });
});

describe("money of history", () => {
  it.each([
    ["700450", "CNY", "700450.00"],
    ["1.5", "CNY", "1.50"],
    ["1.5000", "CNY", "1.50"],
    ["1.2345", "CNY", "1.2345"],
    ["1200", "JPY", "1200"],
    ["1.5", "KWD", "1.500"],
    ["-3.1", "CNY", "-3.10"],
  ])("%s %s is %s", (text, currency, money) => {
    expect(padMoney(text, currency)).toBe(money);
  });
});
