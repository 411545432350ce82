/**
 * The fold on a real Redis Cluster: its twelve tags lie in slots of several
 * nodes, one primary is killed under load, and what is left is what the
 * independent oracle makes of the log.
 */
import { logPartitions, partitionKeys } from "@riskwall/schemas/names";
import { openRedis, type RedisClient } from "@riskwall/schemas/redis-client";
import { expect, onTestFinished, test } from "vitest";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { orderRecords } from "../support/processor.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startService } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";
import { stateVerb } from "../support/state-verb.ts";

const customers = 60;
const perStep = 400;

async function nextOf(
  redis: RedisClient,
  namespace: string,
): Promise<number[]> {
  return Promise.all(
    Array.from({ length: logPartitions }, async (_, p) =>
      Number((await redis.hget(partitionKeys(namespace, p).meta, "next")) ?? 0),
    ),
  );
}

async function endsOf(ns: TestNamespace): Promise<number[]> {
  const admin = ns.kafka.admin();
  await admin.connect();
  try {
    const rows = await admin.fetchTopicOffsets(ns.topics.events);
    return rows
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ high }) => Number(high));
  } finally {
    await admin.disconnect();
  }
}

test("a primary of the cluster is killed under load: nothing lost, nothing double", async () => {
  const ns = await testNamespace();
  const cluster = await startRedisCluster();
  const env = { RISKWALL_REDIS_URL: cluster.setting };
  const { meta } = partitionKeys(ns.namespace, 0);
  const tags = Array.from(
    { length: logPartitions },
    (_, p) => partitionKeys(ns.namespace, p).meta,
  );
  const owners = await Promise.all(tags.map(cluster.primaryOf));
  expect(new Set(owners).size).toBeGreaterThan(1);
  await startService({
    entry: "processor/src/main.ts",
    portVariable: "RISKWALL_PROCESSOR_PORT",
    env: {
      ...env,
      RISKWALL_NAMESPACE: ns.namespace,
      RISKWALL_SESSION_MS: "3000",
    },
  });
  const redis = openRedis(cluster.setting, { commandTimeout: 5000 });
  redis.on("error", () => undefined);
  onTestFinished(() => {
    redis.disconnect();
  });
  const settled = async (): Promise<void> => {
    const ends = await endsOf(ns);
    await waitFor(
      async () => {
        const next = await nextOf(redis, ns.namespace);
        return ends.every((end, p) => (next[p] ?? 0) >= end);
      },
      { timeoutMs: 60_000 },
    );
  };
  let from = 0;
  const load = async (): Promise<void> => {
    await ns.append(orderRecords(ns, { from, count: perStep, customers }));
    from += perStep;
  };
  await load();
  await settled();
  const before = await cluster.primaryOf(meta);
  await load();
  await cluster.killPrimaryOf(meta);
  await load();
  await waitFor(async () => (await cluster.primaryOf(meta)) !== before, {
    timeoutMs: 30_000,
  });
  await load();
  await settled();
  const verdict = await stateVerb(ns, ["verify", "-o", "json"], env);
  expect(JSON.parse(verdict.stdout)).toMatchObject({
    compared: customers,
    differing: 0,
  });
});
