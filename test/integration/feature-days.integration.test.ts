import { expect, test } from "vitest";
import { startHistorian } from "../support/historian.ts";
import { testNamespace } from "../support/namespace.ts";
import { startProcessor } from "../support/processor.ts";
import { orderPlaced } from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";

interface SnapshotRow {
  readonly customer_id: string;
  readonly day: string;
  readonly score: number;
  readonly class: string;
  readonly orders: number;
  readonly amount: number;
  readonly n: string;
  readonly offset: string;
}

test("a customer's features of the day are in ClickHouse, once, as it is shown", async () => {
  const space = await testNamespace();
  const processor = await startProcessor(space.namespace);
  const order = orderPlaced(1, { time: Date.now() });
  const { customerId } = order.value;
  await space.append([
    { topic: space.topics.events, key: customerId, record: order },
  ]);
  const shown = async (): Promise<Response> =>
    fetch(`${processor.url}/v1/customers/${customerId}`);
  await waitFor(async () => (await shown()).status === 200);
  const historian = await startHistorian(space.namespace);
  const rows = async (): Promise<SnapshotRow[]> =>
    space.rows<SnapshotRow>(
      "SELECT customer_id, day, score, class, toFloat64(numbers['ordCnt90d']) AS orders, toFloat64(numbers['ordAmt90d']) AS amount, n['ordCnt90d'] AS n, `offset` FROM feature_snapshots",
    );
  await waitFor(async () => (await rows()).length > 0);
  const view = (await (await shown()).json()) as {
    score: number;
    class: string;
    features: Record<string, string>;
  };
  const [row, ...more] = await rows();
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    ...{ customer_id: customerId, score: view.score, class: view.class },
    ...{ orders: 1, amount: Number(view.features["ordAmt90d"]) },
  });
  expect(Number(row?.n)).toBe(1);
  // At least the order; minutes of the portfolio may stand behind it.
  expect(Number(row?.offset)).toBeGreaterThanOrEqual(1);

  // Another process does not take the same day again, and takes who is new.
  await historian.stop();
  const other = orderPlaced(2, { time: Date.now(), customerId: "C-NEW" });
  await space.append([
    { topic: space.topics.events, key: "C-NEW", record: other },
  ]);
  await waitFor(
    async () =>
      (await fetch(`${processor.url}/v1/customers/C-NEW`)).status === 200,
  );
  await startHistorian(space.namespace);
  await waitFor(async () => (await rows()).length > 1);
  expect((await rows()).map((item) => item.customer_id).sort()).toEqual(
    [customerId, "C-NEW"].sort(),
  );
});
