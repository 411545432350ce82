import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { complaintOf, excerptOf, piecesOf } from "./complaint-text.ts";

const text = "贵司一直不发货,我们拒付,资金也紧张";
const marks = [
  { start: 4, end: 7, topic: "delivery" },
  { start: 10, end: 12, topic: "refusal" },
];
const data = { complaintId: "K", text, facts: { marks } };

describe("the text of a complaint", () => {
  it("comes in marked and other pieces", () => {
    const complaint = complaintOf(data);
    expect(complaint && piecesOf(complaint)).toEqual([
      { text: "贵司一直", topic: null },
      { text: "不发货", topic: "delivery" },
      { text: ",我们", topic: null },
      { text: "拒付", topic: "refusal" },
      { text: ",资金也紧张", topic: null },
    ]);
  });

  it.each([
    ["no text", { facts: { marks } }],
    ["an empty one", { text: "" }],
    ["no data", null],
    ["data of another kind", "拒付"],
  ])("is null with %s", (_, given) => {
    expect(complaintOf(given)).toBeNull();
  });

  it.each([
    ["no facts (an older record)", undefined],
    ["marks of another kind", { marks: "0-2" }],
    ["a mark outside", { marks: [{ start: 0, end: 99, topic: "refusal" }] }],
    [
      "a mark turned round",
      { marks: [{ start: 3, end: 2, topic: "refusal" }] },
    ],
    ["half a place", { marks: [{ start: 0.5, end: 2, topic: "refusal" }] }],
    ["an unknown subject", { marks: [{ start: 0, end: 2, topic: "script" }] }],
  ])("stays whole with %s", (_, facts) => {
    const complaint = complaintOf({ text, facts });
    expect(complaint && piecesOf(complaint)).toEqual([{ text, topic: null }]);
  });

  it("shows markup as text", () => {
    const wicked = "<img src=x onerror=alert(1)>拒付";
    const complaint = complaintOf({
      text: wicked,
      facts: { marks: [{ start: 28, end: 30, topic: "refusal" }] },
    });
    expect(complaint && piecesOf(complaint)).toEqual([
      { text: "<img src=x onerror=alert(1)>", topic: null },
      { text: "拒付", topic: "refusal" },
    ]);
  });

  it("is cut around its first mark", () => {
    const long = `${"一".repeat(100)}拒付${"二".repeat(100)}`;
    const whole = complaintOf({
      text: long,
      facts: { marks: [{ start: 100, end: 102, topic: "refusal" }] },
    });
    const cut = whole && excerptOf(whole, 60);
    expect(cut?.text).toBe(`…${"一".repeat(40)}拒付${"二".repeat(18)}…`);
    expect(cut && piecesOf(cut)[1]).toEqual({ text: "拒付", topic: "refusal" });
    expect(whole && excerptOf(whole, 500)).toEqual(whole);
  });

  test("pieces are the text again, whatever the marks", () => {
    const mark = fc.record({
      start: fc.integer({ min: -2, max: 20 }),
      end: fc.integer({ min: -2, max: 20 }),
      topic: fc.constantFrom("refusal", "quality", "other"),
    });
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 15 }),
        fc.array(mark),
        fc.integer({ min: 1, max: 20 }),
        (some, given, max) => {
          const complaint = complaintOf({
            text: some,
            facts: { marks: given },
          });
          if (complaint === null) throw new Error("it has a text");
          const joined = (of: typeof complaint): string =>
            piecesOf(of)
              .map((piece) => piece.text)
              .join("");
          expect(joined(complaint)).toBe(some);
          const cut = excerptOf(complaint, max);
          expect(joined(cut)).toBe(cut.text);
        },
      ),
    );
  });
});
