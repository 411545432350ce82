import { describe, expect, test } from "vitest";
import { exactExp, exactLn } from "./exact-math.ts";

describe("exact logarithm and exponential", () => {
  test("agree with the platform to 13 digits", () => {
    for (let i = -300; i <= 300; i += 7) {
      const x = 10 ** (i / 20);
      expect(Math.abs(exactLn(x) - Math.log(x))).toBeLessThan(
        1e-12 * Math.max(1, Math.abs(Math.log(x))),
      );
      const y = i / 10;
      expect(Math.abs(exactExp(y) / Math.exp(y) - 1)).toBeLessThan(1e-12);
    }
  });
  test("known bits stay", () => {
    expect(exactLn(10)).toBe(2.302585092994046);
    expect(exactExp(1)).toBe(2.7182818284590455);
    expect(exactLn(0)).toBeNaN();
    expect(exactExp(-800)).toBe(0);
  });
});
