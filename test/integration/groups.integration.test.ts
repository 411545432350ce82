/**
 * Groups and merges through the running product: members in different
 * partitions, each below its own limit, together above the group's.
 */
import type { NamedRecord } from "@riskwall/schemas";
import {
  groupSubject,
  isCustomer,
  logPartitions,
} from "@riskwall/schemas/names";
import { expect, test } from "vitest";
import { partitionOf } from "@riskwall/schemas/partition-of";
import { startDashboard, type Dashboard } from "../support/dashboard.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { logOnceFolded, expectStatesOfReplay } from "../support/replay.ts";
import { orderPlaced } from "../support/sample-records.ts";
import { startService } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";

/** Members that live in three partitions. */
const members = Array.from({ length: 40 }, (_, i) => `M-${String(i)}`)
  .filter(
    (id, i, all) =>
      all.findIndex((other) => partitionOf(other) === partitionOf(id)) === i,
  )
  .slice(0, 3);
const [first = "", second = "", third = ""] = members;

let count = 0;
function envelope(customerId: string) {
  count += 1;
  return {
    ...{ eventId: `e-${String(count)}`, source: "test-erp" },
    ...{ time: Date.now(), historical: false, customerId },
  };
}

async function append(
  space: TestNamespace,
  records: readonly NamedRecord[],
): Promise<void> {
  await space.append(
    records.map((record) => {
      const { value } = record;
      if (!("customerId" in value)) throw new Error("a record without subject");
      return {
        topic: space.topics.events,
        key: value.customerId ?? "",
        record,
      };
    }),
  );
}

const group = (): NamedRecord => ({
  name: "GroupSet",
  value: {
    ...envelope(groupSubject("G-1")),
    ...{ groupId: "G-1", name: "Nordwind", parent: null },
    ...{ limit: 100_000_00, currency: "CNY" },
  },
});
const member = (customerId: string): NamedRecord => ({
  name: "CustomerUpserted",
  value: {
    ...envelope(customerId),
    ...{ name: null, segment: null, industry: null, country: null },
    ...{ currency: "CNY", termsDays: null, since: null, owner: null },
    ...{ groupId: "G-1", creditLimit: 200_000_00 },
  },
});
const order = (n: number, customerId: string, amount: number): NamedRecord =>
  orderPlaced(n, { customerId, amount });

async function open(): Promise<{ space: TestNamespace; dashboard: Dashboard }> {
  const space = await testNamespace();
  const processor = await startService({
    entry: "processor/src/main.ts",
    portVariable: "RISKWALL_PROCESSOR_PORT",
    env: { RISKWALL_NAMESPACE: space.namespace, LOG_LEVEL: "warn" },
  });
  const dashboard = await startDashboard(space, {
    RISKWALL_PROCESSOR_URL: processor.url,
  });
  return { space, dashboard };
}

test("the order that the group has no room for is held, wherever its member lives", async () => {
  const { space, dashboard } = await open();
  await append(space, [group(), ...members.map(member)]);
  const path = `/api/customers/${third}`;
  // The limit is known everywhere with the next portfolio record: at once.
  await waitFor(async () => {
    const { body } = await dashboard.get(path);
    return JSON.stringify(body["group"] ?? {}).includes("100000.00");
  });
  await append(space, [
    order(1, first, 60_000_00),
    order(2, second, 50_000_00),
  ]);
  const seen = await waitFor(async () => {
    const { body } = await dashboard.get(path);
    const view = JSON.stringify(body["group"] ?? {});
    return view.includes('"exposure":"110000.00"') ? body : null;
  });
  expect(seen).toMatchObject({
    features: { grpExpUtil: 1.1 },
    group: { groupId: "G-1", utilisation: "1.1000", available: "-10000.00" },
  });
  await append(space, [order(3, third, 1_000_00)]);
  await waitFor(async () => {
    const { body } = await dashboard.get(path);
    return JSON.stringify(body["holds"] ?? []).includes("H11");
  });

  const alerts = await waitFor(async () => {
    const { body } = await dashboard.get("/api/alerts?rule=EXP-06");
    const items = body["items"] as { alertId: string }[];
    return items.length > 0 ? items : null;
  });
  expect(alerts).toMatchObject([
    {
      ...{ customerId: groupSubject("G-1"), severity: "high", state: "open" },
      explain: { group: "G-1", breach: "10000.00", memberCount: 3 },
    },
  ]);
  const acted = await dashboard.send(
    "POST",
    `/api/alerts/${alerts[0]?.alertId ?? ""}/actions`,
    { action: "acknowledge" },
  );
  expect(acted.status).toBe(202);
  await waitFor(async () => {
    const { body } = await dashboard.get(
      "/api/alerts?rule=EXP-06&state=acknowledged",
    );
    return (body["items"] as unknown[]).length === 1;
  });

  const listed = await dashboard.get("/api/groups");
  expect(listed.body).toMatchObject({
    items: [{ groupId: "G-1", members: 3, exposure: "110000.00" }],
    next: null,
  });
  const one = await dashboard.get("/api/groups/G-1");
  expect(one.body["largest"]).toMatchObject([
    { customerId: first, exposure: "60000.00" },
    { customerId: second, exposure: "50000.00" },
    { customerId: third, exposure: "0.00" },
  ]);
  expect((await dashboard.get("/api/groups/none")).status).toBe(404);
  // A group is no customer.
  const customers = await dashboard.get("/api/customers");
  const ids = (customers.body["items"] as { customerId: string }[]).map(
    ({ customerId }) => customerId,
  );
  expect(ids.filter((id) => !isCustomer(id))).toEqual([]);
  const { redis } = dashboard;
  const rows = await logOnceFolded(space, redis);
  await expectStatesOfReplay(space, redis, rows, 3);
});

test("a customer merged across partitions is one, and its old id leads there", async () => {
  const { space, dashboard } = await open();
  await append(space, [
    order(1, first, 10_000_00),
    order(2, second, 5_000_00),
    {
      name: "CustomerMerged",
      value: { ...envelope(first), into: second },
    },
    order(3, first, 2_000_00),
  ]);
  const view = await waitFor(async () => {
    const { body } = await dashboard.get(`/api/customers/${first}`);
    return JSON.stringify(body["exposure"] ?? {}).includes("17000.00")
      ? body
      : null;
  });
  expect(view).toMatchObject({
    customerId: second,
    aliases: [{ customerId: first }],
  });
  const { redis } = dashboard;
  const rows = await logOnceFolded(space, redis);
  expect(rows.length).toBeGreaterThan(logPartitions);
  await expectStatesOfReplay(space, redis, rows, 2);
});
