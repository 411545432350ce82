/**
 * The adapter between the log and the fold, proven on the real broker and the
 * real Redis: what the log or Redis may do behind the processor's back either
 * changes no byte, or halts exactly that partition and says why.
 */
import { partitionKeys, logPartitions } from "@riskwall/schemas/names";
import { setupNamespace } from "@riskwall/schemas/setup";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { partitionOf } from "@riskwall/schemas/partition-of";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import {
  orderRecords,
  redisProxy,
  startProcessor,
} from "../support/processor.ts";
import { copyRedis, restoreRedis } from "../support/redis-copy.ts";
import {
  expectRepeatsIdentical,
  expectStatesOfReplay,
  logOnceFolded,
  nextOf,
  recordsByPartition,
} from "../support/replay.ts";
import type { Service } from "../support/service.ts";
import { stack, waitFor } from "../support/stack.ts";

const customers = 36;
const wholeMs = { timeoutMs: 60_000 };

interface Prepared {
  readonly ns: TestNamespace;
  readonly redis: Redis;
  readonly append: (count: number) => Promise<void>;
}

async function prepare(): Promise<Prepared> {
  const ns = await testNamespace();
  const redis = new Redis(stack().redisUrl);
  onTestFinished(() => {
    redis.disconnect();
  });
  let from = 0;
  return {
    ns,
    redis,
    append: async (count) => {
      await ns.append(orderRecords(ns, { from, count, customers }));
      from += count;
    },
  };
}

interface Status {
  readonly partition: number;
  readonly next: number | null;
  readonly claimed: boolean;
  readonly halted: string | null;
}

async function statusOf(service: Service): Promise<readonly Status[]> {
  const answer = await fetch(`${service.url}/readyz`);
  const body = (await answer.json()) as { readonly partitions: Status[] };
  return body.partitions;
}

/** Waits until the partition is halted; answers the code. */
async function haltOf(service: Service, partition: number): Promise<string> {
  return waitFor(async () => {
    const all = await statusOf(service);
    return all.find((item) => item.partition === partition)?.halted ?? null;
  }, wholeMs);
}

async function leases(redis: Redis, namespace: string): Promise<string[]> {
  return Promise.all(
    Array.from({ length: logPartitions }, async (_, p) =>
      String(await redis.hget(partitionKeys(namespace, p).meta, "lease")),
    ),
  );
}

/** Drops the records of a partition that the broker holds now; answers its low. */
async function dropRecords(
  ns: TestNamespace,
  partition: number,
): Promise<number> {
  const admin = ns.kafka.admin();
  await admin.connect();
  const topic = ns.topics.events;
  // deleteTopicRecords itself does not load the topic's metadata.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({
    topic,
    partitions: [{ partition, offset: "-1" }],
  });
  const bounds = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return Number(bounds.find((row) => row.partition === partition)?.low);
}

/** The log is deleted and made anew, empty. */
async function recreateLog(ns: TestNamespace): Promise<void> {
  const admin = ns.kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [ns.topics.events] });
  await waitFor(
    async () => !(await admin.listTopics()).includes(ns.topics.events),
  );
  await admin.disconnect();
  const { brokers, registryUrl, clickhouseUrl } = stack();
  await waitFor(async () => {
    await setupNamespace({
      namespace: ns.namespace,
      brokers,
      registryUrl,
      clickhouseUrl,
      home: null,
      retentionMs: "-1",
    });
    return true;
  });
}

test("a gap in the log while the processor is away halts that partition only", async () => {
  const { ns, redis, append } = await prepare();
  const first = await startProcessor(ns.namespace);
  await append(200);
  await logOnceFolded(ns, redis);
  await first.stop();
  const before = await nextOf(redis, ns.namespace);
  await append(200);
  const gone = partitionOf("C-0");
  await dropRecords(ns, gone);
  const second = await startProcessor(ns.namespace, { unready: true });
  expect(await haltOf(second, gone)).toBe("STATE_GAP");
  expect((await fetch(`${second.url}/readyz`)).status).toBe(503);
  await waitFor(async () => {
    const now = await nextOf(redis, ns.namespace);
    return now.every(
      (next, p) => p === gone || next > (before[p] ?? 0) || before[p] === 1,
    );
  }, wholeMs);
  const after = await nextOf(redis, ns.namespace);
  expect(after[gone]).toBe(before[gone]);
  const status = await statusOf(second);
  expect(status.filter((item) => item.halted !== null)).toHaveLength(1);
});

test("a gap in front of a running processor is not jumped over", async () => {
  const { ns, redis, append } = await prepare();
  const processor = await startProcessor(ns.namespace);
  await append(200);
  await logOnceFolded(ns, redis);
  const gone = partitionOf("C-0");
  process.kill(processor.pid, "SIGSTOP");
  // The fetch that is under way may still carry the first of these away.
  await append(200);
  await append(200);
  const low = await dropRecords(ns, gone);
  await append(200);
  process.kill(processor.pid, "SIGCONT");
  expect(await haltOf(processor, gone)).toBe("STATE_GAP");
  const after = await nextOf(redis, ns.namespace);
  expect(after[gone]).toBeLessThan(low);
});

