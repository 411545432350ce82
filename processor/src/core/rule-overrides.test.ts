import { describe, expect, test } from "vitest";
import { customerMoment } from "../view.ts";
import { checkRules, shippedRules } from "../rule-file.ts";
import { newCustomer } from "./customer.ts";
import type { Env } from "./env.ts";
import { createWorld, dayMs, of, order, start } from "./fold.test-support.ts";
import { noGroups } from "./groups.ts";
import { noRates } from "./rates.ts";
import type { RuleSet } from "./rule-set.ts";
import { rulesFor } from "./rule-overrides.ts";

const firstDay = Math.floor(Date.parse("2026-12-01") / dayMs);
const lastDay = Math.floor(Date.parse("2027-02-28") / dayMs);
const winter = {
  ...{ id: "winter", from: "2026-12-01", to: "2027-02-28" },
  ...{ reason: "season", approvedBy: "head of credit" },
};

function withOverrides(...overrides: object[]): RuleSet {
  const data = JSON.parse(shippedRules().body) as Record<string, unknown>;
  return checkRules({ ...data, overrides });
}

describe("dated overrides by class and segment", () => {
  const rules = withOverrides(
    {
      ...winter,
      ...{ segments: ["construction"], classes: ["B", "C"] },
      rules: { ord01: { z: 4 }, ord04: { threshold: "5000.00" } },
      ...{ materiality: { floor: "500.00" }, disabled: ["ORD-09"] },
    },
    { ...winter, id: "later", rules: { ord01: { maxMedian: 6 } } },
  );
  const z = (segment: string, riskClass: string, day: number): number =>
    rulesFor(rules, segment, riskClass, day).rules.ord01.z;

  test.each([
    ["the day before it begins", "construction", "C", firstDay - 1, 3.5],
    ["its first day", "construction", "C", firstDay, 4],
    ["its last day", "construction", "B", lastDay, 4],
    ["the day after", "construction", "C", lastDay + 1, 3.5],
    ["another class", "construction", "A", firstDay, 3.5],
    ["another segment", "retail", "C", firstDay, 3.5],
  ] as const)("%s", (_, segment, riskClass, day, wanted) => {
    expect(z(segment, riskClass, day)).toBe(wanted);
  });

  test("several that fit are laid over each other, in their order", () => {
    const found = rulesFor(rules, "construction", "C", firstDay);
    expect(found.rules.ord01).toMatchObject({
      z: 4,
      maxMedian: 6,
      overMax: 1.5,
    });
    expect(found.rules.ord04.threshold).toBe(500_000);
    expect(found.materiality).toEqual({ floor: 50_000, limitShare: 0.01 });
    expect(found.disabled.has("ORD-09")).toBe(true);
    expect(rulesFor(rules, "construction", "C", firstDay)).toBe(found);
  });

  test("nothing that fits gives the rule set itself", () => {
    expect(rulesFor(rules, "construction", "C", firstDay - 1)).toBe(rules);
  });

  test("what is only looked at reads it, too", () => {
    const env: Env = {
      ...{ rules, rates: noRates(rules.currency), groups: noGroups },
      ...{ sealed: new Map(), segments: new Map() },
    };
    const at = (segment: string, day: number): number => {
      const customer = newCustomer("C-1", "CNY");
      Object.assign(customer.state, { segment, class: "C" });
      return customerMoment(customer, env, day * dayMs).env.rules.rules.ord01.z;
    };
    expect(at("construction", firstDay)).toBe(4);
    expect(at("retail", firstDay)).toBe(3.5);
  });

  test("the fold reads it by the day of the customer", () => {
    const day = new Date(start).toISOString().slice(0, 10);
    const dearer = withOverrides({
      ...{ ...winter, from: day, to: day },
      rules: { ord06: { limitShare: 1 } },
      materiality: { floor: "999999.00" },
    });
    const raised = (rules: RuleSet, at: number): string[] => {
      const world = createWorld(rules);
      world.fold([order("S-1", 600_000_00, at)]);
      return of(world, "Alert").map((alert) => alert.ruleId);
    };
    const { rules: usual } = shippedRules();
    expect(raised(usual, start)).toContain("ORD-06");
    expect(raised(dearer, start + dayMs)).toEqual(raised(usual, start + dayMs));
    expect(raised(dearer, start)).toEqual(raised(usual, start));
    const off = withOverrides({
      ...{ ...winter, from: day, to: day },
      disabled: ["ORD-06"],
    });
    expect(raised(off, start)).not.toContain("ORD-06");
    expect(raised(off, start + dayMs)).toContain("ORD-06");
  });
});
