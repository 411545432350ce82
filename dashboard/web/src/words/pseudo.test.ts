import { expect, it } from "vitest";
import { pseudoText, pseudoWords } from "./pseudo.ts";

it("is longer by two fifths and keeps placeholders", () => {
  const text = pseudoText("Show {n} of {total} rows");
  expect(text).toMatch(/^Shów \{n\} óf \{total\} róws/);
  expect(text.length).toBeGreaterThanOrEqual(24 + 4);
  expect(pseudoText("")).toBe("");
});

it("keeps the keys", () => {
  expect(pseudoWords({ a: { b: "x" }, c: "" })).toEqual({
    ...{ a: { b: "xí" }, c: "" },
  });
});
