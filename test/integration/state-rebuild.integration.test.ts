/**
 * `state rebuild`: a state that is lost comes back byte for byte from the
 * archive, and a wrong one is found and exchanged while the processor runs.
 */
import { partitionKeys } from "@riskwall/schemas/names";
import type { Redis } from "ioredis";
import { expect, test } from "vitest";
import { namespaceRedis } from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { orderRecords, startProcessor } from "../support/processor.ts";
import {
  expectRepeatsIdentical,
  folded,
  logOnceFolded,
  recordsIn,
} from "../support/replay.ts";
import {
  destroyState,
  dumpState,
  stateVerb,
  type VerbEnd,
} from "../support/state-verb.ts";
import { waitFor } from "../support/stack.ts";

const customers = 60;
const orders = 3000;

/** Waits until the archive holds so many records of the log. */
async function archived(ns: TestNamespace, records: number): Promise<void> {
  await waitFor(
    async () =>
      (await ns.count(
        `SELECT sum(\`to\`) FROM history_plan FINAL WHERE topic = '${ns.topics.events}' AND done`,
      )) >= records,
    { timeoutMs: 60_000 },
  );
}

const answer = (end: VerbEnd): Record<string, unknown> => {
  expect([end.code, end.stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(end.stdout) as Record<string, unknown>;
};

/** Lets the broker forget all that is in the log. */
async function forgetLog(ns: TestNamespace): Promise<void> {
  const admin = ns.kafka.admin();
  await admin.connect();
  const topic = ns.topics.events;
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({
    topic,
    partitions: offsets.map(({ partition, high }) => ({
      partition,
      offset: high,
    })),
  });
  await admin.disconnect();
}

test("a lost state comes back from the archive, byte for byte", async () => {
  const ns = await testNamespace();
  const redis = namespaceRedis(ns.namespace);
  await startHistorian(ns.namespace);
  const processor = await startProcessor(ns.namespace);
  await ns.append(orderRecords(ns, { from: 0, count: orders, customers }));
  await logOnceFolded(ns, redis);
  await processor.stop();
  const records = await folded(redis, ns.namespace);
  await archived(ns, records);
  const before = await dumpState(redis, ns.namespace);

  await destroyState(redis, ns.namespace);
  await forgetLog(ns);
  const result = answer(
    await stateVerb(ns, ["rebuild", "--switch", "-o", "json"]),
  );
  expect(result).toMatchObject({ records, customers, compared: 0 });
  const after = await dumpState(redis, ns.namespace);
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [key, value] of before)
    expect([key, after.get(key)]).toEqual([key, value]);

  // The processor takes it up, and separately written code agrees.
  await startProcessor(ns.namespace);
  await ns.append(orderRecords(ns, { from: orders, count: 300, customers }));
  await waitFor(
    async () => (await folded(redis, ns.namespace)) >= records + 300,
    { timeoutMs: 60_000 },
  );
  const verdict = answer(await stateVerb(ns, ["verify", "-o", "json"]));
  expect(verdict).toMatchObject({ compared: customers, differing: 0 });
});

/** Appends orders again and again, each time folded, until the work is done. */
async function underLoad<Value>(
  ns: TestNamespace,
  redis: Redis,
  from: number,
  work: Promise<Value>,
): Promise<{ readonly value: Value; readonly next: number }> {
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  let next = from;
  while (!done) {
    const before = await folded(redis, ns.namespace);
    await ns.append(orderRecords(ns, { from: next, count: 20, customers }));
    await waitFor(
      async () => (await folded(redis, ns.namespace)) >= before + 20,
    );
    next += 20;
  }
  return { value: await end, next };
}

/** A customer whom no load touches, and whose stored state is made wrong. */
async function spoilOne(redis: Redis, ns: TestNamespace): Promise<string> {
  const [quiet, other] = ["C-quiet", "C-other"];
  const placed = orderRecords(ns, { from: 900_000, count: 2, customers: 2 });
  await ns.append(
    placed.map((item, i) => {
      const id = [quiet, other][i] ?? "";
      if (item.record.name !== "OrderPlaced") throw new Error("no order");
      const value = { ...item.record.value, customerId: id };
      return { ...item, key: id, record: { name: "OrderPlaced", value } };
    }),
  );
  await logOnceFolded(ns, redis);
  const keyOf = async (id: string): Promise<string> => {
    for (let p = 0; p < 12; p += 1) {
      const key = partitionKeys(ns.namespace, p).customer(id);
      if ((await redis.exists(key)) === 1) return key;
    }
    throw new Error(`${id} has no state`);
  };
  const bytes = await redis.getBuffer(await keyOf(other));
  await redis.set(await keyOf(quiet), bytes ?? "");
  return quiet;
}

test("a wrong state is named, and exchanged while the processor runs", async () => {
  const ns = await testNamespace();
  const redis = namespaceRedis(ns.namespace);
  await startHistorian(ns.namespace);
  await startProcessor(ns.namespace);
  await ns.append(orderRecords(ns, { from: 0, count: orders, customers }));
  await logOnceFolded(ns, redis);
  const spoilt = await spoilOne(redis, ns);

  const looked = await underLoad(
    ns,
    redis,
    orders,
    stateVerb(ns, ["rebuild", "-o", "json"]),
  );
  expect(looked.value.code).toBe(1);
  expect(JSON.parse(looked.value.stdout)).toMatchObject({
    ...{ compared: customers + 2, differing: 1, names: [spoilt] },
    switched: false,
  });
  expect(await redis.keys(`{${ns.namespace}:*:rebuild:*`)).toEqual([]);

  const cured = await underLoad(
    ns,
    redis,
    looked.next,
    stateVerb(ns, ["rebuild", "--switch", "-o", "json"]),
  );
  expect(answer(cured.value)).toMatchObject({ switched: true });
  // Nobody folded twice or left out anything meanwhile.
  await waitFor(
    async () =>
      (await folded(redis, ns.namespace)) >=
      (await recordsIn(ns, ns.topics.events)),
    { timeoutMs: 60_000 },
  );
  const verdict = answer(await stateVerb(ns, ["verify", "-o", "json"]));
  expect(verdict).toMatchObject({ compared: customers + 2, differing: 0 });
  await expectRepeatsIdentical(ns);
  expect(await redis.keys(`{${ns.namespace}:*:rebuild:*`)).toEqual([]);
});
