import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readerParts, shippedLexicon } from "../../text-reader.ts";
import { createTextReader, readMaxChars } from "./text-facts.ts";

const parts = readerParts(shippedLexicon());
const read = createTextReader(parts);

/** The facts of a lexicon of these words only, so that sums are by hand. */
function readBy(entries: typeof parts.lexicon.entries): typeof read {
  return createTextReader({ ...parts, lexicon: { version: 9, entries } });
}

describe("language and meaning", () => {
  it.each([
    ["最近资金紧张,货款能不能缓一缓", "zh", "liquidity"],
    ["最近資金緊張,貨款請寬限一個月", "zh", "liquidity"],
    ["我们拒付,已发律师函", "zh", "refusal"],
    ["质量不好,不得不起诉", "zh", "refusal"],
    ["没有质量问题,只是送货慢", "zh", "fault"],
    ["我们不会起诉,但发票开错了", "zh", "fault"],
    ["非常好,没有任何破损", "zh", "none"],
    ["贵司客服热情,东西好", "zh", "none"],
    ["We refuse to pay and will see you in court", "en", "refusal"],
    ["Funds are tight, we need an extension", "en", "liquidity"],
    ["Cash-flow problems this month", "en", "liquidity"],
    ["The goods arrived late and damaged", "en", "fault"],
    ["An issue of courtesy, no damaged goods", "en", "none"],
    ["Not only defective but broken", "en", "fault"],
    ["发票 is wrong, 我们拒付 until it is fixed", "zh", "refusal"],
    ["Order SO-1 from 上海 was damaged in transit", "en", "fault"],
    ["Ｗｅ　ｒｅｆｕｓｅ　ｔｏ　ｐａｙ", "en", "refusal"],
    ["", "en", "none"],
    ["12345 !!! 😀", "en", "none"],
  ])("%s → %s, %s", (text, language, meaning) => {
    expect(read(text)).toMatchObject({ language, meaning });
  });

  it.each([
    ["a fifth of Han is English", "中abcd", "en"],
    ["more is Chinese", "中abc", "zh"],
  ])("%s", (_, text, language) => {
    expect(read(text).language).toBe(language);
  });

  it("keeps the three meanings apart, several at once", () => {
    const facts = read("发错货又破损,我们资金紧张,再这样就拒付");
    expect(facts.categories).toEqual(["refusal", "liquidity", "fault"]);
    expect(facts.meaning).toBe("refusal");
    expect(facts.topics.toSorted()).toEqual([
      "delivery",
      "liquidity",
      "quality",
      "refusal",
    ]);
  });

  it("names the heaviest subject first", () => {
    const { topics } = read("客服态度差,不回复,推诿,发票开错");
    expect(topics).toEqual(["service", "billing"]);
  });
});

describe("degree and negation (C11)", () => {
  const entries = [
    { kind: "general", weight: 1, term: "失望" },
    { kind: "general", weight: 1, term: "破损" },
    { kind: "praise", weight: 1, term: "满意" },
    { kind: "degree", weight: 2, term: "极其" },
    { kind: "degree", weight: 0.7, term: "有点" },
    { kind: "negator", weight: 0, term: "没有" },
    { kind: "negator", weight: 0, term: "不是" },
    { kind: "idiom", weight: 0, term: "不得不" },
    { kind: "joiner", weight: 0, term: "和" },
  ] as const;
  const small = readBy(entries);
  it.each([
    ["失望", -1, 1],
    ["极其失望", -2, 2],
    ["有点失望", -0.7, 2],
    ["没有失望", 1, 2],
    ["没有极其失望", 2, 3],
    ["不是没有失望", -1, 3],
    ["不得不失望", -1, 2],
    ["极其 满意", 1, 2],
    ["没有,失望", -1, 2],
    ["没有我们公司失望", 1, 4],
    ["没有我们公司大家失望", -1, 5],
    ["没有破损和失望", 2, 4],
    ["没有破损,失望", 0, 3],
    ["没有破损失望", 0, 3],
    ["我们", 0, 1],
  ])("%s: sum %d over √%i", (text, sum, tokens) => {
    const expected = Math.tanh(sum / Math.sqrt(tokens)) * 1000;
    expect(small(text).sentiment).toBe(Math.round(expected));
  });

  it("a negator between the parts of a term counts", () => {
    const apart = readBy([
      { kind: "liquidity", weight: 1, term: "资金~紧张" },
      { kind: "negator", weight: 0, term: "并不" },
    ]);
    expect(apart("资金方面紧张").meaning).toBe("liquidity");
    expect(apart("资金并不紧张").meaning).toBe("none");
    expect(apart("资金,紧张").meaning).toBe("none");
    expect(apart("资金我们大家都说紧张").meaning).toBe("none");
  });

  it("twice not, in English", () => {
    expect(read("It is not without defects").meaning).toBe("fault");
    expect(read("It is without defects").meaning).toBe("none");
  });
});

