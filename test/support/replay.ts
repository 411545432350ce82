/**
 * The log of a test namespace folded again from its first record, to compare
 * with what the running processors left behind.
 */
import { randomUUID } from "node:crypto";
import type { Portfolio } from "@riskwall/schemas";
import {
  isCustomer,
  logPartitions,
  partitionKeys,
  totalFields,
} from "@riskwall/schemas/names";
import { encodeState } from "@riskwall/schemas/state";
import type { Redis } from "ioredis";
import { expect } from "vitest";
import { closeCustomer } from "../../processor/src/core/customer.ts";
import {
  emptySums,
  moveSums,
  slotOf,
  type Slot,
} from "../../processor/src/core/slot.ts";
import { segmentPriors } from "../../processor/src/core/segment-sums.ts";
import { decodeRecord } from "../../processor/src/pipeline.ts";
import { readPortfolio } from "../../processor/src/portfolio.ts";
import type { TestNamespace } from "./namespace.ts";
import { waitFor, type WaitOptions } from "./stack.ts";
import { freshFold } from "./fresh-fold.ts";

export interface LogRow {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly value: Buffer;
}

/** Records in each partition of a topic up to its present end. */
export async function recordsByPartition(
  ns: TestNamespace,
  topic: string,
): Promise<number[]> {
  const admin = ns.kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const counts: number[] = [];
  for (const { partition, high, low } of ends) {
    counts[partition] = Number(high) - Number(low);
  }
  return counts;
}

/** Records in a topic up to its present end. */
export async function recordsIn(
  ns: TestNamespace,
  topic: string,
): Promise<number> {
  const counts = await recordsByPartition(ns, topic);
  return counts.reduce((sum, n) => sum + n, 0);
}

/** All records of a topic up to its present end. */
export async function readAll(
  ns: TestNamespace,
  topic: string,
): Promise<LogRow[]> {
  const wanted = await recordsIn(ns, topic);
  const rows: LogRow[] = [];
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

interface Replayed {
  /** State of every customer after folding the log, as hex. */
  readonly states: ReadonlyMap<string, string>;
  /** What a portfolio record would say, added up from the states. */
  readonly portfolio: Pick<Portfolio, "totals" | "segments">;
}

function replay(ns: TestNamespace, rows: readonly LogRow[]): Replayed {
  const states = new Map<string, string>();
  const sums = emptySums();
  for (let p = 0; p < logPartitions; p += 1) {
    const fold = freshFold(p);
    const slots = new Map<string, Slot>();
    const own = rows
      .filter((row) => row.partition === p)
      .sort((a, b) => a.offset - b.offset);
    for (const row of own) {
      const item = decodeRecord(ns.codec, row);
      for (const id of fold.needs(item)) {
        if (slots.has(id)) continue;
        slots.set(id, slotOf(null));
      }
      fold.fold(item, slots);
    }
    for (const [id, slot] of slots) {
      moveSums(sums, slot);
      if (slot.customer === null) continue;
      const bytes = encodeState(closeCustomer(slot.customer));
      states.set(id, bytes.toString("hex"));
    }
  }
  const totals = totalFields.map((name, i) => [name, sums.totals[i] ?? 0]);
  const counts = [...sums.segments].map(([at, n]) => [at, String(n)] as const);
  return {
    states,
    portfolio: {
      totals: Object.fromEntries(totals) as Portfolio["totals"],
      segments: segmentPriors([Object.fromEntries(counts)]),
    },
  };
}

/** `next` of every partition; 0 where nothing was committed. */
export async function nextOf(
  redis: Redis,
  namespace: string,
): Promise<number[]> {
  return Promise.all(
    Array.from({ length: logPartitions }, async (_, p) =>
      Number((await redis.hget(partitionKeys(namespace, p).meta, "next")) ?? 0),
    ),
  );
}

/** Records folded and committed so far, all partitions together. */
export async function folded(redis: Redis, namespace: string): Promise<number> {
  const all = await nextOf(redis, namespace);
  return all.reduce((sum, next) => sum + next, 0);
}

/** The whole log, once every record of it is committed. */
export async function logOnceFolded(
  ns: TestNamespace,
  redis: Redis,
  options: WaitOptions = { timeoutMs: 120_000 },
): Promise<LogRow[]> {
  return waitFor(async () => {
    const all = await readAll(ns, ns.topics.events);
    return (await folded(redis, ns.namespace)) === all.length ? all : null;
  }, options);
}

async function stateOf(
  redis: Redis,
  namespace: string,
  id: string,
): Promise<string> {
  for (let p = 0; p < logPartitions; p += 1) {
    const bytes = await redis.getBuffer(
      partitionKeys(namespace, p).customer(id),
    );
    if (bytes !== null) return bytes.toString("hex");
  }
  return "";
}

/**
 * Every state in Redis equals the replay of `rows`, byte for byte, and so do
 * the sums of all partitions together.
 */
export async function expectStatesOfReplay(
  ns: TestNamespace,
  redis: Redis,
  rows: readonly LogRow[],
  customers: number,
): Promise<void> {
  const { states: expected, portfolio } = replay(ns, rows);
  // The subjects of groups and of the portfolio are compared, not counted.
  const counted = [...expected.keys()].filter(isCustomer);
  expect(counted.length).toBe(customers);
  const differing: string[] = [];
  for (const [id, hex] of expected) {
    const found = await stateOf(redis, ns.namespace, id);
    if (found !== hex) differing.push(id);
  }
  expect(differing).toEqual([]);
  const { namespace } = ns;
  expect(await readPortfolio({ redis, namespace })).toMatchObject(portfolio);
}

/**
 * Outputs at the same position are the same bytes, however often they were
 * sent; answers how many were sent again.
 */
export async function expectRepeatsIdentical(
  ns: TestNamespace,
): Promise<number> {
  const { scores, alerts, decisions } = ns.topics;
  let repeats = 0;
  for (const topic of [scores, alerts, decisions]) {
    const seen = new Map<string, string>();
    for (const row of await readAll(ns, topic)) {
      const decoded = ns.codec.decode(row.value);
      if (decoded.kind !== "record") throw new Error("not decodable");
      const value = decoded.record.value;
      if (!("n" in value)) throw new Error("an output without position");
      const pos = `${String(value.partition)}-${String(value.offset)}-${String(value.n)}`;
      const hex = row.value.toString("hex");
      const first = seen.get(pos);
      if (first !== undefined) repeats += 1;
      expect(first ?? hex).toBe(hex);
      seen.set(pos, hex);
    }
  }
  return repeats;
}
