import { expect, it } from "vitest";
import { macroF1, measuresOf } from "./class-measures.ts";
import { trainBayes } from "./ngram-bayes.ts";

const rows = [
  { said: "a", label: "a" },
  { said: "a", label: "a" },
  { said: "a", label: "b" },
  { said: "b", label: "b" },
  { said: "b", label: "a" },
  { said: "b", label: "b" },
  { said: "b", label: "b" },
];

it("precision, recall and F1 by hand", () => {
  expect(measuresOf(rows, "a")).toEqual({
    precision: 2 / 3,
    recall: 2 / 3,
    f1: 2 / 3,
  });
  expect(measuresOf(rows, "b").f1).toBe(3 / 4);
  expect(macroF1(rows)).toBeCloseTo((2 / 3 + 3 / 4) / 2, 12);
  expect(measuresOf(rows, "c")).toEqual({ precision: 0, recall: 0, f1: 0 });
});

it("naive Bayes tells apart what it has seen, and keeps to the prior else", () => {
  const classify = trainBayes([
    { text: "送货太慢了", label: "complaint" },
    { text: "司机太慢了", label: "complaint" },
    { text: "又送错货了", label: "complaint" },
    { text: "味道很不错", label: "satisfied" },
    { text: "质量很不错", label: "satisfied" },
  ]);
  expect(classify("还是太慢了")).toBe("complaint");
  expect(classify("真的很不错")).toBe("satisfied");
  expect(classify("xyz")).toBe("complaint");
});
