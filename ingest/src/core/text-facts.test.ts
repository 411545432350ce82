import { describe, expect, it } from "vitest";
import { languageOf, normalise, textFacts } from "./text-facts.ts";

describe("text facts", () => {
  it.each([
    ["最近资金紧张,货款能不能缓一缓", "zh", "liquidity"],
    ["最近資金緊張,貨款請寬限一個月", "zh", "liquidity"],
    ["我们拒付,已发律师函", "zh", "refusal"],
    ["质量不好,不得不起诉", "zh", "refusal"],
    ["没有质量问题,只是送货慢", "zh", "fault"],
    ["我们不会起诉,但发票开错了", "zh", "fault"],
    ["非常好,没有任何破损", "zh", "none"],
    ["We refuse to pay and will see you in court", "en", "refusal"],
    ["Funds are tight, we need an extension", "en", "liquidity"],
    ["Cash-flow problems this month", "en", "liquidity"],
    ["The goods arrived late and damaged", "en", "fault"],
    ["An issue of courtesy, no damaged goods", "en", "none"],
    ["Not only defective but broken", "en", "fault"],
    ["", "en", "none"],
  ])("%s → %s, %s", (text, language, meaning) => {
    const facts = textFacts(text);
    expect(facts).toMatchObject({ language, meaning });
  });

  it("rises from fault to liquidity to refusal", () => {
    const severities = [
      "送货慢",
      "货款想延期付款",
      "拒绝付款",
      "极其不满,拒绝付款,已起诉到法院",
    ].map((text) => textFacts(text).severity);
    expect(severities).toEqual([...severities].sort((a, b) => a - b));
    expect(Math.max(...severities)).toBeLessThanOrEqual(1000);
    expect(textFacts("谢谢").severity).toBe(200);
  });

  it("names the words it rests on, once each", () => {
    expect(textFacts("拒付!拒付!已发律师函").spans).toEqual(["律师函", "拒付"]);
  });

  it("counts the longest term only", () => {
    expect(textFacts("质量问题").spans).toEqual(["质量问题"]);
  });

  it("says the same for the same text", () => {
    const text = "资金链断了, we cannot pay, 拒付".repeat(50);
    expect(textFacts(text)).toEqual(textFacts(text));
  });

  it("masks numbers and folds width", () => {
    expect(normalise("电话13800138000,ABC")).toBe("电话#,abc");
    expect(languageOf("请 call us back please now")).toBe("en");
  });
});
