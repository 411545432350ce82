/** Kafka of the notifier: consumers, ends of topics, settings it writes. */
import { topicNames } from "@riskwall/schemas/names";
import type { Sealing } from "@riskwall/schemas/sealing";
import { Partitioners, type Admin, type Consumer, type Kafka } from "kafkajs";

/** A consumer that is alone in its group and keeps its own positions. */
export function createConsumer(kafka: Kafka, groupId: string): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    heartbeatInterval: 2500,
    maxWaitTimeInMs: 50,
    minBytes: 1,
    readUncommitted: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 50 },
  });
}

export interface SettingsWriter {
  /** Resolves when the entry is acknowledged. */
  setting: (key: string, value: object | null) => Promise<void>;
  stop: () => Promise<void>;
}

export async function connectSettingsWriter(
  kafka: Kafka,
  namespace: string,
  seal: Sealing["seal"],
): Promise<SettingsWriter> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 4 },
  });
  await producer.connect();
  const topic = topicNames(namespace).settings;
  return {
    setting: async (key, value) => {
      const text = value === null ? null : JSON.stringify(seal(key, value));
      await producer.send({
        topic,
        acks: -1,
        messages: [{ key, value: text }],
      });
    },
    stop: async () => producer.disconnect(),
  };
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** First and next offset of every partition of a topic. */
export async function topicBounds(
  admin: Admin,
  topic: string,
): Promise<ReadonlyMap<number, Bounds>> {
  const rows = await admin.fetchTopicOffsets(topic);
  return new Map(
    rows.map(({ partition, low, high }) => [
      partition,
      { low: Number(low), high: Number(high) },
    ]),
  );
}

export type { Admin, Kafka };
