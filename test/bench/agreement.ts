/**
 * Both folds over random lives of all event types, control records among them
 * (the same that the unit test draws, and many more): the product's and the
 * separately written one of `state verify`. No server takes part.
 */
import fc from "fast-check";
import { differences, life } from "../oracle/lives.test-support.ts";
import type { Benchmark } from "./benchmark.ts";

/** Lives drawn at a time. */
const drawn = 200;
const seed = 20261128;

export const agreement: Benchmark = {
  name: "agreement",
  run: ({ full }) => {
    const wanted = full ? 100_000 : 4_000;
    const differing: string[] = [];
    let events = 0;
    let lives = 0;
    const began = performance.now();
    for (let batch = 0; events < wanted; batch += 1) {
      for (const one of fc.sample(life, {
        numRuns: drawn,
        seed: seed + batch,
      })) {
        events += one.steps.length;
        lives += 1;
        const [first] = differences(one);
        if (first) differing.push(`${String(batch)}: ${JSON.stringify(first)}`);
      }
    }
    const seconds = (performance.now() - began) / 1000;
    const named = differing.slice(0, 5).join("; ");
    return Promise.resolve([
      {
        ...{ name: "customers on whom the two folds differ", unit: "" },
        ...{ value: differing.length, target: { atMost: 0 } },
        note: `${String(events)} events of all types, ${String(lives)} customers, seeds from ${String(seed)}${named === "" ? "" : `: ${named}`}`,
      },
      {
        ...{ name: "events through both folds", unit: "ev/s" },
        value: events / seconds,
      },
    ]);
  },
};
