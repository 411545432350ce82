/**
 * Redis came back older while the outputs are ahead: what the wall showed
 * stays, marked, until the processor has folded its way back.
 */
import { expect, test } from "vitest";
import { startDashboard } from "../support/dashboard.ts";
import { testNamespace } from "../support/namespace.ts";
import { orderRecords, startProcessor } from "../support/processor.ts";
import { copyRedis, restoreRedis } from "../support/redis-copy.ts";
import { logOnceFolded } from "../support/replay.ts";
import { waitFor } from "../support/stack.ts";

const customers = 8;

test("nothing on the wall moves backward while state is folded again", async () => {
  const space = await testNamespace();
  const { namespace } = space;
  const processor = await startProcessor(namespace);
  const dashboard = await startDashboard(space);
  const { redis } = dashboard;
  const client = dashboard.connect();
  await client.connected();
  await client.subscribe("portfolio");

  const exposures = async (): Promise<string> => {
    const { body } = await dashboard.get("/api/customers?limit=50");
    const items = body["items"] as { customerId: string; exposure: string }[];
    const rows = items.map((row) => `${row.customerId} ${row.exposure}`);
    return rows.sort().join(", ");
  };
  const total = (): number => {
    const row = client.rows("portfolio").get("totals");
    return Number(JSON.stringify(row).split('"exposure":"')[1]?.split('"')[0]);
  };
  const rebuilding = (): boolean =>
    client.heartbeats.at(-1)?.rebuilding === true;
  /** What the wall shows, once list and total say the same. */
  const settled = async (): Promise<string> =>
    waitFor(async () => {
      const rows = await exposures();
      const sum = [...rows.matchAll(/ ([\d.]+)(?:,|$)/g)].reduce(
        (cents, [, amount]) => cents + Math.round(Number(amount) * 100),
        0,
      );
      return sum > 0 && sum === Math.round(total() * 100) ? rows : null;
    });

  await space.append(orderRecords(space, { from: 0, count: 40, customers }));
  await logOnceFolded(space, redis);
  const first = await settled();
  const older = await copyRedis(redis, namespace);
  await space.append(orderRecords(space, { from: 40, count: 40, customers }));
  await logOnceFolded(space, redis);
  const shown = await waitFor(async () => {
    const now = await settled();
    return now === first ? null : now;
  });
  expect(rebuilding()).toBe(false);

  await processor.kill();
  await restoreRedis(redis, namespace, older);
  await waitFor(rebuilding);
  expect(await settled()).toBe(shown);

  await startProcessor(namespace);
  await waitFor(() => !rebuilding(), { timeoutMs: 60_000 });
  await waitFor(async () => (await settled()) === shown);
});