describe("severity (C11)", () => {
  it.each([
    ["货款两清", 200],
    ["物流太慢", 200 + 100],
    ["想延期付款", 200 + 400],
    ["拒绝付款", 200 + 550],
  ])("%s: from %i on", (text, base) => {
    const { severity, sentiment } = read(text);
    const expected = base + 0.25 * Math.max(0, -sentiment);
    expect(severity).toBe(Math.round(expected));
  });

  it("praise does not lower it below the base, the greatest is 1", () => {
    expect(read("非常满意,特别好").severity).toBe(200);
    expect(read("拒付!起诉!律师函!法院见!".repeat(30)).severity).toBe(1000);
  });
});

describe("evidence", () => {
  it("marks places of the text as it was sent", () => {
    const text = "😀 Ｏｒｄｅｒ：資金緊張…拒絕付款㈱";
    const { marks, spans } = read(text);
    expect(marks.map(({ start, end }) => text.slice(start, end))).toEqual([
      "資金緊張",
      "拒絕付款",
    ]);
    expect(marks.map(({ topic }) => topic)).toEqual(["liquidity", "refusal"]);
    expect(spans).toEqual(["拒絕付款", "資金緊張"]);
  });

  it("a character that becomes several keeps the places after it", () => {
    const text = "㍿İﷺ拒付";
    const [mark] = read(text).marks;
    expect(text.slice(mark?.start, mark?.end)).toBe("拒付");
  });

  it("quotes once, gravest first, without what stands between", () => {
    expect(read("送货慢!拒付!拒付!已发律师函").spans).toEqual([
      "拒付",
      "律师函",
      "送货慢",
    ]);
    expect(read("质量问题").spans).toEqual(["质量问题"]);
    expect(read("资金 13800138000 紧张").spans).toEqual(["资金…紧张"]);
  });

  it("what is denied is no evidence", () => {
    expect(read("没有质量问题").marks).toEqual([]);
  });

  it("keeps the gravest of too many", () => {
    const { marks } = read(`${"坏了,".repeat(40)}拒付`);
    expect(marks).toHaveLength(32);
    expect(marks.at(-1)?.topic).toBe("refusal");
  });
});

describe("any text", () => {
  const words = shippedLexicon().entries.map(({ term }) => term);
  const texts = fc
    .array(
      fc.oneof(
        fc.constantFrom(...words),
        fc.constantFrom(
          "，",
          " ",
          "。",
          "…",
          "\n",
          "'",
          "＄",
          "\ud800",
          "1",
          "万",
        ),
        fc.string({ unit: "binary", maxLength: 5 }),
      ),
      { maxLength: 40 },
    )
    .map((some) => some.join(""));

  test("marks lie in the text, in order, apart from each other's start", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { marks, severity, sentiment } = read(text);
        let before = 0;
        for (const { start, end } of marks) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          before = start;
        }
        expect(severity).toBeGreaterThanOrEqual(200);
        expect(severity).toBeLessThanOrEqual(1000);
        expect(Math.abs(sentiment)).toBeLessThanOrEqual(1000);
        expect(read(text)).toEqual(read(text));
      }),
      { numRuns: 500 },
    );
  });

  test("a mark behind a character belongs to what is quoted of it", () => {
    const { marks, spans } = read("洒\u{10f46}了");
    expect(marks).toMatchObject([{ start: 0, end: 3 }]);
    expect(spans).toEqual(["洒\u{10f46}"]);
  });

  test("no more is read than the gateway takes", () => {
    const long = "好".repeat(readMaxChars);
    expect(read(`${long}拒付`).meaning).toBe("none");
    expect(read(`${long.slice(2)}拒付`).meaning).toBe("refusal");
  });

  it.each([
    ["one term", "拒付"],
    ["negators", "不"],
    ["first halves of a term", "资金 "],
    ["marks of two classes", "\u0301\u0323"],
    ["one character of eighteen", "\ufdfa"],
    ["digits", "1 "],
    ["commas in numbers", "1,234"],
    ["half an address", "a@a."],
    ["apostrophes", "a'"],
    ["ambiguous Han", "发展中国家"],
    ["lone surrogates", "\ud800"],
  ])("of %s takes bounded time", (_, unit) => {
    const text = unit.repeat(readMaxChars).slice(0, readMaxChars);
    const began = performance.now();
    const facts = read(text);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(facts.marks.length).toBeLessThanOrEqual(32);
    expect(facts.spans.length).toBeLessThanOrEqual(8);
  });
});
