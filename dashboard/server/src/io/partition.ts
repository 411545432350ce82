/** The partition a customer lives in, as every producer computes it. */
import { logPartitions } from "@riskwall/schemas/names";
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

/** murmur2 of the id, modulo the partitions of the log. */
export function partitionOf(customerId: string): number {
  return partitioner({
    topic: "",
    partitionMetadata,
    message: { key: customerId, value: null },
  });
}
