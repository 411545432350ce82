/** Limits and questions through the running product: four eyes, what-if. */
import type { OperatorAction } from "@riskwall/schemas";
import { expect, test } from "vitest";
import { startDashboard, type Dashboard } from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { orderPlaced } from "../support/sample-records.ts";
import { startService, type Service } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";

interface Desk {
  readonly space: TestNamespace;
  readonly dashboard: Dashboard;
  readonly processor: Service;
}

/** A customer with a limit of 10,000 and a held order of 50,000. */
async function openDesk(): Promise<Desk> {
  const space = await testNamespace();
  const processor = await startService({
    entry: "processor/src/main.ts",
    portVariable: "RISKWALL_PROCESSOR_PORT",
    env: { RISKWALL_NAMESPACE: space.namespace, LOG_LEVEL: "warn" },
  });
  const dashboard = await startDashboard(space, {
    RISKWALL_PROCESSOR_URL: processor.url,
  });
  const envelope = { source: "test-erp", time: Date.now(), historical: false };
  const limit = { amount: 10_000_00, currency: "CNY", kind: "standing" };
  const { topics } = space;
  await space.append([
    {
      ...{ topic: topics.events, key: "C-1" },
      record: {
        name: "CustomerLimitSet",
        value: {
          ...{ ...envelope, ...limit, eventId: "limit", customerId: "C-1" },
          ...{ reason: "test", validFrom: null, validTo: null },
        },
      },
    },
    {
      ...{ topic: topics.events, key: "C-1" },
      record: orderPlaced(1, { customerId: "C-1", amount: 50_000_00 }),
    },
  ]);
  await waitFor(async () => {
    const { body } = await dashboard.get("/api/customers/C-1");
    return JSON.stringify(body["holds"] ?? []).includes("SO-1");
  });
  return { space, dashboard, processor };
}

/** What another operator asks for. */
const asked: OperatorAction = {
  ...{ eventId: "ask", source: "dashboard", time: 0, historical: false },
  ...{ customerId: "C-1", actionId: "ask", actor: "li", target: "customer" },
  ...{ targetId: "C-1", action: "set-limit", expected: null, note: null },
  ...{ reason: "good year", amount: 900_000_00, currency: "CNY" },
  ...{ kind: "standing", until: null, assignee: null, secondActor: null },
};

test("a large raise takes two people, and frees the order then", async () => {
  const { space, dashboard } = await openDesk();
  const path = "/api/customers/C-1/actions";
  const raise = { action: "set-limit", amount: "800000.00", currency: "CNY" };
  const mine = await dashboard.send("POST", path, {
    ...{ ...raise, kind: "standing", reason: "good year" },
  });
  expect(mine).toMatchObject({
    ...{ status: 202, body: { applied: false, awaits: "second-person" } },
  });
  const own = await dashboard.send("POST", path, { action: "approve-limit" });
  expect(own).toMatchObject({ status: 409, body: { code: "SAME_PERSON" } });

  const value = { ...asked, time: Date.now() };
  await space.append([
    {
      ...{ topic: space.topics.events, key: "C-1" },
      record: { name: "OperatorAction", value },
    },
  ]);
  const limit = async (): Promise<Record<string, unknown>> => {
    const { body } = await dashboard.get("/api/customers/C-1");
    return body["limit"] as Record<string, unknown>;
  };
  await waitFor(async () =>
    JSON.stringify((await limit())["request"]).includes('"li"'),
  );
  expect(await limit()).toMatchObject({
    effective: "10000.00",
    request: { version: 2, amount: "900000.00", requestedBy: "li" },
  });
  const approve = { action: "approve-limit", reason: "seen the accounts" };
  const old = await dashboard.send("POST", path, { ...approve, expected: 1 });
  expect(old).toMatchObject({ status: 409, body: { code: "STALE" } });
  const done = await dashboard.send("POST", path, { ...approve, expected: 2 });
  expect(done).toMatchObject({ status: 202, body: { applied: true } });
  const after = await waitFor(async () => {
    const { body } = await dashboard.get("/api/customers/C-1");
    return (body["holds"] as unknown[]).length === 0 ? body : null;
  });
  expect(after["limit"]).toMatchObject({
    ...{ effective: "900000.00", setBy: "li", approvedBy: "operator" },
    ...{ request: null, proposal: { bound: "starter", amount: "50000.00" } },
  });
  // History keeps who asked and who approved.
  await startHistorian(space.namespace);
  const rows = await waitFor(async () => {
    const read = await space.rows<{ kind: string }>(
      "SELECT kind, actor, second_actor, toString(amount_after) AS after FROM limit_changes FINAL ORDER BY `offset`, n",
    );
    return read.some((row) => row.kind === "approved") ? read : null;
  });
  expect(rows).toMatchObject([
    { kind: "proposed" },
    { kind: "requested", actor: "operator", after: "800000" },
    { kind: "requested", actor: "li", second_actor: "", after: "900000" },
    { kind: "approved", actor: "li", second_actor: "operator" },
  ]);
});

