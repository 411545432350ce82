/**
 * `state verify` on what the product folded: clean while simulated events go
 * on, and exact about the one customer whose state is wrong.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { partitionKeys, logPartitions } from "@riskwall/schemas/names";
import { decodeState, encodeState } from "@riskwall/schemas/state";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { runSimulation } from "../../ingest/src/simulate/run.ts";
import {
  startGateway,
  testFolder,
  type VerbResult,
} from "../support/ingest.ts";
import { startHistorian } from "../support/historian.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { startProcessor } from "../support/processor.ts";
import { logOnceFolded, type LogRow } from "../support/replay.ts";
import { stack, waitFor } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const population = 40;

/** Runs the verb in the namespace. */
async function stateVerify(
  ns: TestNamespace,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<VerbResult> {
  const child = spawn(
    process.execPath,
    ["test/oracle/cli.ts", "state", "verify", ...args],
    {
      cwd: root,
      env: { ...process.env, RISKWALL_NAMESPACE: ns.namespace, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  return new Promise((done) => {
    child.once("close", (code, signal) => {
      done({ code, signal, stdout, stderr });
    });
  });
}

/** Key of a customer that has open invoices, with its id. */
async function indebted(
  redis: Redis,
  ns: TestNamespace,
): Promise<{ readonly id: string; readonly key: string }> {
  for (let partition = 0; partition < logPartitions; partition += 1) {
    const keys = partitionKeys(ns.namespace, partition);
    for (const id of await redis.zrange(keys.all, "0", "-1")) {
      const key = keys.customer(id);
      const bytes = await redis.getBuffer(key);
      if (bytes && decodeState(bytes).summary.receivables > 0) {
        return { id, key };
      }
    }
  }
  throw new Error("nobody owes anything");
}

/** Lets the broker forget the first half of every partition. */
async function forgetHalf(
  ns: TestNamespace,
  rows: readonly LogRow[],
): Promise<void> {
  const admin = ns.kafka.admin();
  await admin.connect();
  // The client must have met the topic before it can delete of it.
  await admin.fetchTopicOffsets(ns.topics.events);
  const counts = Map.groupBy(rows, ({ partition }) => partition);
  await admin.deleteTopicRecords({
    topic: ns.topics.events,
    partitions: [...counts].map(([partition, { length }]) => ({
      partition,
      offset: String(Math.floor(length / 2)),
    })),
  });
  await admin.disconnect();
}

test("verify is clean while events go on and names the one that differs", async () => {
  const ns = await testNamespace();
  const redis = new Redis(stack().redisUrl);
  onTestFinished(() => {
    redis.disconnect();
  });
  await startHistorian(ns.namespace);
  const gateway = await startGateway(ns);
  const processor = await startProcessor(ns.namespace);
  const said: string[] = [];
  const simulation = runSimulation(
    {
      seed: ns.namespace,
      customers: population,
      years: 1,
      speed: 1,
      rate: 30,
      home: testFolder(),
      ingestUrl: gateway.service.url,
      key: gateway.key,
      durationSeconds: 10,
      live: true,
      say: (line) => said.push(line),
    },
    () => false,
  );
  await waitFor(() => said.some((line) => line.startsWith("history:")));
  const during = await stateVerify(ns, ["-o", "ndjson"]);
  expect(during, during.stdout + during.stderr).toMatchObject({ code: 0 });
  await simulation;
  const log = await logOnceFolded(ns, redis);
  await processor.stop();

  const clean = await stateVerify(ns, ["-o", "json"]);
  expect(JSON.parse(clean.stdout), clean.stderr).toEqual({
    compared: population,
    differing: 0,
    customers: [],
  });
  expect(clean.code).toBe(0);

  await waitFor(
    async () =>
      (await ns.count("SELECT uniqExact(partition, offset) FROM log")) ===
      log.length,
    { timeoutMs: 60_000 },
  );
  await forgetHalf(ns, log);
  const archived = await stateVerify(ns, ["-o", "json"]);
  expect(archived, archived.stderr).toMatchObject({
    code: 0,
    stdout: clean.stdout,
  });

  const { id, key } = await indebted(redis, ns);
  const bytes = await redis.getBuffer(key);
  const state = decodeState(bytes ?? Buffer.alloc(0));
  const invoice = state.invoices.find(({ open }) => open > 0);
  if (!invoice) throw new Error("an invoice is open");
  invoice.open += 1;
  await redis.set(key, encodeState(state));
  const wrong = await stateVerify(ns, ["-o", "json"]);
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.stdout)).toEqual({
    compared: population,
    differing: 1,
    customers: [id],
  });
  const explained = await stateVerify(ns, ["--explain", id]);
  expect(explained.stdout).toContain(`differing 1\n  ${id}\ninvoices\n`);

  await redis.del(key);
  const missing = await stateVerify(ns, ["-o", "json"]);
  expect(JSON.parse(missing.stdout)).toMatchObject({ customers: [id] });

  await ns.clickhouse.command({ query: "TRUNCATE TABLE log" });
  const hole = await stateVerify(ns, ["-o", "json"]);
  expect(hole.code).toBe(1);
  expect(hole.stderr).toContain("holds offset 0 of partition");

  const nobody = { RISKWALL_NAMESPACE: `${ns.namespace}-none` };
  const unknown = await stateVerify(ns, [], nobody);
  expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
  expect(unknown.stderr).toContain("is not set up");

  const away = { RISKWALL_REDIS_URL: "redis://127.0.0.1:1" };
  expect((await stateVerify(ns, [], away)).code).toBe(4);
  expect((await stateVerify(ns, ["-o", "xml"])).code).toBe(2);
});
