/** A dry run of rules on stored events, by the fold itself. */
import type { NamedRecord } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import {
  dayMs,
  fact,
  limit,
  order,
  start,
  startDay,
  type Fact,
} from "../core/fold.test-support.ts";
import type { RuleSet } from "../core/rule-set.ts";
import { checkRules, shippedRules } from "../rule-file.ts";
import {
  compareSides,
  countOutputs,
  emptySide,
  type Comparison,
} from "./compare.ts";
import { createTrial } from "./trial.ts";

const yuan = (n: number): number => n * 100;

function tried(
  disabled: readonly string[],
  z = 3.5,
): { rules: RuleSet; body: string } {
  const data = JSON.parse(shippedRules().body) as {
    rules: { ord01: { z: number; maxMedian: number } };
  };
  data.rules.ord01.z = z;
  const body = JSON.stringify({ ...data, disabled });
  return { body, rules: checkRules(JSON.parse(body)) };
}

const log: readonly Fact[] = [
  limit(yuan(100_000), start - 60 * dayMs),
  fact("CustomerRated", start - 60 * dayMs, {
    ...{ agency: "agency", rating: "AAA", normalised: 95, ratedAt: startDay },
  }),
  ...Array.from({ length: 15 }, (_, i) =>
    order(`U-${String(i)}`, yuan(1000), start - (45 - 3 * i) * dayMs),
  ),
  order("BIG-1", yuan(8000), start),
  order("L-1", yuan(1000), start + dayMs, { termsDays: 60 }),
  order("BIG-2", yuan(45_000), start + 2 * dayMs),
];

/** Both folds of the log, counted in a span. */
function compared(
  candidate: { rules: RuleSet; body: string },
  from: number | null,
  extra: NamedRecord | null = null,
): Comparison {
  const [before, after] = [emptySide(), emptySide()];
  const [now, then] = [
    createTrial(0, null, []),
    createTrial(0, { ...candidate, from }, []),
  ];
  const span = { from: from ?? -Infinity, to: Infinity };
  const records = log.map(({ name, value }) => ({
    // A fact of the support file is one of the business records.
    record: { name, value } as NamedRecord,
    at: value.time,
  }));
  const all =
    extra === null
      ? records
      : [{ record: extra, at: start - dayMs }, ...records];
  all
    .sort((a, b) => a.at - b.at)
    .forEach(({ record, at }, offset) => {
      const raw = new Uint8Array(0);
      const item = { offset, appendedAt: at, record, problem: null, raw };
      countOutputs(before, now.fold(item), span);
      countOutputs(after, then.fold(item), span);
    });
  return compareSides(before, after);
}

const rule = (result: Comparison, id: string): Comparison["rules"][number] => {
  const found = result.rules.find((item) => item.ruleId === id);
  if (!found) throw new Error(`${id} is not there`);
  return found;
};

describe("rules on stored events", () => {
  test("the rules of the log against themselves differ in nothing", () => {
    const result = compared(tried([]), null);
    expect(rule(result, "ORD-01").before.raised).toBe(2);
    expect(result.touched).toBe(0);
    for (const item of result.rules) {
      expect(item.after).toEqual(item.before);
      expect([item.appeared, item.vanished]).toEqual([0, 0]);
    }
    expect(result.decisions.after).toEqual(result.decisions.before);
  });

  test("a rule switched off: its alerts are gone, and its holds with them", () => {
    const result = compared(tried(["ORD-01"]), null);
    const large = rule(result, "ORD-01");
    expect([large.after.raised, large.vanished, large.appeared]).toEqual([
      0, 2, 0,
    ]);
    expect(large.examples.vanished[0]?.customerId).toBe("C-1");
    expect(large.examples.vanished[0]?.titleEn).toContain("Large sudden order");
    expect(result.touched).toBe(1);
    const { before, after } = result.decisions;
    expect(after["allow"]).toBeGreaterThan(before["allow"] ?? 0);
    expect(rule(result, "ORD-07").after.raised).toBe(1);
  });

  test("from an instant on: what was before is neither changed nor counted", () => {
    const result = compared(tried(["ORD-01"]), start + dayMs);
    const large = rule(result, "ORD-01");
    expect([large.before.raised, large.after.raised]).toEqual([1, 0]);
  });

  test("a rule set that the log activates does not replace the tried one", () => {
    const { body } = shippedRules();
    const value = { version: 5, effectiveAt: 0, logic: 1, body };
    const record: NamedRecord = { name: "RuleSet", value };
    const always = compared(tried(["ORD-01"]), null, record);
    expect(rule(always, "ORD-01").after.raised).toBe(0);
    const later = compared(tried(["ORD-01"]), start + dayMs, record);
    expect(rule(later, "ORD-01").after.raised).toBe(0);
  });
});
