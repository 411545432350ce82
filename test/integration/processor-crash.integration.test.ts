/**
 * Exactly once under kill -9: the only processor is killed ten times under
 * load; afterwards the state in Redis equals a replay of the log, byte for
 * byte, and repeated outputs are identical to the first.
 */
import { randomUUID } from "node:crypto";
import { partitionKeys } from "@riskwall/schemas/names";
import { encodeState } from "@riskwall/schemas/state";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { contributionOf } from "../../processor/src/core/contribution.ts";
import { closeCustomer } from "../../processor/src/core/customer.ts";
import {
  createPartition,
  emptyRegister,
  type Slot,
} from "../../processor/src/core/partition.ts";
import { decodeRecord } from "../../processor/src/pipeline.ts";
import { parseRuleBody, shippedRules } from "../../processor/src/rule-file.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { startService } from "../support/service.ts";
import { stack, waitFor } from "../support/stack.ts";

const kills = 10;
const customers = 60;
const perKill = 300;
const partitions = 12;

interface Raw {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly value: Buffer;
}

/** All records of a topic up to its present end. */
async function readAll(ns: TestNamespace, topic: string): Promise<Raw[]> {
  const admin = ns.kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const wanted = ends.reduce((sum, row) => sum + Number(row.high), 0);
  const rows: Raw[] = [];
  if (wanted === 0) return rows;
  const consumer = ns.kafka.consumer({ groupId: `read-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((done, fail) => {
    consumer
      .run({
        autoCommit: false,
        eachMessage: ({ partition, message }) => {
          rows.push({
            partition,
            offset: Number(message.offset),
            appendedAt: Number(message.timestamp),
            value: message.value ?? Buffer.alloc(0),
          });
          if (rows.length >= wanted) done();
          return Promise.resolve();
        },
      })
      .catch(fail);
  });
  await consumer.disconnect();
  return rows;
}

/** State of every customer after folding the log, as hex. */
function replay(ns: TestNamespace, rows: readonly Raw[]): Map<string, string> {
  const states = new Map<string, string>();
  for (let p = 0; p < partitions; p += 1) {
    const fold = createPartition({
      partition: p,
      register: emptyRegister(),
      subjects: [],
      bootstrapRules: shippedRules().rules,
      parseRules: parseRuleBody,
    });
    const slots = new Map<string, Slot>();
    const own = rows
      .filter((row) => row.partition === p)
      .sort((a, b) => a.offset - b.offset);
    for (const row of own) {
      const item = decodeRecord(ns.codec, row);
      for (const id of fold.needs(item)) {
        if (slots.has(id)) continue;
        const committed = contributionOf(null);
        slots.set(id, { customer: null, committed, dirty: false });
      }
      fold.fold(item, slots);
    }
    for (const [id, slot] of slots) {
      if (slot.customer === null) continue;
      const bytes = encodeState(closeCustomer(slot.customer));
      states.set(id, bytes.toString("hex"));
    }
  }
  return states;
}

function orders(round: number): Parameters<TestNamespace["append"]>[0] {
  return Array.from({ length: perKill }, (_, i) => {
    const n = round * perKill + i;
    const customerId = `C-${String(n % customers)}`;
    return {
      topic: "",
      key: customerId,
      record: {
        name: "OrderPlaced",
        value: {
          eventId: `e-${String(n)}`,
          source: "crash",
          time: Date.now(),
          historical: false,
          customerId,
          orderId: `O-${String(n)}`,
          amount: 10_000 + ((n * 7919) % 50_000) * (n % 97 === 0 ? 40 : 1),
          currency: "CNY",
          dueDate: null,
          termsDays: 30,
          channel: null,
          shipTo: null,
          lines: null,
          insured: false,
        },
      },
    };
  });
}

test("ten kills under load change no byte", async () => {
  const ns = await testNamespace();
  const redis = new Redis(stack().redisUrl);
  const start = async (): ReturnType<typeof startService> =>
    startService({
      entry: "processor/src/main.ts",
      portVariable: "RISKWALL_PROCESSOR_PORT",
      env: {
        RISKWALL_NAMESPACE: ns.namespace,
        RISKWALL_SESSION_MS: "3000",
        LOG_LEVEL: "warn",
      },
      unready: true,
    });
  let processor = await start();
  for (let round = 0; round < kills; round += 1) {
    const batch = orders(round);
    await ns.append(
      batch.map((item) => ({ ...item, topic: ns.topics.events })),
    );
    const before = await folded(redis, ns.namespace);
    await waitFor(async () => (await folded(redis, ns.namespace)) > before, {
      timeoutMs: 60_000,
    });
    await processor.kill();
    processor = await start();
  }
  const rows = await waitFor(
    async () => {
      const all = await readAll(ns, ns.topics.events);
      const done = await folded(redis, ns.namespace);
      return done === all.length ? all : null;
    },
    { timeoutMs: 120_000 },
  );
  await processor.kill();
  const expected = replay(ns, rows);
  expect(expected.size).toBe(customers);
  const differing: string[] = [];
  for (const [id, hex] of expected) {
    const found = await stateOf(redis, ns.namespace, id);
    if (found !== hex) differing.push(id);
  }
  expect(differing).toEqual([]);
  for (const topic of [
    ns.topics.scores,
    ns.topics.alerts,
    ns.topics.decisions,
  ]) {
    const seen = new Map<string, string>();
    for (const row of await readAll(ns, topic)) {
      const decoded = ns.codec.decode(row.value);
      if (decoded.kind !== "record") throw new Error("not decodable");
      const value = decoded.record.value;
      if (!("n" in value)) continue;
      const pos = `${String(value.partition)}-${String(value.offset)}-${String(value.n)}`;
      const hex = row.value.toString("hex");
      expect(seen.get(pos) ?? hex).toBe(hex);
      seen.set(pos, hex);
    }
  }
  redis.disconnect();
});

/** Records folded and committed so far, all partitions together. */
async function folded(redis: Redis, namespace: string): Promise<number> {
  const rows = await Promise.all(
    Array.from({ length: partitions }, (_, p) =>
      redis.hget(partitionKeys(namespace, p).meta, "next"),
    ),
  );
  return rows.reduce((sum, next) => sum + Number(next ?? 0), 0);
}

async function stateOf(
  redis: Redis,
  namespace: string,
  id: string,
): Promise<string> {
  for (let p = 0; p < partitions; p += 1) {
    const bytes = await redis.getBuffer(
      partitionKeys(namespace, p).customer(id),
    );
    if (bytes !== null) return bytes.toString("hex");
  }
  return "";
}
