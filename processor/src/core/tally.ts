/**
 * Counts of a day behind alert hygiene (domain C10.10). A partition counts its
 * own; what all of them count comes with the portfolio record, so a judgement
 * depends on the log alone and a replay repeats it.
 */
import type { DayTally } from "@riskwall/schemas";

/**
 * Upper ends of the buckets of chances, falling: two a decade from 1 % down.
 * What lies below the last one stands in it.
 */
export const tailEdges: readonly number[] = [
  ...[1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7],
  ...[1e-7, 3e-8, 1e-8, 3e-9, 1e-9, 1e-10, 1e-11, 1e-12],
];

/** Ranks are whole minor units; a bucket is a power of two. */
export const rankBuckets = 54;

export interface Tally {
  /** What this partition counted on its newest day. */
  own: DayTally;
  /** What all counted, by the last portfolio record. */
  all: DayTally;
  /** `own` when that record came. */
  base: DayTally;
}

export function emptyDay(day: number): DayTally {
  return { day, tests: 0, tails: [], ranks: [] };
}

export function emptyTally(): Tally {
  return { own: emptyDay(0), all: emptyDay(0), base: emptyDay(0) };
}

function add(list: number[], at: number): void {
  while (list.length <= at) list.push(0);
  list[at] = (list[at] ?? 0) + 1;
}

/** Counters of a day; an older day than the newest is counted with it. */
function ownOn(tally: Tally, day: number): DayTally {
  if (day > tally.own.day) tally.own = emptyDay(day);
  return tally.own;
}

export function countTests(tally: Tally, day: number, tests: number): void {
  ownOn(tally, day).tests += tests;
}

/** Bucket of a chance; -1 above the first edge. */
export function tailBucket(p: number): number {
  let at = -1;
  while (at + 1 < tailEdges.length && p <= (tailEdges[at + 1] ?? 0)) at += 1;
  return at;
}

export function countTail(tally: Tally, day: number, p: number): void {
  const at = tailBucket(p);
  if (at >= 0) add(ownOn(tally, day).tails, at);
}

/** Bits of a whole number: the bucket of a rank. */
export function rankBucket(rank: number): number {
  let bits = 0;
  for (let left = Math.floor(rank); left >= 1; left /= 2) bits += 1;
  return Math.min(bits, rankBuckets - 1);
}

export function countRank(tally: Tally, day: number, rank: number): void {
  add(ownOn(tally, day).ranks, rankBucket(rank));
}

function merged(
  tally: Tally,
  day: number,
  pick: (of: DayTally) => readonly number[],
): number[] {
  const { own, all, base } = tally;
  const out: number[] = [];
  const put = (of: DayTally, sign: number): void => {
    if (of.day !== day) return;
    pick(of).forEach((n, i) => {
      while (out.length <= i) out.push(0);
      out[i] = (out[i] ?? 0) + sign * n;
    });
  };
  put(own, 1);
  put(all, 1);
  put(base, -1);
  return out;
}

/** What is known of a day: all partitions' counts and what we added since. */
export function dayOf(tally: Tally, day: number): DayTally {
  const { own, all, base } = tally;
  const tests = (of: DayTally): number => (of.day === day ? of.tests : 0);
  return {
    day,
    tests: tests(own) + tests(all) - tests(base),
    tails: merged(tally, day, (of) => of.tails),
    ranks: merged(tally, day, (of) => of.ranks),
  };
}

/** Takes over what a portfolio record says; `base` is what it contains of us. */
export function takeAll(tally: Tally, all: DayTally): void {
  if (all.day < tally.all.day) return;
  tally.all = all;
  // Counters are changed in place: what is kept is a copy.
  const { day, tests, tails, ranks } = tally.own;
  tally.base =
    all.day === day
      ? { day, tests, tails: [...tails], ranks: [...ranks] }
      : emptyDay(0);
}

/** Sum of the partitions' counts of the newest day among them. */
export function sumTallies(days: readonly DayTally[]): DayTally {
  const day = days.reduce((newest, of) => Math.max(newest, of.day), 0);
  const sum = emptyDay(day);
  const put = (out: number[], list: readonly number[]): void => {
    list.forEach((n, i) => {
      while (out.length <= i) out.push(0);
      out[i] = (out[i] ?? 0) + n;
    });
  };
  for (const of of days) {
    if (of.day !== day) continue;
    sum.tests += of.tests;
    put(sum.tails, of.tails);
    put(sum.ranks, of.ranks);
  }
  return sum;
}
