import { describe, expect, test } from "vitest";
import { falseDiscovery } from "./hygiene.ts";
import {
  countRank,
  countTail,
  countTests,
  dayOf,
  emptyDay,
  emptyTally,
  rankBucket,
  sumTallies,
  tailBucket,
  takeAll,
  type Tally,
} from "./tally.ts";

describe("counts of a day", () => {
  test("chances and ranks fall into buckets", () => {
    expect([0.5, 1e-2, 9e-3, 3e-3, 1e-12, 0].map(tailBucket)).toEqual([
      -1, 0, 0, 1, 17, 17,
    ]);
    expect([0, 0.5, 1, 2, 3, 4, 2 ** 60].map(rankBucket)).toEqual([
      0, 0, 1, 2, 2, 3, 53,
    ]);
  });

  test("a new day begins at nothing; an older one adds to the newest", () => {
    const tally = emptyTally();
    countTests(tally, 5, 3);
    countTests(tally, 6, 2);
    countTests(tally, 5, 1);
    expect([dayOf(tally, 5).tests, dayOf(tally, 6).tests]).toEqual([0, 3]);
  });

  test("what all partitions say counts once with what came since", () => {
    const [here, there] = [emptyTally(), emptyTally()];
    countTests(here, 9, 10);
    countRank(here, 9, 1000);
    countTests(there, 9, 5);
    countTail(there, 9, 1e-4);
    takeAll(here, sumTallies([here.own, there.own]));
    countTests(here, 9, 2);
    countRank(here, 9, 1000);
    const known = dayOf(here, 9);
    expect(known.tests).toBe(17);
    expect(known.ranks[rankBucket(1000)]).toBe(2);
    expect(known.tails[tailBucket(1e-4)]).toBe(1);
    // Yesterday's record says nothing of today.
    takeAll(here, { ...emptyDay(8), tests: 99 });
    expect(dayOf(here, 9).tests).toBe(17);
  });
});

describe("Benjamini-Hochberg as the day goes", () => {
  const after = (tests: number, found: readonly number[]): Tally => {
    const tally = emptyTally();
    countTests(tally, 1, tests);
    for (const p of found) countTail(tally, 1, p);
    return tally;
  };
  test.each([
    ["the only test of the day", 1, [], 0.09, true],
    ["one of a thousand, p 1 in 1,000", 1000, [], 1e-3, false],
    ["one of a thousand, p at q / m", 1000, [], 1e-4, true],
    ["one of a thousand, just above", 1000, [], 1.01e-4, false],
    ["tenth small one of a thousand", 1000, Array(9).fill(1e-6), 1e-3, true],
    ["ninth one", 1000, Array(8).fill(1e-6), 1e-3, false],
    ["larger ones that pass together", 1000, Array(9).fill(9e-4), 9e-4, true],
    ["larger ones that do not", 1000, Array(8).fill(9e-4), 9.5e-4, false],
  ] as const)("%s", (_, tests, found, p, passes) => {
    const judged = falseDiscovery(after(tests, found), 1, p, 0.1);
    expect(judged.passes).toBe(passes);
  });

  test("never passes what the exact procedure refuses", () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let round = 0; round < 300; round += 1) {
      const found = Array.from(
        { length: Math.floor(random() * 30) },
        () => 10 ** (-2 - 9 * random()),
      );
      const p = 10 ** (-2 - 9 * random());
      const tests = 1 + Math.floor(random() * 5000);
      const all = [...found, p].sort((a, b) => a - b);
      const line = all.reduce(
        (best, at, k) => (at <= (0.1 * (k + 1)) / tests ? at : best),
        0,
      );
      const { passes } = falseDiscovery(after(tests, found), 1, p, 0.1);
      if (passes) expect(p).toBeLessThanOrEqual(line);
    }
  });
});
