import { describe, expect, it } from "vitest";
import {
  addMinor,
  amountMaxMinor,
  currencyExponent,
  formatMinor,
  parseMinor,
} from "./money.ts";

describe("amounts on the wire", () => {
  it.each([
    ["0", "CNY", 0],
    ["125000.00", "CNY", 12_500_000],
    ["0.1", "CNY", 10],
    ["1.500", "CNY", 150],
    ["7", "JPY", 7],
    ["7.000", "JPY", 7],
    ["1.234", "KWD", 1234],
    ["007.10", "USD", 710],
    ["1000000000000.00", "CNY", amountMaxMinor],
  ])("%s %s is %d", (text, currency, minor) => {
    expect(parseMinor(text, currency)).toBe(minor);
  });

  it.each<[unknown, string, string]>([
    [12.5, "CNY", "amount_not_string"],
    [null, "CNY", "amount_not_string"],
    ["", "CNY", "amount_malformed"],
    ["1e5", "CNY", "amount_malformed"],
    ["1,5", "CNY", "amount_malformed"],
    [".5", "CNY", "amount_malformed"],
    ["5.", "CNY", "amount_malformed"],
    [" 5", "CNY", "amount_malformed"],
    ["+5", "CNY", "amount_malformed"],
    ["NaN", "CNY", "amount_malformed"],
    ["Infinity", "CNY", "amount_malformed"],
    ["\uff15", "CNY", "amount_malformed"],
    ["-5", "CNY", "amount_negative"],
    ["1.005", "CNY", "amount_too_precise"],
    ["1.5", "JPY", "amount_too_precise"],
    ["1.2345", "KWD", "amount_too_precise"],
    ["1000000000000.01", "CNY", "amount_too_large"],
    ["5", "XXX", "currency_unknown"],
    ["5", "toString", "currency_unknown"],
  ])("%j %s is refused: %s", (text, currency, problem) => {
    expect(parseMinor(text, currency)).toBe(problem);
  });

  it("come back as they were written", () => {
    const next = numbers(7);
    for (const code of ["CNY", "JPY", "KWD", "USD"]) {
      for (let i = 0; i < 10_000; i += 1) {
        const amount = (next() * 23_283 + (next() % 23_283)) % amountMaxMinor;
        expect(parseMinor(formatMinor(amount, code), code)).toBe(amount);
      }
    }
  });

  it.each([
    [-5, "CNY", "-0.05"],
    [0, "CNY", "0.00"],
    [12_550, "CNY", "125.50"],
    [-7, "JPY", "-7"],
    [1, "KWD", "0.001"],
  ])("%d %s shows as %s", (minor, currency, text) => {
    expect(formatMinor(minor, currency)).toBe(text);
  });
});

/** A small generator, so that the same million comes every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

describe("sums", () => {
  it("of 1,000,000 random amounts are exact in every exponent", () => {
    const next = numbers(20_261_123);
    for (const currency of ["JPY", "CNY", "KWD"]) {
      const exponent = currencyExponent(currency) ?? 0;
      let sum = 0;
      let exact = 0n;
      for (let i = 0; i < 1_000_000; i += 1) {
        const whole = String(next() % 10_000_000);
        const digits = String(next()).padStart(10, "0").slice(0, exponent);
        const text = exponent === 0 ? whole : `${whole}.${digits}`;
        const minor = parseMinor(text, currency);
        if (typeof minor !== "number") throw new Error(`${text}: ${minor}`);
        sum = addMinor(sum, minor);
        exact += BigInt(whole + digits);
      }
      expect(BigInt(sum)).toBe(exact);
      expect(parseMinor("0.1", currency)).toBe(
        exponent === 0 ? "amount_too_precise" : 10 ** (exponent - 1),
      );
    }
  });

  it("fail loudly beyond what is exact", () => {
    expect(() => addMinor(Number.MAX_SAFE_INTEGER, 1)).toThrow(RangeError);
  });
});
