/** The partition a subject lives in, as every producer computes it. */
import { logPartitions, portfolioSubject } from "@riskwall/schemas/names";
import { Partitioners } from "kafkajs";

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

/** murmur2 of the id, modulo the partitions of the log; the portfolio's is 0. */
export function partitionOf(customerId: string): number {
  if (customerId === portfolioSubject) return 0;
  return partitioner({
    topic: "",
    partitionMetadata,
    message: { key: customerId, value: null },
  });
}
