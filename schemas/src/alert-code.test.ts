import { describe, expect, it } from "vitest";
import { alertCode } from "./alert-code.ts";

describe("the code of an alert", () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `3-${String(i)}-0`);
  const codes = ids.map(alertCode);

  it("is four signs that nobody mistakes, always the same", () => {
    expect(codes.filter((it) => !/^[A-HJ-NP-Z2-9]{4}$/.test(it))).toEqual([]);
    expect(ids.map(alertCode)).toEqual(codes);
  });

  it("tells alerts apart that stand beside each other", () => {
    expect(new Set(codes).size).toBeGreaterThan(990);
  });
});
