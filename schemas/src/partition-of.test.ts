import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { expect, it } from "vitest";
import { logPartitions, portfolioSubject } from "./names.ts";
import { partitionOf } from "./partition-of.ts";

const partitioner = Partitioners.DefaultPartitioner();
const partitionMetadata = Array.from(
  { length: logPartitions },
  (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [],
    isr: [],
    offlineReplicas: [],
  }),
);

it("is the partition that a producer chooses for the key", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (key) => {
      fc.pre(key !== portfolioSubject);
      const message = { key, value: null };
      expect(partitionOf(key)).toBe(
        partitioner({ topic: "", partitionMetadata, message }),
      );
    }),
    { numRuns: 3000 },
  );
});

it("keeps the portfolio in the first partition", () => {
  expect(partitionOf(portfolioSubject)).toBe(0);
});
