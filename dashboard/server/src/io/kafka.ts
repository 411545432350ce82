/** Kafka of the dashboard: ends of topics, what it writes. */
import type { Codec } from "@riskwall/schemas/codec";
import type { OperatorAction } from "@riskwall/schemas";
import { logPartitions, topicNames } from "@riskwall/schemas/names";
import { partitionOf } from "@riskwall/schemas/partition-of";
import type { Sealing } from "@riskwall/schemas/sealing";
import { Partitioners, type Admin, type Kafka, type Producer } from "kafkajs";
import { partAway } from "../problem.ts";

export interface LogWriter {
  /** Resolves when the log acknowledged the action; 503 when it cannot. */
  action: (action: OperatorAction) => Promise<void>;
  /**
   * Writes one entry of the settings topic, its secrets sealed; null removes
   * it. Its offset.
   */
  setting: (key: string, value: object | null) => Promise<number>;
  /** Appends to the one partition of the audit topic; answers the offset. */
  audit: (text: string) => Promise<number>;
  stop: () => Promise<void>;
}

export async function connectWriter(
  kafka: Kafka,
  codec: Codec,
  namespace: string,
  seal: Sealing["seal"],
): Promise<LogWriter> {
  const producer: Producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 4 },
  });
  await producer.connect();
  const topics = topicNames(namespace);
  const send = async (
    topic: string,
    key: string | null,
    value: Buffer | string | null,
    partition?: number,
  ): Promise<number> => {
    const message = { key, value };
    const messages = [
      partition === undefined ? message : { ...message, partition },
    ];
    try {
      const [at] = await producer.send({ topic, acks: -1, messages });
      return Number(at?.baseOffset ?? -1);
    } catch (error) {
      throw partAway("log", error);
    }
  };
  return {
    action: async (action) => {
      const { customerId } = action;
      const value = codec.encode("OperatorAction", action);
      await send(topics.events, customerId, value, partitionOf(customerId));
    },
    setting: async (key, value) =>
      send(
        ...([topics.settings, key] as const),
        value === null ? null : JSON.stringify(seal(key, value)),
      ),
    audit: async (text) => send(topics.audit, null, text),
    stop: async () => producer.disconnect(),
  };
}

/** First and next offset of every partition of a topic, by partition. */
export async function topicBounds(
  admin: Admin,
  topic: string,
): Promise<{ readonly low: number[]; readonly high: number[] }> {
  const rows = await admin.fetchTopicOffsets(topic);
  const low = Array.from({ length: logPartitions }, () => 0);
  const high = [...low];
  for (const row of rows) {
    low[row.partition] = Number(row.low);
    high[row.partition] = Number(row.high);
  }
  return { low, high };
}

export type { Admin, Kafka };
