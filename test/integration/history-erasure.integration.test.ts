import type { NamedRecord } from "@riskwall/schemas";
import { expect, test } from "vitest";
import { startHistorian } from "../support/historian.ts";
import { testNamespace } from "../support/namespace.ts";
import {
  alert,
  decision,
  orderPlaced,
  scoreChange,
} from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";

const partition = 5;
const gone = "C-gone";

/** What the fold said of the customer's first record. */
function outputsOf(
  customerId: string,
  offset: number,
): (readonly ["scores" | "alerts" | "decisions" | "late", NamedRecord])[] {
  const of = { customerId, partition, offset, n: 0 };
  const late: NamedRecord = {
    name: "Late",
    value: {
      ...{ ...of, reason: "beyond-window", eventId: "e-0" },
      ...{ source: "test-erp", type: "order.placed", time: Date.now() },
      ...{ appendedAt: Date.now(), raw: Buffer.from("raw") },
    },
  };
  return [
    ["scores", scoreChange(of)],
    ["alerts", alert(of)],
    ["decisions", decision(of)],
    ["late", late],
  ];
}

test("an erased customer leaves the history; the archive keeps its places", async () => {
  const space = await testNamespace();
  const { topics } = space;
  const log: NamedRecord[] = [
    orderPlaced(1, { customerId: gone }),
    orderPlaced(2, { customerId: "C-stays" }),
    {
      name: "CustomerErased",
      value: {
        ...{ eventId: "erase", source: "test-erp", time: Date.now() },
        ...{ historical: false, customerId: gone, reason: "asked for it" },
      },
    },
    orderPlaced(3, { customerId: gone }),
  ];
  await startHistorian(space.namespace);
  await space.append([
    ...outputsOf(gone, 0).map(([topic, record]) => ({
      ...{ topic: topics[topic], record, partition, key: gone },
    })),
    ...outputsOf("C-stays", 1).map(([topic, record]) => ({
      ...{ topic: topics[topic], record, partition, key: "C-stays" },
    })),
    ...log.map((record) => ({
      ...{ topic: topics.events, key: gone, partition, record },
    })),
  ]);
  await waitFor(
    async () => (await space.count("SELECT count() FROM log")) === log.length,
  );
  // Rows of both came together; those of one stay.
  for (const table of ["score_changes", "alerts", "decisions", "late"]) {
    await waitFor(async () => {
      const rows = await space.rows(`SELECT customer_id AS id FROM ${table}`);
      return JSON.stringify(rows) === '[{"id":"C-stays"}]';
    });
  }
  await waitFor(
    async () =>
      (await space.count("SELECT countIf(value = '') FROM log")) === 1,
  );
  expect(
    await space.rows(
      "SELECT toUInt32(`offset`) AS offset, customer_id, key, value = '' AS stub FROM log ORDER BY `offset`",
    ),
  ).toEqual([
    { offset: 0, customer_id: "", key: "", stub: 1 },
    { offset: 1, customer_id: "C-stays", key: gone, stub: 0 },
    { offset: 2, customer_id: gone, key: gone, stub: 0 },
    { offset: 3, customer_id: gone, key: gone, stub: 0 },
  ]);
  expect(
    await space.rows(
      "SELECT event_id, customer_id FROM events ORDER BY `offset`",
    ),
  ).toEqual([
    { event_id: "e-2", customer_id: "C-stays" },
    { event_id: "erase", customer_id: gone },
    { event_id: "e-3", customer_id: gone },
  ]);
});
