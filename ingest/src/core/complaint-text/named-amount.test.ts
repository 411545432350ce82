import { describe, expect, it } from "vitest";
import { namedAmount } from "./named-amount.ts";

describe("the greatest amount named", () => {
  it.each([
    ["欠款120,000.50元", 120_000_50, "CNY"],
    ["¥5000 未付", 5000_00, "CNY"],
    ["货款1.25万元", 12_500_00, "CNY"],
    ["尾款50万", 500_000_00, null],
    ["十二万元", 120_000_00, "CNY"],
    ["三千万", 30_000_000_00, null],
    ["五百万元", 5_000_000_00, "CNY"],
    ["2.5亿", 250_000_000_00, null],
    ["usd 5,000 of 12,000 usd", 12_000_00, "USD"],
    ["$3k is due", 3000_00, "USD"],
    ["1.2 million euros", 1_200_000_00, "EUR"],
    ["日元? 5000日元", 5000, "JPY"],
    ["0.005元", null, null],
    ["3000件", null, null],
    ["2026年11月", null, null],
    ["no amount", null, null],
    ["99999999999999999999元", null, null],
    ["9999999999999亿元", null, null],
  ])("%s → %s %s", (text, amount, currency) => {
    expect(namedAmount(text)).toEqual(
      amount === null ? null : { amount, currency },
    );
  });
});
