import { describe, expect, test } from "vitest";
import {
  checkRules,
  parseRuleBody,
  RuleFileError,
  shippedRules,
} from "./rule-file.ts";

function problemsOf(change: (data: Record<string, unknown>) => void): string {
  const data = JSON.parse(shippedRules().body) as Record<string, unknown>;
  change(data);
  try {
    checkRules(data);
  } catch (error) {
    if (error instanceof RuleFileError) return error.problems.join("\n");
    throw error;
  }
  return "";
}

describe("rule sets", () => {
  test("the shipped one is valid, and its amounts are minor units", () => {
    const { rules } = shippedRules();
    expect(rules.score.base + rules.version).toBeGreaterThan(0);
    expect(Number.isInteger(rules.materiality.floor)).toBe(true);
    expect(rules.calendar.holidays.size).toBeGreaterThan(50);
  });

  test.each([
    {
      name: "a threshold of the wrong type",
      path: "graceDays",
      change: (data: Record<string, unknown>) => {
        data["graceDays"] = "three";
      },
    },
    {
      name: "delays that fall",
      path: "forecast.delays: days and shares must rise",
      change: (data: Record<string, unknown>) => {
        const forecast = data["forecast"] as Record<string, unknown>;
        forecast["delays"] = [
          [0, 0.9],
          [5, 0.8],
        ];
      },
    },
    {
      name: "bins of the late-payment model without their weights",
      path: "forecast.late.outcomes.late5.bins.0: needs a weight per bin",
      change: (data: Record<string, unknown>) => {
        const forecast = data["forecast"] as {
          late: { outcomes: { late5: { bins: unknown[] } } };
        };
        forecast.late.outcomes.late5.bins = [
          { input: "termsDays", edges: [30], weights: [0, 1] },
        ];
      },
    },
    {
      name: "an unknown setting",
      path: "Unrecognized key",
      change: (data: Record<string, unknown>) => {
        data["graceDay"] = 3;
      },
    },
    {
      name: "a missing part",
      path: "score",
      change: (data: Record<string, unknown>) => {
        delete data["score"];
      },
    },
    {
      name: "an unknown currency",
      path: "currency",
      change: (data: Record<string, unknown>) => {
        data["currency"] = "XXQ";
      },
    },
    {
      name: "a holiday of a year that is not covered",
      path: "calendar: 2031-01-01 is outside the years",
      change: (data: Record<string, unknown>) => {
        data["calendar"] = {
          years: [2025, 2027],
          holidays: ["2031-01-01"],
          workdays: [],
        };
      },
    },
    {
      name: "an amount with too many decimals",
      path: "materiality.floor",
      change: (data: Record<string, unknown>) => {
        data["materiality"] = { floor: "1.234", limitShare: 0.01 };
      },
    },
  ])("$name is named with its path", ({ path, change }) => {
    expect(problemsOf(change)).toContain(path);
  });

  test("a body this build cannot use is null, not an exception", () => {
    expect(parseRuleBody("{", 7)).toBeNull();
    expect(parseRuleBody("{}", 7)).toBeNull();
    expect(parseRuleBody(shippedRules().body, 7)?.version).toBe(7);
  });
});
