/**
 * Exactly once under kill -9: the only processor is killed ten times under
 * load; afterwards the state in Redis equals a replay of the log, byte for
 * byte, and what separately written code makes of it, repeated outputs are identical to the first, and ClickHouse holds every
 * acknowledged event once.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startHistorian } from "../support/historian.ts";
import { testNamespace } from "../support/namespace.ts";
import { orderRecords, startProcessor } from "../support/processor.ts";
import {
  expectRepeatsIdentical,
  expectStatesOfReplay,
  folded,
  logOnceFolded,
} from "../support/replay.ts";
import { stack, waitFor } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kills = 10;
const customers = 60;
const perKill = 300;

test("ten kills under load change no byte", async () => {
  const ns = await testNamespace();
  const redis = new Redis(stack().redisUrl);
  await startHistorian(ns.namespace);
  let processor = await startProcessor(ns.namespace, { unready: true });
  for (let round = 0; round < kills; round += 1) {
    const from = round * perKill;
    await ns.append(orderRecords(ns, { from, count: perKill, customers }));
    const before = await folded(redis, ns.namespace);
    await waitFor(async () => (await folded(redis, ns.namespace)) > before, {
      timeoutMs: 60_000,
    });
    await processor.kill();
    processor = await startProcessor(ns.namespace, { unready: true });
  }
  const rows = await logOnceFolded(ns, redis);
  await processor.kill();
  await expectStatesOfReplay(ns, redis, rows, customers);
  await expectRepeatsIdentical(ns);
  redis.disconnect();
  // Rejects when anything differs.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["test/oracle/cli.ts", "state", "verify", "-o", "json"],
    { cwd: root, env: { ...process.env, RISKWALL_NAMESPACE: ns.namespace } },
  );
  expect(JSON.parse(stdout)).toMatchObject({
    compared: customers,
    differing: 0,
  });
  const sent = kills * perKill;
  await waitFor(
    async () => (await ns.count("SELECT count() FROM log")) >= rows.length,
    { timeoutMs: 60_000 },
  );
  expect(await ns.count("SELECT count() FROM log")).toBe(rows.length);
  expect(await ns.count("SELECT count() FROM events")).toBe(sent);
  expect(await ns.count("SELECT uniqExact(source, event_id) FROM events")).toBe(
    sent,
  );
});
