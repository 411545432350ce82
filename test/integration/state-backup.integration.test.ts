/**
 * `state backup` while everything runs; then Redis and ClickHouse are
 * destroyed, restored, and catch up from the log.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { namespaceRedis } from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { testFolder } from "../support/ingest.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { orderRecords, startProcessor } from "../support/processor.ts";
import { folded, logOnceFolded, recordsIn } from "../support/replay.ts";
import {
  destroyState,
  dumpState,
  stateVerb,
  type VerbEnd,
} from "../support/state-verb.ts";
import { waitFor } from "../support/stack.ts";

const customers = 60;
const tables = ["log", "events", "score_changes", "alerts", "decisions"];
const rollups = ["events_hourly", "scores_hourly", "decisions_hourly"];

const answer = (end: VerbEnd): Record<string, unknown> => {
  expect([end.code, end.stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(end.stdout) as Record<string, unknown>;
};

/** Rows of every table, and how many of them carry a position twice. */
async function census(ns: TestNamespace): Promise<Record<string, number>> {
  const out: Record<string, number> = {};
  for (const table of tables) {
    const n = ["log", "events"].includes(table) ? "" : ", n";
    out[table] = await ns.count(`SELECT count() FROM ${table} FINAL`);
    out[`${table} twice`] = await ns.count(
      `SELECT count() - uniqExact(\`partition\`, \`offset\`${n}) FROM ${table}`,
    );
  }
  const [events, scores, decisions] = rollups;
  out["events by hour"] = await ns.count(`SELECT sum(events) FROM ${events}`);
  out["scores by hour"] = await ns.count(`SELECT sum(changes) FROM ${scores}`);
  out["decisions by hour"] = await ns.count(
    `SELECT sum(decisions) FROM ${decisions}`,
  );
  return out;
}

/** Waits until the historian holds all that is in the topics. */
async function settled(ns: TestNamespace): Promise<void> {
  const { events, scores, alerts, decisions, late, deadletters } = ns.topics;
  for (const topic of [events, scores, alerts, decisions, late, deadletters]) {
    await waitFor(
      async () =>
        (await ns.count(
          `SELECT sum(\`to\`) FROM history_plan FINAL WHERE topic = '${topic}' AND done`,
        )) >= (await recordsIn(ns, topic)),
      { timeoutMs: 60_000 },
    );
  }
}

test("what a backup holds comes back, and the log brings the rest", async () => {
  const ns = await testNamespace();
  const redis = namespaceRedis(ns.namespace);
  let historian = await startHistorian(ns.namespace);
  let processor = await startProcessor(ns.namespace);
  await ns.append(orderRecords(ns, { from: 0, count: 2000, customers }));
  await logOnceFolded(ns, redis);

  // Cut while records arrive, and some arrive after it.
  const folder = join(testFolder(), "backup");
  let isCut = false;
  const backup = stateVerb(ns, ["backup", folder, "-o", "json"]).finally(() => {
    isCut = true;
  });
  for (let from = 2000, isLast = false; !isLast; from += 50) {
    isLast = isCut;
    const before = await folded(redis, ns.namespace);
    await ns.append(orderRecords(ns, { from, count: 50, customers }));
    await waitFor(async () => (await folded(redis, ns.namespace)) > before);
  }
  const saved = answer(await backup);
  expect(saved["customers"]).toBe(customers);
  expect(await redis.keys(`{${ns.namespace}:*:backup:*`)).toEqual([]);

  await logOnceFolded(ns, redis);
  await settled(ns);
  const running = await stateVerb(ns, ["restore", folder]);
  expect([running.code, running.stderr]).toEqual([
    1,
    expect.stringContaining("stop first: processor, historian"),
  ]);
  await processor.stop();
  await historian.stop();
  expect(await folded(redis, ns.namespace)).toBe(
    await recordsIn(ns, ns.topics.events),
  );
  const before = {
    state: await dumpState(redis, ns.namespace),
    rows: await census(ns),
  };
  expect(before.rows["log"]).toBeGreaterThan(Number(saved["records"]));

  const held = await stateVerb(ns, ["restore", folder]);
  expect([held.code, held.stderr]).toEqual([
    1,
    expect.stringContaining("--replace"),
  ]);
  await destroyState(redis, ns.namespace);
  await ns.clickhouse.command({ query: `DROP DATABASE ${ns.database}` });
  const restored = answer(
    await stateVerb(ns, ["restore", folder, "-o", "json"]),
  );
  expect(restored).toMatchObject({
    ...{ customers, records: saved["records"], rows: saved["rows"] },
  });
  const cut = restored["cut"] as number[];
  const stored = await ns.rows<{ partition: number; end: number }>(
    "SELECT `partition`, toFloat64(max(`offset`)) + 1 AS end FROM log GROUP BY `partition`",
  );
  for (const { partition, end } of stored) expect(end).toBe(cut[partition]);

  historian = await startHistorian(ns.namespace);
  processor = await startProcessor(ns.namespace);
  await waitFor(
    async () =>
      (await folded(redis, ns.namespace)) >=
      (await recordsIn(ns, ns.topics.events)),
    { timeoutMs: 60_000 },
  );
  await settled(ns);
  await processor.stop();
  await historian.stop();
  const verdict = answer(await stateVerb(ns, ["verify", "-o", "json"]));
  expect(verdict).toMatchObject({ compared: customers, differing: 0 });
  expect(await census(ns)).toEqual(before.rows);

  const after = await dumpState(redis, ns.namespace);
  expect([...after.keys()]).toEqual([...before.state.keys()]);
  for (const [key, value] of before.state) {
    expect([key, after.get(key)]).toEqual([key, value]);
  }

  // A folder that was touched is refused before anything is changed.
  appendFileSync(join(folder, "log.native.gz"), "x");
  const broken = await stateVerb(ns, ["restore", folder, "--replace"]);
  expect([broken.code, broken.stderr]).toEqual([
    1,
    expect.stringContaining("was changed"),
  ]);
  expect(await census(ns)).toEqual(before.rows);
});