test("what-if foresees a release and writes nothing", async () => {
  const { dashboard } = await openDesk();
  const path = "/api/customers/C-1/whatif";
  const before = await dashboard.get("/api/customers/C-1");
  const release = await dashboard.get(`${path}?order=SO-1`);
  expect(release).toMatchObject({
    status: 200,
    body: {
      before: { exposure: "0.00", headroom: "10000.00" },
      after: { exposure: "50000.00", headroom: "-40000.00" },
    },
  });
  const place = await dashboard.get(`${path}?amount=4000&currency=CNY`);
  expect(place.body["decisions"]).toMatchObject([{ outcome: "allow" }]);
  const cases = [
    [`${path}?invoicePaid=none`, 422, "invoice_not_open"],
    [`${path}?unpaidDays=I1`, 422, "invalid_query"],
    [path, 422, "invalid_query"],
    ["/api/customers/C-404/whatif?order=x", 404, "customer_unknown"],
  ] as const;
  for (const [url, status, code] of cases) {
    expect(await dashboard.get(url)).toMatchObject({ status, body: { code } });
  }
  const after = await dashboard.get("/api/customers/C-1");
  expect(after.body["exposure"]).toEqual(before.body["exposure"]);
  expect(after.body["holds"]).toEqual(before.body["holds"]);
});

test("500 credit checks are answered at once, each by itself", async () => {
  const { space, processor } = await openDesk();
  const ids = Array.from({ length: 250 }, (_, i) => `K-${String(i)}`);
  await space.append(
    ids.map((customerId, i) => ({
      ...{ topic: space.topics.events, key: customerId },
      record: orderPlaced(i + 10, { customerId, amount: 1000_00 }),
    })),
  );
  const check = async (
    orders: readonly object[],
  ): Promise<{ status: number; checks: Record<string, unknown>[] }> => {
    const reply = await fetch(`${processor.url}/v1/credit-checks`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ orders }),
    });
    const body = (await reply.json()) as { checks?: [] };
    return { status: reply.status, checks: body.checks ?? [] };
  };
  const order = (customerId: string, amount: string): object => ({
    ...{ customerId, amount, currency: "CNY" },
  });
  const orders = [
    order("C-1", "9000.00"),
    order("C-1", "5000.00"),
    order("C-1", "5000.00"),
    order("nobody", "1.00"),
    order("C-1", "1.234"),
    ...ids.map((id) => order(id, "10.00")),
    ...Array.from({ length: 245 }, () => order("C-1", "20000.00")),
  ];
  await waitFor(async () => {
    const { checks } = await check(ids.map((id) => order(id, "10.00")));
    return checks.every((one) => one["exposureBefore"] === "1000.00");
  });
  const began = performance.now();
  const { status, checks } = await check(orders);
  const tookMs = performance.now() - began;
  expect(status).toBe(200);
  expect(checks).toHaveLength(500);
  expect(checks.slice(0, 5)).toMatchObject([
    { outcome: "hold", codes: ["H05"] },
    { outcome: "allow", exposureAfter: "5000.00", headroom: "5000.00" },
    { outcome: "allow", exposureBefore: "0.00" },
    { outcome: "allow", limit: null },
    { error: { code: "amount_too_precise" } },
  ]);
  expect(checks.at(-1)).toMatchObject({
    ...{ index: 499, outcome: "hold", codes: ["H01", "H05"] },
    clearsEn: expect.stringContaining(
      "raise the limit to ¥20,000.00",
    ) as unknown,
  });
  console.info(`500 credit checks in ${tookMs.toFixed(0)} ms`);
  expect(tookMs).toBeLessThan(2000);
  const many = await check([...orders, order("C-1", "1.00")]);
  expect(many.status).toBe(422);
});
