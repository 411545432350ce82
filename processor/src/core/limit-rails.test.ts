import fc from "fast-check";
import { expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import { proposeLimit } from "./limit-proposal.ts";
import { automaticLimit, needsSecondPerson } from "./limit-rails.ts";
import type { RuleSet } from "./rule-set.ts";

const { rules: shipped } = shippedRules();
const rules: RuleSet = {
  ...shipped,
  limits: { ...shipped.limits, automatic: { increase: true, decrease: true } },
};
const yuan = (n: number): number => n * 100;
const inputs = {
  class: "B",
  pd: 0.01,
  months: Array.from({ length: 6 }, () => yuan(300_000)),
  termsDays: 30,
  expectedDbt: 3,
  thinFile: false,
  exposure: 0,
} as const;
const standing = {
  amount: yuan(300_000),
  historyDays: 400,
  dpdMax: 0,
  sinceAutomatic: null,
};

// The proposal is 400,000 unless a case changes it.
test.each([
  { title: "a raise is ten per cent at most", is: 330_000 },
  { title: "not in class C", of: { class: "C", pd: 0.03 }, is: null },
  { title: "not below six months", at: { historyDays: 182 }, is: null },
  { title: "not without history", at: { historyDays: null }, is: null },
  { title: "not twice in 30 days", at: { sinceAutomatic: 29 }, is: null },
  { title: "again after 30 days", at: { sinceAutomatic: 30 }, is: 330_000 },
  {
    title: "not beyond the proposal",
    ...{ at: { amount: yuan(390_000) }, is: 400_000 },
  },
  {
    title: "not beyond the ceiling",
    of: { months: inputs.months.map(() => yuan(3_000_000)) },
    ...{ at: { amount: yuan(490_000) }, is: 500_000 },
  },
  {
    title: "not above the ceiling",
    of: { months: inputs.months.map(() => yuan(3_000_000)) },
    ...{ at: { amount: yuan(600_000) }, is: null },
  },
  {
    title: "a decrease is a quarter at most",
    ...{ at: { amount: yuan(800_000) }, is: 600_000 },
  },
  {
    title: "and down to the proposal only",
    ...{ at: { amount: yuan(410_000) }, is: 400_000 },
  },
  {
    title: "a decrease waits 30 days for the next",
    ...{ at: { amount: yuan(800_000), sinceAutomatic: 3 }, is: null },
  },
  {
    title: "class E is at zero at once",
    ...{ of: { class: "E" }, at: { sinceAutomatic: 3 }, is: 0 },
  },
  {
    title: "more than 90 days past due, down to the proposal at once",
    at: { amount: yuan(900_000), dpdMax: 91, sinceAutomatic: 3 },
    is: 400_000,
  },
  {
    title: "90 days past due is not yet more",
    at: { amount: yuan(900_000), dpdMax: 90, sinceAutomatic: 3 },
    is: null,
  },
  {
    title: "never twice a day",
    ...{ of: { class: "E" }, at: { sinceAutomatic: 0 }, is: null },
  },
  { title: "an equal proposal", at: { amount: yuan(400_000) }, is: null },
] as const)("$title: $is", (row) => {
  const proposal = proposeLimit(
    { ...inputs, ...("of" in row ? row.of : {}) },
    rules,
  );
  const at = { ...standing, ...("at" in row ? row.at : {}) };
  const is = row.is === null ? null : yuan(row.is);
  expect(automaticLimit(proposal, at, rules)).toBe(is);
  // What the rule set does not turn on does not happen.
  expect(automaticLimit(proposal, at, shipped)).toBeNull();
});

test("no walk of proposals ever leaves the guard rails", () => {
  const step = fc.record({
    days: fc.integer({ min: 0, max: 40 }),
    class: fc.constantFrom(..."ABCDE") as fc.Arbitrary<
      "A" | "B" | "C" | "D" | "E"
    >,
    pd: fc.double({ min: 1e-4, max: 0.9, noNaN: true }),
    month: fc.integer({ min: 0, max: yuan(5_000_000) }),
    dpdMax: fc.constantFrom(0, 30, 90, 91),
    historyDays: fc.option(fc.integer({ min: 0, max: 400 })),
  });
  const start = fc.integer({ min: 0, max: yuan(2_000_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), start, (steps, first) => {
      const { limits } = rules;
      let present = first;
      let today = 0;
      let last: number | null = null;
      for (const { days, month, dpdMax, historyDays, ...seen } of steps) {
        today += days;
        const months = inputs.months.map(() => month);
        const proposal = proposeLimit({ ...inputs, ...seen, months }, rules);
        const sinceAutomatic = last === null ? null : today - last;
        const at = { amount: present, historyDays, dpdMax, sinceAutomatic };
        const to = automaticLimit(proposal, at, rules);
        if (to === null) continue;
        const urgent = seen.class === "E" || dpdMax > 90;
        if (to > present) {
          expect("AB").toContain(seen.class);
          expect(historyDays).toBeGreaterThanOrEqual(limits.historyDays);
          expect(to).toBeLessThanOrEqual(present * 1.1);
          expect(to).toBeLessThanOrEqual(limits.automaticCeiling);
          expect(to).toBeLessThanOrEqual(proposal.amount);
        } else {
          expect(to).toBeLessThan(present);
          expect(to).toBeGreaterThanOrEqual(proposal.amount);
          if (!urgent) expect(to).toBeGreaterThanOrEqual(present * 0.75);
        }
        if (last !== null && !(urgent && to < present)) {
          expect(today - last).toBeGreaterThanOrEqual(limits.automaticDays);
        }
        present = to;
        last = today;
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  { title: "up to the ceiling", amount: 500_000, present: null, is: false },
  { title: "above it", amount: 500_001, present: 100_000, is: true },
  { title: "above it, first limit", amount: 500_001, present: null, is: true },
  { title: "a decrease", amount: 600_000, present: 900_000, is: false },
  { title: "the same again", amount: 900_000, present: 900_000, is: false },
  { title: "without a rate", amount: null, present: 100_000, is: true },
])("a second person, $title: $is", ({ amount, present, is }) => {
  const minor = (n: number | null): number | null =>
    n === null ? null : yuan(n);
  expect(needsSecondPerson(minor(amount), minor(present), shipped)).toBe(is);
});
