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

function override(over: object): object {
  return {
    ...{ id: "winter", from: "2026-12-01", to: "2027-02-28" },
    ...{ reason: "season", approvedBy: "head of credit" },
    ...over,
  };
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
      path: "calendar.holidays.0: 2031-01-01 is outside the years",
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
    {
      name: "a clearing threshold above the one that raises",
      path: "rules.pay02.clear: is not above share",
      change: (data: Record<string, unknown>) => {
        const { pay02 } = data["rules"] as { pay02: { clear: number } };
        pay02.clear = 0.4;
      },
    },
    {
      name: "a rule that nobody knows",
      path: "disabled: no rule ORD-99",
      change: (data: Record<string, unknown>) => {
        data["disabled"] = ["ORD-99"];
      },
    },
    {
      name: "a maintenance window that ends before it begins",
      path: "alerts.maintenance.0.until: lies after from",
      change: (data: Record<string, unknown>) => {
        const alerts = data["alerts"] as { maintenance: unknown[] };
        alerts.maintenance = [
          {
            from: "2026-12-02T00:00:00+08:00",
            until: "2026-12-01T00:00:00+08:00",
            reason: "cut-over",
          },
        ];
      },
    },
    {
      name: "an override of a setting that the rule does not have",
      path: 'overrides.0.rules.ord01: Unrecognized key: "sigma"',
      change: (data: Record<string, unknown>) => {
        data["overrides"] = [override({ rules: { ord01: { sigma: 4 } } })];
      },
    },
    {
      name: "an override whose threshold contradicts the rule's others",
      path: "overrides.0.rules.exp01.rearm: lies below warn",
      change: (data: Record<string, unknown>) => {
        data["overrides"] = [override({ rules: { exp01: { warn: 0.7 } } })];
      },
    },
    {
      name: "an override of a segment that nobody knows",
      path: "overrides.0.segments: no segment mining",
      change: (data: Record<string, unknown>) => {
        data["overrides"] = [override({ segments: ["mining"] })];
      },
    },
    {
      name: "an override of a day that there is not",
      path: "overrides.0.from: no date 2026-02-30",
      change: (data: Record<string, unknown>) => {
        data["overrides"] = [override({ from: "2026-02-30" })];
      },
    },
    {
      name: "an override that nobody approved",
      path: "overrides.0.approvedBy",
      change: (data: Record<string, unknown>) => {
        data["overrides"] = [override({ approvedBy: "" })];
      },
    },
  ])("$name is named with its path", ({ path, change }) => {
    expect(problemsOf(change)).toContain(path);
  });

  test("every problem is named at once", () => {
    const problems = problemsOf((data) => {
      data["materiality"] = { floor: "1.234", limitShare: 0.01 };
      data["disabled"] = ["ORD-99"];
      data["overrides"] = [
        override({ materiality: { floor: "0.001" }, to: "2026-11-01" }),
      ];
    }).split("\n");
    expect(problems.map((line) => line.split(":")[0])).toEqual([
      "materiality.floor",
      "overrides.0.materiality.floor",
      "disabled",
      "overrides.0.to",
    ]);
  });

  test("a rule set from before hygiene, matrix and overrides is still read", () => {
    const data = JSON.parse(shippedRules().body) as Record<string, unknown>;
    delete data["severity"];
    delete data["overrides"];
    data["alerts"] = { cooldownHours: 24, growth: 1.5, keepDays: 30, max: 40 };
    const rules = checkRules(data);
    expect(rules.alerts.budget).toBeNull();
    expect(rules.severity.weakClasses).toEqual(["D", "E"]);
  });

  test("a body this build cannot use is null, not an exception", () => {
    expect(parseRuleBody("{", 7)).toBeNull();
    expect(parseRuleBody("{}", 7)).toBeNull();
    expect(parseRuleBody(shippedRules().body, 7)?.version).toBe(7);
  });
});
