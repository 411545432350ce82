import fc from "fast-check";
import { expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import { proposeLimit, salesByMonth } from "./limit-proposal.ts";
import { pdOf } from "./scorecard.ts";
import {
  addToTile,
  compactTiles,
  emptyTiles,
  field,
  sumWindows,
} from "./tiles.ts";

const { rules } = shippedRules();
const yuan = (n: number): number => n * 100;
/** 600,000 a month, 30 days of terms, pays 3 days late, nothing owed. */
const plain = {
  class: "B",
  pd: 0.01,
  months: Array.from({ length: 6 }, () => yuan(600_000)),
  termsDays: 30,
  expectedDbt: 3,
  thinFile: false,
  exposure: 0,
} as const;

test.each([
  // 20,000 a day × (30 + 3 + 7) = 800,000; risk 20,000 / 0.0045 = 4,444,444.
  { title: "class B takes the need", over: {}, bound: "need", is: 800_000 },
  {
    title: "class A is given a quarter more",
    ...{ over: { class: "A", pd: 0.005 }, bound: "need", is: 1_000_000 },
  },
  {
    title: "class C three quarters, to the step of 10,000",
    ...{ over: { class: "C", pd: 0.03 }, bound: "need", is: 600_000 },
  },
  {
    title: "class D four tenths",
    ...{ over: { class: "D", pd: 0.1 }, bound: "need", is: 320_000 },
  },
  {
    title: "the loss budget binds where default is likely",
    // 20,000 / (0.2 × 0.45) = 222,222.22
    ...{ over: { class: "D", pd: 0.2 }, bound: "risk", is: 220_000 },
  },
  {
    title: "class E prepays",
    ...{ over: { class: "E", pd: 0.2 }, bound: "prepayment", is: 0 },
  },
  {
    title: "who pays early is not punished",
    // 20,000 × 37 = 740,000
    ...{ over: { expectedDbt: -9 }, bound: "need", is: 740_000 },
  },
  {
    title: "an unknown delay counts none",
    ...{ over: { expectedDbt: null }, bound: "need", is: 740_000 },
  },
  {
    title: "a season raises the need, at most twice",
    // All sales in one month: mean 100,000, peak 6 → 2; 3,333.33 × 40 × 2
    over: { months: [yuan(600_000), 0, 0, 0, 0, 0] },
    ...{ bound: "need", is: 260_000 },
  },
  {
    title: "below 100,000 the step is 1,000",
    // 333.33 × 40 = 13,333.33
    over: { months: plain.months.map(() => yuan(10_000)) },
    ...{ bound: "need", is: 13_000 },
  },
  {
    title: "a thin file gets the starter limit, whatever it bought",
    ...{ over: { thinFile: true }, bound: "starter", is: 50_000 },
  },
  {
    title: "a thin file of class E prepays",
    ...{ over: { thinFile: true, class: "E" }, bound: "prepayment", is: 0 },
  },
  {
    title: "who buys nothing needs nothing",
    over: { months: [0, 0, 0, 0, 0, 0] },
    ...{ bound: "need", is: 0 },
  },
] as const)("$title", ({ over, bound, is }) => {
  const proposal = proposeLimit({ ...plain, ...over }, rules);
  expect(proposal).toMatchObject({ bound, amount: yuan(is) });
});

test("shows its arithmetic from sales to step", () => {
  const months = [900, 600, 600, 600, 600, 300].map((n) => yuan(n * 1000));
  const proposal = proposeLimit({ ...plain, months, class: "A" }, rules);
  expect(proposal).toMatchObject({
    sales: yuan(3_600_000),
    cycleDays: 40,
    peak: 1.5,
    need: yuan(1_200_000),
    multiplier: 1.25,
    weightedNeed: yuan(1_500_000),
    capacity: null,
    lgd: 0.45,
    risk: Math.floor(yuan(20_000) / (0.01 * 0.45)),
    step: yuan(10_000),
    amount: yuan(1_500_000),
  });
});

test("a proposal below what is owed stops new orders and keeps the debt", () => {
  const owed = { ...plain, exposure: yuan(800_001) };
  const proposal = proposeLimit(owed, rules);
  expect(proposal).toMatchObject({
    amount: yuan(800_000),
    exposure: yuan(800_001),
    noNewOrders: true,
  });
  const fits = proposeLimit({ ...plain, exposure: yuan(800_000) }, rules);
  expect(fits.noNewOrders).toBe(false);
});

test("a better score never lowers the risk bound", () => {
  const risks = [450, 520, 600, 660, 720, 850].map(
    (score) => proposeLimit({ ...plain, pd: pdOf(score, rules) }, rules).risk,
  );
  expect([...risks].sort((a, b) => a - b)).toEqual(risks);
});

test("months are differences of windows, for any days of invoices", () => {
  const today = 20_600;
  const days = fc.array(fc.integer({ min: -3, max: 420 }), { maxLength: 60 });
  const shift = fc.integer({ min: 0, max: 95 });
  fc.assert(
    fc.property(days, shift, (ages, later) => {
      const tiles = emptyTiles();
      ages.forEach((age, i) => {
        addToTile(tiles, today, today - age, "invoiced", 1000 + i);
      });
      compactTiles(tiles, today + later);
      const windows = [30, 60, 90, 120, 150, 180] as const;
      const sums = sumWindows(tiles, today + later, windows).map((sum) =>
        field(sum, "invoiced"),
      );
      const months = sums.map((sum, i) => sum - (sums[i - 1] ?? 0));
      expect(salesByMonth(tiles, today + later)).toEqual(months);
    }),
    { numRuns: 300 },
  );
});
