/** Kafka of the notifier: connection, ends of topics, settings it writes. */
import type { Codec, Decoded } from "@riskwall/schemas/codec";
import { topicNames } from "@riskwall/schemas/names";
import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Consumer,
} from "kafkajs";
import type { Logger } from "pino";

export function connectKafka(
  brokers: readonly string[],
  clientId: string,
  log: Logger,
): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.WARN,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 20 },
    logCreator:
      () =>
      ({ log: entry }) => {
        log.debug({ kafka: entry.message, error: entry["error"] });
      },
  });
}

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
      const text = value === null ? null : JSON.stringify(value);
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

/** Decodes, fetching the writer's schema when it is not known yet. */
export async function decodeWire(codec: Codec, wire: Buffer): Promise<Decoded> {
  const decoded = codec.decode(wire);
  if (decoded.kind !== "unknown-id") return decoded;
  await codec.learn(decoded.id);
  return codec.decode(wire);
}

export type { Admin, Kafka };
