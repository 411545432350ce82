import { describe, expect, it } from "vitest";
import { trendCsv, trendWorkbook, type Sheet } from "./trend-export.ts";

const sheet: Sheet = {
  about: [
    ["指标", "订单金额"],
    ["筛选", '客户 "恒远", 全部'],
  ],
  head: ["时间", "系列", "数值", "对比", "变化"],
  rows: [
    {
      ...{ at: "2026-11-22T16:00:00.000Z", series: "=cmd()", value: "-12.50" },
      ...{ compared: "10", change: -2.25 },
    },
    {
      ...{ at: "2026-11-21T16:00:00.000Z", series: "CNY", value: null },
      ...{ compared: null, change: null },
    },
  ],
  time: (at) => at.slice(0, 10),
  name: (series) => series,
};

describe("a trend as a file", () => {
  it("is CSV that says what it is, opens with Chinese, and runs nothing", () => {
    expect(trendCsv(sheet)).toBe(
      [
        "\uFEFF指标,订单金额",
        '筛选,"客户 ""恒远"", 全部"',
        "",
        "时间,系列,数值,对比,变化",
        "2026-11-22,'=cmd(),-12.50,10,-2.2500",
        "2026-11-21,CNY,,,",
        "",
      ].join("\r\n"),
    );
  });

  it("is a workbook", async () => {
    const blob = await trendWorkbook(sheet, { data: "数据", about: "说明" });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    // A zip that begins with its first part.
    expect([...bytes.slice(0, 4)]).toEqual([0x50, 0x4b, 0x03, 0x04]);
    expect(blob.size).toBeGreaterThan(1000);
  });
});
