import { describe, expect, it } from "vitest";
import { matchesAll, matcherText, parseMatcher } from "./matchers.ts";

const labels = { severity: "high", customer_id: "C-1" };

describe("a matcher", () => {
  it.each([
    ['severity="high"', true],
    ["severity=high", true],
    ['severity != "high"', false],
    ['severity=~"high|low"', true],
    ['severity=~"hi"', false],
    ['severity!~"hi.*"', false],
    ['missing=""', true],
    ['missing!=""', false],
    ['customer_id=~"C-\\d"', true],
  ])("%s holds: %s", (text, holds) => {
    const parsed = parseMatcher(text);
    if (parsed.kind !== "ok") throw new Error(parsed.why);
    expect(matchesAll([parsed.matcher], labels)).toBe(holds);
  });

  it.each([
    "severity",
    '="high"',
    'severity="high',
    "severity=~(",
    'severity=~"(a+)+"',
    `severity="${"x".repeat(600)}"`,
  ])("%s is refused", (text) => {
    expect(parseMatcher(text).kind).toBe("bad");
  });

  it("is written as it was read", () => {
    const parsed = parseMatcher('a=~"x|y"');
    expect(parsed.kind === "ok" && matcherText(parsed.matcher)).toBe(
      'a=~"x|y"',
    );
  });
});
