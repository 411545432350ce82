/** Inboxes on the real broker, written by clients of all kinds. */
import { execFileSync } from "node:child_process";
import { CompressionTypes, type Producer } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  ingestVerb,
  readTopic,
  startGateway,
  type LogRecord,
} from "../support/ingest.ts";
import { javaProduce } from "../support/java-producer.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { orderPlaced } from "../support/sample-records.ts";
import { stack, waitFor } from "../support/stack.ts";

const source = "test-erp";

const order = (id: string, more: object = {}): string =>
  JSON.stringify({
    id,
    type: "order.placed",
    time: new Date().toISOString(),
    data: {
      customerId: "C-1",
      orderId: `O-${id}`,
      amount: "1.00",
      currency: "CNY",
    },
    ...more,
  });

interface Inbox {
  readonly test: TestNamespace;
  readonly topic: string;
  readonly producer: Producer;
  /** The log once it has so many records. */
  readonly log: (count: number) => Promise<LogRecord[]>;
  /** The codes of the dead letters, once there are so many. */
  readonly letters: (count: number) => Promise<Record<string, unknown>[]>;
}

async function openInbox(): Promise<Inbox> {
  const test = await testNamespace();
  await startGateway(test);
  const added = await ingestVerb(test, ["source", "add", source]).done;
  expect(added.code).toBe(0);
  const topic = added.stdout.trim();
  expect(topic).toBe(`${test.namespace}.inbox.${source}.v1`);
  const producer = test.kafka.producer();
  await producer.connect();
  onTestFinished(async () => {
    await producer.disconnect();
    const admin = test.kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  const most = async (from: string, count: number): Promise<LogRecord[]> =>
    waitFor(async () => {
      const found = await readTopic(test, from);
      return found.length >= count ? found : null;
    });
  return {
    test,
    topic,
    producer,
    log: async (count) => most(test.topics.events, count),
    letters: async (count) =>
      (await most(test.topics.deadletters, count)).map(
        ({ record }) => record.value as unknown as Record<string, unknown>,
      ),
  };
}

describe("the gate", () => {
  it("passes JSON and Avro of kafkajs, plain and gzip, any key", async () => {
    const { test, topic, producer, log } = await openInbox();
    const { name, value } = orderPlaced(4);
    const avro = test.codec.encode(name, value as never);
    await producer.send({ topic, messages: [{ value: order("1") }] });
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: [
        { key: "x", value: order("2") },
        { key: "y", value: order("3", { source }) },
        { key: "z", value: avro },
      ],
    });
    const found = await log(4);
    const ids = found.map(({ record }) =>
      "eventId" in record.value ? record.value.eventId : null,
    );
    expect(ids.sort()).toEqual(["1", "2", "3", "e-4"]);
    for (const { record } of found) {
      expect(record.value).toMatchObject({ source });
    }
  });

  it("passes every compression that kcat knows", async () => {
    const { topic, log } = await openInbox();
    const codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    for (const codec of codecs) {
      const args = ["-P", "-b", stack().brokers.join(","), "-t", topic];
      execFileSync("kcat", [...args, "-z", codec], { input: order(codec) });
    }
    expect(await log(codecs.length)).toHaveLength(codecs.length);
  });

  it("passes every compression of the Java console producer", async () => {
    const { topic, log } = await openInbox();
    const codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    for (const codec of codecs) {
      const lines = [order(`${codec}-1`), order(`${codec}-2`)];
      await javaProduce(stack().brokers, topic, codec, lines);
    }
    expect(await log(2 * codecs.length)).toHaveLength(2 * codecs.length);
  });

  it("keeps what it refuses as a dead letter with its place and reason", async () => {
    const { topic, producer, log, letters } = await openInbox();
    const limit = {
      type: "customer.limit-set",
      data: {
        customerId: "C-1",
        amount: "1",
        currency: "CNY",
        kind: "standing",
        reason: "mine",
      },
    };
    await producer.send({
      topic,
      messages: [
        { value: order("1", limit), partition: 0 },
        { value: order("2", { source: "another" }), partition: 0 },
        { value: "not json", partition: 0 },
        { value: Buffer.from([0, 0, 0, 0, 250, 1]), partition: 0 },
        { value: null, partition: 0 },
        { value: order("9"), partition: 0 },
      ],
    });
    expect(await log(1)).toHaveLength(1);
    const found = await letters(5);
    const codes = new Map(found.map((item) => [item["offset"], item["code"]]));
    expect(Object.fromEntries(codes)).toEqual({
      0: "privileged_type",
      1: "source_forbidden",
      2: "not_json",
      3: "schema_unknown",
      4: "not_json",
    });
    expect(found[0]).toMatchObject({ stage: "gate", topic, partition: 0 });
  });

  it("refuses control records in Avro, and records in transactions", async () => {
    const { test, topic, producer, log, letters } = await openInbox();
    const clock = test.codec.encode("Clock", {
      version: 1,
      effectiveAt: 0,
      anchorAppend: 0,
      anchorTime: 0,
      speed: 9,
    });
    await producer.send({ topic, messages: [{ value: clock }] });
    const transactional = test.kafka.producer({
      transactionalId: `${test.namespace}-tx`,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await transactional.connect();
    onTestFinished(async () => transactional.disconnect());
    const transaction = await transactional.transaction();
    await transaction.send({ topic, messages: [{ value: order("tx") }] });
    await transaction.commit();
    await producer.send({ topic, messages: [{ value: order("after") }] });
    expect(await log(1)).toHaveLength(1);
    const codes = (await letters(2)).map((letter) => letter["code"]);
    expect(codes.sort()).toEqual(["in_transaction", "privileged_type"]);
  });

  it("goes on after a crash where it stood, losing nothing", async () => {
    const { test, topic, producer, log } = await openInbox();
    const second = await startGateway(test);
    const messages = Array.from({ length: 3000 }, (_, i) => ({
      value: order(`n${String(i)}`),
    }));
    await producer.send({ topic, messages });
    await log(1);
    await second.service.kill();
    const third = await startGateway(test);
    const ids = await waitFor(
      async () => {
        const found = await readTopic(test, test.topics.events);
        const all = new Set(
          found.map(({ record }) =>
            "eventId" in record.value ? record.value.eventId : null,
          ),
        );
        return all.size === messages.length ? all : null;
      },
      { timeoutMs: 60_000 },
    );
    expect(ids.size).toBe(messages.length);
    expect(await third.service.stop()).toBe(0);
  });
});
