import { describe, expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import { weighSeverity, type SeverityCase } from "./severity.ts";

const rules = shippedRules().rules.severity;
const base: SeverityCase = {
  ...{ ruleId: "ORD-06", severity: "medium", moneyAtRisk: 20 },
  ...{ limit: 100, class: "C", watch: false, insuredShare: 0 },
};

describe("severity beyond a rule's own table (D1)", () => {
  test.each([
    ["money at risk below 10 % of the limit", { moneyAtRisk: 9 }, "low"],
    ["10 % of it", { moneyAtRisk: 10 }, "medium"],
    ["50 % of it", { moneyAtRisk: 50, severity: "high" }, "high"],
    ["more, weak finding", { moneyAtRisk: 51, severity: "low" }, "medium"],
    ["little, strong finding", { moneyAtRisk: 1, severity: "high" }, "medium"],
    ["no limit", { limit: null, moneyAtRisk: 9_999 }, "medium"],
    ["a limit of zero", { limit: 0, severity: "low" }, "medium"],
    [
      "a table that says it all",
      { ruleId: "ORD-01", moneyAtRisk: 1 },
      "medium",
    ],
    ["class D", { class: "D" }, "high"],
    [
      "class E and watched: one step, not two",
      { class: "E", watch: true },
      "high",
    ],
    ["a rule on the score", { ruleId: "SCR-01", watch: true }, "medium"],
    [
      "nothing above critical",
      { severity: "critical", watch: true },
      "critical",
    ],
    ["fully insured", { insuredShare: 1 }, "low"],
    ["nearly fully insured", { insuredShare: 0.99 }, "medium"],
    ["insured and watched", { insuredShare: 1, watch: true }, "medium"],
    [
      "nothing below info",
      { ruleId: "PAY-13", severity: "info", insuredShare: 1 },
      "info",
    ],
  ] as const)("%s", (_, over, wanted) => {
    expect(weighSeverity({ ...base, ...over }, rules)).toBe(wanted);
  });
});
