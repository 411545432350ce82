/** Kafka of the dashboard: follows outputs and settings, writes actions. */
import { randomUUID } from "node:crypto";
import type { Codec } from "@riskwall/schemas/codec";
import type { NamedRecord, OperatorAction } from "@riskwall/schemas";
import { logPartitions, topicNames } from "@riskwall/schemas/names";
import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Producer,
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

const partitioner = Partitioners.DefaultPartitioner();
const metadata = Array.from({ length: logPartitions }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 0,
  replicas: [],
  isr: [],
  offlineReplicas: [],
}));

/** Partition of a customer: murmur2 of the id. */
export function partitionOf(customerId: string): number {
  return partitioner({
    topic: "",
    partitionMetadata: metadata,
    message: { key: customerId, value: null },
  });
}

export interface Followed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly record: NamedRecord;
}

/** Follows topics from their end, alone, until stopped. */
export async function followTopics(
  kafka: Kafka,
  codec: Codec,
  topics: readonly string[],
  group: string,
  onRecord: (item: Followed) => void,
): Promise<() => Promise<void>> {
  const consumer = kafka.consumer({
    groupId: `${group}.${randomUUID()}`,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 50,
    minBytes: 1,
    readUncommitted: true,
  });
  const joined = new Promise<void>((done) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      done();
    });
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: false });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 12,
    eachMessage: async ({ topic, partition, message }) => {
      const wire = message.value ?? Buffer.alloc(0);
      let decoded = codec.decode(wire);
      if (decoded.kind === "unknown-id") {
        await codec.learn(decoded.id);
        decoded = codec.decode(wire);
      }
      if (decoded.kind !== "record") return;
      onRecord({
        topic,
        partition,
        offset: Number(message.offset),
        appendedAt: Number(message.timestamp),
        record: decoded.record,
      });
    },
  });
  await joined;
  return async () => consumer.disconnect();
}

/** Reads the compacted settings topic whole, then follows it. */
export async function followSettings(
  kafka: Kafka,
  namespace: string,
  onSetting: (key: string, value: unknown) => void,
): Promise<() => Promise<void>> {
  const topic = topicNames(namespace).settings;
  const admin = kafka.admin();
  await admin.connect();
  const [bounds] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const end = Number(bounds?.high ?? 0);
  const low = Number(bounds?.low ?? 0);
  const consumer = kafka.consumer({
    groupId: `${namespace}.settings.${randomUUID()}`,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 200,
    readUncommitted: true,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((ready, fail) => {
    if (end <= low) ready();
    consumer
      .run({
        autoCommit: false,
        eachMessage: ({ message }) => {
          const text = message.value?.toString();
          const value: unknown = text === undefined ? null : JSON.parse(text);
          onSetting(message.key?.toString() ?? "", value);
          if (Number(message.offset) + 1 >= end) ready();
          return Promise.resolve();
        },
      })
      .catch(fail);
  });
  return async () => consumer.disconnect();
}

export interface ActionWriter {
  /** Resolves when the log acknowledged the action. */
  write: (action: OperatorAction) => Promise<void>;
  setting: (key: string, value: object | null) => Promise<void>;
  stop: () => Promise<void>;
}

export async function connectWriter(
  kafka: Kafka,
  codec: Codec,
  namespace: string,
): Promise<ActionWriter> {
  const producer: Producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const topics = topicNames(namespace);
  return {
    write: async (action) => {
      await producer.send({
        topic: topics.events,
        acks: -1,
        messages: [
          {
            key: action.customerId,
            value: codec.encode("OperatorAction", action),
          },
        ],
      });
    },
    setting: async (key, value) => {
      await producer.send({
        topic: topics.settings,
        acks: -1,
        messages: [
          { key, value: value === null ? null : JSON.stringify(value) },
        ],
      });
    },
    stop: async () => producer.disconnect(),
  };
}

/** End of every partition of a topic. */
export async function logEnds(
  admin: Admin,
  topic: string,
): Promise<Map<number, number>> {
  const rows = await admin.fetchTopicOffsets(topic);
  return new Map(rows.map((row) => [row.partition, Number(row.high)]));
}

export type { Admin, Kafka };
