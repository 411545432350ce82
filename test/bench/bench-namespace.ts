/** A random namespace on the run's servers, and what a benchmark does in it. */
import { randomUUID } from "node:crypto";
import type { NamedRecord } from "@riskwall/schemas";
import { createCodec, type Codec } from "@riskwall/schemas/codec";
import {
  logPartitions,
  partitionKeys,
  topicNames,
} from "@riskwall/schemas/names";
import { setupNamespace } from "@riskwall/schemas/setup";
import { Redis } from "ioredis";
import {
  Kafka,
  logLevel,
  Partitioners,
  type EachBatchPayload,
  type Producer,
} from "kafkajs";
import { startProduct, type Product } from "../support/product.ts";
import { randomNamespace, stack, waitFor } from "../support/stack.ts";

/** Records of one request when a log is filled. */
const fillRecords = 2000;
const foldMaxMs = 180_000;

export interface KeyedRecord {
  readonly key: string;
  readonly record: NamedRecord;
  /** Default: by key, as every producer does. */
  readonly partition?: number;
}

export interface BenchNamespace {
  readonly namespace: string;
  readonly topics: ReturnType<typeof topicNames>;
  readonly codec: Codec;
  readonly kafka: Kafka;
  readonly redis: Redis;
  /** Appends to the log in one request, all acknowledged. */
  readonly append: (records: readonly KeyedRecord[]) => Promise<void>;
  /** Appends any number, request after request; answers how many. */
  readonly fill: (records: Iterable<KeyedRecord>) => Promise<number>;
  /** Ends of a topic, by partition. */
  readonly ends: (topic: string) => Promise<readonly number[]>;
  /** Positions committed by the processor, by partition. */
  readonly committed: () => Promise<readonly number[]>;
  /** Waits until all that is in the log now is committed. */
  readonly settled: () => Promise<void>;
  /**
   * Gives every record of a topic up to its present end; answers how many,
   * and the seconds from the assignment of the partitions to the last batch.
   */
  readonly read: (
    topic: string,
    onBatch: (payload: EachBatchPayload) => void,
  ) => Promise<{ readonly count: number; readonly seconds: number }>;
}

export const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};

/** True when every partition has come as far as `ends`. */
export function hasReached(
  positions: readonly number[],
  ends: readonly number[],
): boolean {
  return ends.every((end, partition) => (positions[partition] ?? 0) >= end);
}

async function appendWith(
  producer: Producer,
  codec: Codec,
  topic: string,
  records: readonly KeyedRecord[],
): Promise<void> {
  await producer.send({
    topic,
    acks: -1,
    messages: records.map(({ key, partition, record: { name, value } }) => ({
      key,
      ...(partition === undefined ? {} : { partition }),
      // Name and value belong together in a NamedRecord.
      value: codec.encode(name, value as Parameters<typeof codec.encode>[1]),
    })),
  });
}

async function openNamespace(): Promise<{
  readonly space: BenchNamespace;
  readonly close: () => Promise<void>;
}> {
  const namespace = randomNamespace();
  const { brokers, registryUrl, redisUrl, clickhouseUrl } = stack();
  await setupNamespace({
    ...{ namespace, brokers, registryUrl, clickhouseUrl },
    ...{ home: null, retentionMs: "-1" },
  });
  const topics = topicNames(namespace);
  const codec = await createCodec(registryUrl);
  const redis = new Redis(redisUrl);
  const kafka = new Kafka({
    clientId: "riskwall-bench",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);
  const append = async (records: readonly KeyedRecord[]): Promise<void> =>
    appendWith(producer, codec, topics.events, records);
  const ends = async (topic: string): Promise<number[]> => {
    const rows = await admin.fetchTopicOffsets(topic);
    return rows
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ high }) => Number(high));
  };
  const committed = async (): Promise<number[]> => {
    const pipeline = redis.pipeline();
    for (let p = 0; p < logPartitions; p += 1) {
      pipeline.hget(partitionKeys(namespace, p).meta, "next");
    }
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, next]) => {
      if (error) throw error;
      return Number(next ?? 0);
    });
  };
  return {
    space: {
      ...{ namespace, topics, codec, kafka, redis, append, ends, committed },
      fill: async (records) => {
        let count = 0;
        let batch: KeyedRecord[] = [];
        for (const record of records) {
          batch.push(record);
          if (batch.length < fillRecords) continue;
          await append(batch);
          count += batch.length;
          batch = [];
        }
        if (batch.length > 0) await append(batch);
        return count + batch.length;
      },
      settled: async () => {
        const wanted = await ends(topics.events);
        await waitFor(async () => hasReached(await committed(), wanted), {
          timeoutMs: foldMaxMs,
        });
      },
      read: async (topic, onBatch) =>
        readTopic(kafka, topic, sum(await ends(topic)), onBatch),
    },
    close: async () => {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
      redis.disconnect();
    },
  };
}

/** Reads `wanted` records from the start of a topic that is not compacted. */
async function readTopic(
  kafka: Kafka,
  topic: string,
  wanted: number,
  onBatch: (payload: EachBatchPayload) => void,
): Promise<{ readonly count: number; readonly seconds: number }> {
  if (wanted === 0) return { count: 0, seconds: 0 };
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}` });
  let joined = 0;
  consumer.on(consumer.events.GROUP_JOIN, () => {
    joined = performance.now();
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let count = 0;
  await new Promise<void>((done, fail) => {
    consumer
      .run({
        autoCommit: false,
        partitionsConsumedConcurrently: logPartitions,
        eachBatch: async (payload) => {
          onBatch(payload);
          count += payload.batch.messages.length;
          if (count >= wanted) done();
          return Promise.resolve();
        },
      })
      .catch(fail);
  });
  const seconds = (performance.now() - joined) / 1000;
  await consumer.disconnect();
  return { count, seconds };
}

/** Ends of what runs now, for a signal in the middle of a run. */
const openEnds = new Set<() => Promise<unknown>>();

/** Stops what benchmarks have running. */
export async function endAll(): Promise<void> {
  await Promise.allSettled([...openEnds].map(async (end) => end()));
}

async function ending<T>(
  end: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  openEnds.add(end);
  try {
    return await work();
  } finally {
    openEnds.delete(end);
    await end();
  }
}

/** Prepares a namespace for as long as `work` lasts. */
export async function withNamespace<T>(
  work: (space: BenchNamespace) => Promise<T>,
): Promise<T> {
  const { space, close } = await openNamespace();
  return ending(close, async () => work(space));
}

/** Runs the whole product, as `npm start` does, for as long as `work` lasts. */
export async function withProduct<T>(
  space: BenchNamespace,
  work: (product: Product) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const { namespace } = space;
  const product = await startProduct({ namespace, env });
  return ending(product.stop, async () => work(product));
}