test.each([
  { how: "while the processor is away", running: false },
  { how: "under the running processor", running: true },
])("a log made anew $how is not taken for the old one", async ({ running }) => {
  const { ns, redis, append } = await prepare();
  const first = await startProcessor(ns.namespace);
  await append(200);
  await logOnceFolded(ns, redis);
  const before = await nextOf(redis, ns.namespace);
  if (!running) await first.stop();
  await recreateLog(ns);
  const longer = partitionOf("C-0");
  const shorter = partitionOf("C-1");
  expect(shorter).not.toBe(longer);
  const other = orderRecords(ns, { from: 9000, count: 400, customers: 1 });
  await ns.append(other);
  const processor = running
    ? first
    : await startProcessor(ns.namespace, { unready: true });
  // A running processor looks while the new log is shorter still.
  const codes = running ? ["LOG_BEHIND_STATE", "OTHER_LOG"] : ["OTHER_LOG"];
  expect(codes).toContain(await haltOf(processor, longer));
  expect(await haltOf(processor, shorter)).toBe("LOG_BEHIND_STATE");
  expect(await nextOf(redis, ns.namespace)).toEqual(before);
});

test("a commit whose reply is lost is neither repeated nor fenced", async () => {
  const { ns, redis, append } = await prepare();
  const proxy = await redisProxy();
  await startProcessor(ns.namespace, { proxy });
  await append(100);
  await logOnceFolded(ns, redis);
  const held = await leases(redis, ns.namespace);
  for (let round = 0; round < 3; round += 1) {
    const lost = proxy.loseReply('"hash":"');
    await append(200);
    await lost;
    await logOnceFolded(ns, redis);
  }
  const rows = await logOnceFolded(ns, redis);
  await expectStatesOfReplay(ns, redis, rows, customers);
  expect(await expectRepeatsIdentical(ns)).toBe(0);
  expect(await leases(redis, ns.namespace)).toEqual(held);
});

test("Redis goes away under load and comes back", async () => {
  const { ns, redis, append } = await prepare();
  const proxy = await redisProxy();
  const processor = await startProcessor(ns.namespace, { proxy });
  await append(300);
  proxy.cut();
  await append(300);
  await waitFor(
    async () => (await fetch(`${processor.url}/readyz`)).status === 503,
  );
  proxy.restore();
  const rows = await logOnceFolded(ns, redis);
  await waitFor(async () => (await fetch(`${processor.url}/readyz`)).ok);
  await expectStatesOfReplay(ns, redis, rows, customers);
  await expectRepeatsIdentical(ns);
});

test("a Redis that came back older is caught up, with the same outputs", async () => {
  const { ns, redis, append } = await prepare();
  const first = await startProcessor(ns.namespace);
  await append(300);
  await logOnceFolded(ns, redis);
  // Older by some commits of the same lease.
  const sameLease = await copyRedis(redis, ns.namespace);
  await append(300);
  await logOnceFolded(ns, redis);
  await restoreRedis(redis, ns.namespace, sameLease);
  await append(1);
  await append(100);
  await logOnceFolded(ns, redis);
  // Older than the lease.
  const olderLease = await copyRedis(redis, ns.namespace);
  await first.stop();
  await startProcessor(ns.namespace);
  await append(200);
  await logOnceFolded(ns, redis);
  await restoreRedis(redis, ns.namespace, olderLease);
  await append(100);
  await logOnceFolded(ns, redis);
  // Empty.
  await restoreRedis(redis, ns.namespace, new Map());
  await append(100);
  const rows = await logOnceFolded(ns, redis);
  await expectStatesOfReplay(ns, redis, rows, customers);
  expect(await expectRepeatsIdentical(ns)).toBeGreaterThan(0);
});

test("a batch that is running while the group joins again is fenced", async () => {
  const { ns, redis, append } = await prepare();
  const proxy = await redisProxy();
  const first = await startProcessor(ns.namespace, { proxy });
  await append(100);
  await logOnceFolded(ns, redis);
  const held = proxy.holdRequest('"hash":"');
  await append(300);
  await held;
  // The second takes over part of what the first is still committing.
  const second = await startProcessor(ns.namespace, { unready: true });
  const taken = async (): Promise<readonly Status[]> =>
    (await statusOf(second)).filter((item) => item.claimed);
  const ends = await recordsByPartition(ns, ns.topics.events);
  await waitFor(async () => {
    const all = await taken();
    const isFolded = all.every((item) => item.next === ends[item.partition]);
    return all.length > 0 && isFolded;
  }, wholeMs);
  proxy.release();
  await append(300);
  const rows = await logOnceFolded(ns, redis);
  await waitFor(async () => {
    const all = [...(await statusOf(first)), ...(await statusOf(second))];
    return all.length === logPartitions && all.every((item) => item.claimed);
  }, wholeMs);
  await expectStatesOfReplay(ns, redis, rows, customers);
  await expectRepeatsIdentical(ns);
});
