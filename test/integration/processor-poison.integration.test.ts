/**
 * A record at which the fold itself fails halts its partition after the third
 * try and no other; a person passes it, and it is kept as a dead letter.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { partitionOf } from "@riskwall/schemas/partition-of";
import { startHistorian } from "../support/historian.ts";
import { testNamespace } from "../support/namespace.ts";
import { orderRecords, startProcessor } from "../support/processor.ts";
import { logOnceFolded, nextOf, readAll } from "../support/replay.ts";
import { stack, waitFor } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const customers = 36;
const poisoned = "C-5";

async function dlqSkip(
  namespace: string,
  partition: number,
  offset: number,
): Promise<string> {
  const place = ["--partition", String(partition), "--offset", String(offset)];
  const { stdout } = await run(
    process.execPath,
    ["processor/src/cli.ts", "dlq", "skip", ...place, "--reason", "test"],
    { cwd: root, env: { ...process.env, RISKWALL_NAMESPACE: namespace } },
  );
  return stdout;
}

test("a poisoned record halts its partition, is named, and can be passed", async () => {
  const ns = await testNamespace();
  const redis = new Redis(stack().redisUrl);
  onTestFinished(() => {
    redis.disconnect();
  });
  await startHistorian(ns.namespace);
  await ns.append(orderRecords(ns, { from: 0, count: 72, customers }));
  const log = await readAll(ns, ns.topics.events);
  const places = log.filter((row) => {
    const decoded = ns.codec.decode(row.value);
    if (decoded.kind !== "record") throw new Error("not decodable");
    const { value } = decoded.record;
    return "customerId" in value && value.customerId === poisoned;
  });
  expect(places).toHaveLength(2);
  const partition = partitionOf(poisoned);
  const processor = await startProcessor(ns.namespace, {
    unready: true,
    failCustomer: poisoned,
  });
  for (const place of places) {
    const halted = await waitFor(async () => {
      const answer = await fetch(`${processor.url}/readyz`);
      const { partitions } = (await answer.json()) as {
        readonly partitions: readonly {
          readonly partition: number;
          readonly halted: string | null;
        }[];
      };
      const found = partitions.filter((item) => item.halted !== null);
      const next = (await nextOf(redis, ns.namespace))[partition];
      return found.length > 0 && next === place.offset ? found : null;
    });
    expect(halted).toMatchObject([{ partition, halted: "POISON" }]);
    await dlqSkip(ns.namespace, partition, place.offset);
  }
  await logOnceFolded(ns, redis);
  await waitFor(async () => (await fetch(`${processor.url}/readyz`)).ok);
  for (const offset of [places[0]?.offset ?? 0, 10_000]) {
    // What is folded already, or not there yet, cannot be passed.
    const refused = dlqSkip(ns.namespace, partition, offset);
    await expect(refused).rejects.toMatchObject({ code: 1 });
  }
  const letters = await waitFor(async () => {
    const rows = await ns.rows<{ customer_id: string; code: string }>(
      "SELECT customer_id, code FROM dead_letters ORDER BY `offset`",
    );
    return rows.length === places.length ? rows : null;
  });
  for (const letter of letters) {
    expect(letter).toEqual({ customer_id: poisoned, code: "SKIPPED" });
  }
});
