/**
 * A server that takes nothing more holds the fold up: it says what it waits
 * for, keeps no more than its bounds, loses nothing and goes on by itself.
 */
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import {
  orderRecords,
  registryProxy,
  startProcessor,
} from "../support/processor.ts";
import {
  expectRepeatsIdentical,
  expectStatesOfReplay,
  folded,
  logOnceFolded,
} from "../support/replay.ts";
import type { Service } from "../support/service.ts";
import { stack, waitFor } from "../support/stack.ts";

const customers = 60;
const residentMaxBytes = 1024 ** 3;

function connectRedis(): Redis {
  const redis = new Redis(stack().redisUrl);
  onTestFinished(() => {
    redis.disconnect();
  });
  return redis;
}

/** Waits until readyz refuses and names what is waited for, with `saying`. */
async function heldUp(
  processor: Service,
  what: string,
  saying: RegExp,
): Promise<void> {
  const named = new RegExp(`"what":"${what}","saying":"${saying.source}`);
  await waitFor(
    async () => {
      const reply = await fetch(`${processor.url}/readyz`);
      return reply.status === 503 && named.test(await reply.text());
    },
    { timeoutMs: 30_000 },
  );
}

/** Waits until the metric that the alert looks at passes its threshold. */
async function alertRaised(processor: Service): Promise<void> {
  const rules = readFileSync("deploy/monitoring/prometheus-rules.yaml", "utf8");
  const [, threshold = ""] =
    /riskwall_processor_stalled_seconds\) > (\d+)/.exec(rules) ?? [];
  await waitFor(
    async () => {
      const text = await (await fetch(`${processor.url}/metrics`)).text();
      const lines = text.matchAll(/stalled_seconds\{[^}]*\} ([\d.]+)/g);
      return [...lines].some(([, n]) => Number(n) > Number(threshold));
    },
    { timeoutMs: 30_000 },
  );
}

async function readyAgain(processor: Service): Promise<void> {
  await waitFor(async () => (await fetch(`${processor.url}/readyz`)).ok, {
    timeoutMs: 30_000,
  });
}

async function appended(ns: TestNamespace, from: number): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    const at = from + i * 1000;
    await ns.append(orderRecords(ns, { from: at, count: 1000, customers }));
  }
}

test("a full Redis is waited for, evicts nothing, and is gone on with", async () => {
  const ns = await testNamespace();
  const redis = connectRedis();
  const processor = await startProcessor(ns.namespace);
  await ns.append(orderRecords(ns, { from: 0, count: 500, customers }));
  await logOnceFolded(ns, redis);
  const before = await folded(redis, ns.namespace);
  const [, room = "0"] = (await redis.config("GET", "maxmemory")) as string[];
  const giveRoom = async (): Promise<void> => {
    await redis.config("SET", "maxmemory", room);
  };
  onTestFinished(giveRoom);
  await redis.config("SET", "maxmemory", "1mb");
  await appended(ns, 500);
  await heldUp(processor, "(commit|claim)", /OOM/);
  await alertRaised(processor);
  expect(await folded(redis, ns.namespace)).toBe(before);
  expect(await redis.info("stats")).toContain("evicted_keys:0\r");
  const status = readFileSync(`/proc/${String(processor.pid)}/status`, "utf8");
  const resident = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  expect(resident).toBeLessThan(residentMaxBytes);

  await giveRoom();
  const rows = await logOnceFolded(ns, redis);
  await readyAgain(processor);
  await expectStatesOfReplay(ns, redis, rows, customers);
  await expectRepeatsIdentical(ns);
});

test("a schema that only the registry knows is waited for while it is away", async () => {
  const ns = await testNamespace();
  const redis = connectRedis();
  const registry = await registryProxy();
  const processor = await startProcessor(ns.namespace, { registry });
  await ns.append(orderRecords(ns, { from: 0, count: 100, customers }));
  await logOnceFolded(ns, redis);

  registry.cut();
  const strange = Buffer.from([0, 0, 0x0f, 0x12, 0x06, 0]);
  const producer = ns.kafka.producer();
  await producer.connect();
  const { events } = ns.topics;
  const message = { key: "C-1", value: strange };
  await producer.send({ topic: events, acks: -1, messages: [message] });
  await producer.disconnect();
  await ns.append(orderRecords(ns, { from: 100, count: 500, customers }));
  await heldUp(processor, "schema", /.+/);
  await alertRaised(processor);

  registry.restore();
  await logOnceFolded(ns, redis);
  await readyAgain(processor);
});
