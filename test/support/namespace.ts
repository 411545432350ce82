/** A prepared namespace of one test, dropped when the test ends. */
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import type { NamedRecord } from "@riskwall/schemas";
import { createCodec, type Codec } from "@riskwall/schemas/codec";
import { databaseName, topicNames } from "@riskwall/schemas/names";
import { setupNamespace } from "@riskwall/schemas/setup";
import { Kafka, logLevel, Partitioners, type Producer } from "kafkajs";
import { onTestFinished } from "vitest";
import { randomNamespace, stack } from "./stack.ts";

export interface TestRecord {
  readonly topic: string;
  readonly key: string;
  readonly record: NamedRecord;
  /** Default: by key, as every producer does. */
  readonly partition?: number;
}

export interface TestNamespace {
  readonly namespace: string;
  readonly database: string;
  readonly topics: ReturnType<typeof topicNames>;
  readonly codec: Codec;
  readonly kafka: Kafka;
  readonly clickhouse: ClickHouseClient;
  /** Appends records and awaits the acknowledgement. */
  readonly append: (records: readonly TestRecord[]) => Promise<void>;
  /** Rows of a query in the namespace's database. */
  readonly rows: <Row>(query: string) => Promise<Row[]>;
  /** The one number that a query answers. */
  readonly count: (query: string) => Promise<number>;
}

function encode(codec: Codec, { name, value }: NamedRecord): Buffer {
  // Name and value belong together in a NamedRecord.
  return codec.encode(name, value as Parameters<typeof codec.encode>[1]);
}

/** Topics, schemas and tables of a random namespace, and ways to reach them. */
export async function testNamespace(
  namespace: string = randomNamespace(),
): Promise<TestNamespace> {
  if (!namespace.startsWith("test-")) throw new Error("not a test namespace");
  const { brokers, registryUrl, clickhouseUrl } = stack();
  const kafka = new Kafka({
    clientId: "riskwall-test",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
  });
  const database = databaseName(namespace);
  const topics = topicNames(namespace);
  const clickhouse = createClient({ url: clickhouseUrl, database });
  // Idempotent: a retried send must not look like a repeat of the product.
  const producer: Producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  onTestFinished(async () => {
    await producer.disconnect();
    await clickhouse.command({ query: `DROP DATABASE IF EXISTS ${database}` });
    await clickhouse.close();
    const admin = kafka.admin();
    await admin.connect();
    const present = new Set(await admin.listTopics());
    const own = Object.values(topics).filter((topic) => present.has(topic));
    if (own.length > 0) await admin.deleteTopics({ topics: own });
    await admin.disconnect();
  });
  await setupNamespace({
    namespace,
    brokers,
    registryUrl,
    clickhouseUrl,
    home: null,
    retentionMs: "-1",
  });
  const codec = await createCodec(registryUrl);
  await producer.connect();
  const rows = async <Row>(query: string): Promise<Row[]> => {
    const reply = await clickhouse.query({ query, format: "JSONEachRow" });
    return reply.json<Row>();
  };
  return {
    namespace,
    database,
    topics,
    codec,
    kafka,
    clickhouse,
    rows,
    append: async (records) => {
      const byTopic = Map.groupBy(records, (item) => item.topic);
      await producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([topic, items]) => ({
          topic,
          messages: items.map(({ key, record, partition }) => ({
            key,
            value: encode(codec, record),
            ...(partition === undefined ? {} : { partition }),
          })),
        })),
      });
    },
    count: async (query) => {
      const [row] = await rows<Record<string, unknown>>(query);
      return Number(Object.values(row ?? {})[0]);
    },
  };
}
