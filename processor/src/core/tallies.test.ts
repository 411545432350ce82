import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addTally,
  compactTallies,
  packTallies,
  sumTally,
  tallyFields,
  unpackTallies,
  type Tally,
} from "./tallies.ts";

const today = 20_514;
const rows = fc.array(
  fc.record({
    age: fc.integer({ min: -2, max: 500 }),
    name: fc.constantFrom(...tallyFields),
    amount: fc.integer({ min: -5, max: 1_000_000_000 }),
  }),
  { maxLength: 40 },
);

const windows = [30, 60, 90, 180, 365];
const startOf = (window: number): number => {
  const first = today - window + 1;
  return window > 90 ? Math.floor(first / 10) * 10 : first;
};

test("windows equal a count over all raw amounts, in any order, days later", () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 60 }), (all, before) => {
      // Half of it was counted some days ago, and moved into ten days since.
      let list: Tally[] = [];
      const half = all.length >> 1;
      for (const { age, name, amount } of all.slice(0, half)) {
        addTally(list, today - before, today - age, name, amount);
      }
      list = compactTallies(list, today);
      for (const { age, name, amount } of all.slice(half)) {
        addTally(list, today, today - age, name, amount);
      }
      for (const window of windows) {
        for (const field of tallyFields) {
          const exact = all
            .filter(
              ({ name, age }) =>
                name === field && today - age >= startOf(window),
            )
            .reduce((sum, { amount }) => sum + amount, 0);
          expect(sumTally(list, today, window, field)).toBe(exact);
        }
      }
      expect(unpackTallies(packTallies(list))).toEqual(list);
    }),
  );
});

test("what comes to nothing leaves nothing", () => {
  const list: Tally[] = [];
  addTally(list, today, today - 3, "returns", 2);
  addTally(list, today, today - 3, "returns", -2);
  expect(list).toEqual([]);
  expect(packTallies(list)).toHaveLength(0);
});
