/** Operators act, the fold answers: dashboard and processor together. */
import { expect, test } from "vitest";
import { startDashboard, type Dashboard } from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { orderPlaced } from "../support/sample-records.ts";
import { startService } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";

interface Desk {
  readonly space: TestNamespace;
  readonly dashboard: Dashboard;
}

/** A customer with a limit, and an order far beyond it that is held. */
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
  const time = Date.now();
  const envelope = { source: "test-erp", time, historical: false } as const;
  await space.append([
    {
      topic: space.topics.events,
      key: "C-1",
      record: {
        name: "CustomerLimitSet",
        value: {
          ...envelope,
          eventId: "limit",
          customerId: "C-1",
          amount: 10_000_00,
          currency: "CNY",
          kind: "standing",
          reason: "test",
          validFrom: null,
          validTo: null,
        },
      },
    },
    {
      topic: space.topics.events,
      key: "C-1",
      record: orderPlaced(1, { customerId: "C-1", amount: 50_000_00 }),
    },
  ]);
  await waitFor(async () => {
    const { body } = await dashboard.get("/api/live/orders");
    return JSON.stringify(body).includes("SO-1");
  });
  return { space, dashboard };
}

test("a held order is released with a reason, once", async () => {
  const { dashboard } = await openDesk();
  const path = "/api/orders/SO-1/actions";
  const silent = await dashboard.send("POST", path, { action: "release" });
  expect(silent.status).toBe(422);
  expect(silent.body).toMatchObject({ code: "invalid_body", path: "reason" });

  const release = { action: "release", reason: "prepaid" };
  // A phone that heard no answer sends the same again.
  const under = (key: string) => ({
    ...{ cookie: dashboard.cookie, "content-type": "application/json" },
    "idempotency-key": key,
  });
  const done = await dashboard.send("POST", path, release, under("k1"));
  expect(done.status).toBe(202);
  expect(done.body).toMatchObject({ outcome: "allow" });
  const again = await dashboard.send("POST", path, release, under("k1"));
  expect([again.status, again.body]).toEqual([202, done.body]);
  const other = { ...release, reason: "covered" };
  const mixed = await dashboard.send("POST", path, other, under("k1"));
  expect(mixed.status).toBe(422);
  expect(mixed.body["code"]).toBe("idempotency_mismatch");
  for (let i = 0; i < 2; i += 1) {
    const late = await dashboard.send("POST", path, release, under("k2"));
    expect(late.status).toBe(409);
    expect(late.body["code"]).toBe("NOT_HELD");
  }

  const twice = await dashboard.send("POST", path, release);
  expect(twice.status).toBe(409);
  expect(twice.body["code"]).toBe("NOT_HELD");
  const unknown = await dashboard.send(
    "POST",
    "/api/orders/none/actions",
    release,
  );
  expect(unknown.status).toBe(404);
});

test("a held order waits in the queue with its reasons until somebody decides", async () => {
  const { dashboard } = await openDesk();
  const queue = async (query: string): Promise<Record<string, unknown>> =>
    (await dashboard.get(`/api/orders?state=held${query}`)).body;
  const body = await waitFor(async () => {
    const read = await queue("&code=H01,H03&q=so-1");
    return (read["items"] as unknown[]).length > 0 ? read : null;
  });
  expect(body).toMatchObject({
    next: null,
    summary: { orders: 1, amountBase: "50000.00", byCode: { H01: 1 } },
    items: [
      {
        orderId: "SO-1",
        customerId: "C-1",
        amount: "50000.00",
        decision: {
          outcome: "hold",
          hits: [
            { code: "H01", value: "¥50,000.00", threshold: "¥10,000.00" },
            { code: "H05", textEn: "Single order too large" },
          ],
        },
      },
    ],
  });
  expect((await queue("&code=H10"))["items"]).toEqual([]);
  const wrong = await dashboard.get("/api/orders?state=shipped");
  expect(wrong).toMatchObject({ status: 422, body: { code: "invalid_query" } });

  const reject = { action: "reject", reason: "no cover" };
  await dashboard.send("POST", "/api/orders/SO-1/actions", reject);
  expect(await queue("")).toMatchObject({ items: [] });
  await waitFor(async () => {
    const { summary } = await queue("");
    return (summary as { orders: number }).orders === 0;
  });
  const order = await waitFor(async () => {
    const read = await dashboard.get("/api/orders/SO-1");
    return read.body["held"] === false ? read.body : null;
  });
  expect(order).toMatchObject({
    decision: { outcome: "reject", actor: "operator", reason: "no cover" },
  });
});

test("two people act on one alert: the second sees who was first", async () => {
  const { dashboard } = await openDesk();
  const open = await waitFor(async () => {
    const { body } = await dashboard.get("/api/alerts?state=open&customer=C-1");
    const [first] = body["items"] as { alertId: string; version: number }[];
    return first;
  });
  const path = `/api/alerts/${open.alertId}/actions`;
  const first = await dashboard.send("POST", path, {
    action: "acknowledge",
    expected: 0,
  });
  expect(first.status).toBe(202);
  expect(first.body).toMatchObject({
    state: "acknowledged",
    actionVersion: 1,
    version: open.version + 1,
  });
  const second = await dashboard.send("POST", path, {
    action: "snooze",
    until: "2027-01-01T00:00:00+08:00",
    expected: 0,
  });
  expect(second.status).toBe(409);
  expect(second.body).toMatchObject({
    code: "STALE",
    current: { state: "acknowledged", actionVersion: 1 },
  });
  const { body } = await dashboard.get(`/api/alerts/${open.alertId}`);
  expect(body).toMatchObject({ state: "acknowledged", assignee: "operator" });
});

test("whether an alert was useful becomes the precision of its rule", async () => {
  const { dashboard, space } = await openDesk();
  await startHistorian(space.namespace);
  const open = await waitFor(async () => {
    const { body } = await dashboard.get("/api/alerts?state=open&customer=C-1");
    return body["items"] as { alertId: string; ruleId: string }[];
  });
  const [first] = open;
  if (!first) throw new Error("no alert is open");
  for (const action of ["useful", "useless"]) {
    const said = await dashboard.send(
      "POST",
      `/api/alerts/${first.alertId}/actions`,
      { action, note: "called the customer" },
    );
    // What was thought of it does not change its state.
    expect(said).toMatchObject({ status: 202, body: { state: "open" } });
  }
  const verdicts = await waitFor(async () => {
    const { body } = await dashboard.get("/api/rules/verdicts");
    const items = body["items"] as { ruleId: string; useless: number }[];
    const mine = items.find((item) => item.ruleId === first.ruleId);
    return mine?.useless === 1 ? mine : null;
  });
  // The last word of a person counts.
  expect(verdicts).toEqual({
    ruleId: first.ruleId,
    raised: open.filter((alert) => alert.ruleId === first.ruleId).length,
    useful: 0,
    useless: 1,
  });
});

test("a limit that is raised frees the order that waited for it", async () => {
  const { dashboard } = await openDesk();
  const path = "/api/customers/C-1/actions";
  const limit = {
    action: "set-limit",
    amount: "90000.00",
    currency: "CNY",
    kind: "standing",
    reason: "good year",
  };
  const float = await dashboard.send("POST", path, { ...limit, amount: 9 });
  expect(float.status).toBe(422);
  const precise = await dashboard.send("POST", path, {
    ...limit,
    amount: "1.234",
  });
  expect(precise.body).toMatchObject({ code: "amount_too_precise" });
  const stranger = await dashboard.send(
    "POST",
    "/api/customers/C-404/actions",
    limit,
  );
  expect(stranger.status).toBe(404);

  const client = dashboard.connect();
  await client.connected();
  await client.subscribe("customer", { id: "C-1" });
  const done = await dashboard.send("POST", path, limit);
  expect(done).toMatchObject({ status: 202, body: { applied: true } });
  // The page of the customer follows by itself.
  await waitFor(() => {
    const view = JSON.stringify(client.rows("customer").get("view") ?? null);
    return view.includes('"effective":"90000.00"') && !view.includes("H01");
  });
  const { body } = await dashboard.get("/api/customers?q=c-1");
  expect(body["items"]).toMatchObject([
    { customerId: "C-1", limit: "90000.00" },
  ]);
});

test("a reader may look and not touch; a foreign page may not either", async () => {
  const { dashboard } = await openDesk();
  const { wallToken } = dashboard.credentials;
  const wall = { authorization: `Bearer ${wallToken}` };
  const json = { "content-type": "application/json" };
  expect((await dashboard.get("/api/portfolio", wall)).status).toBe(200);
  const path = "/api/customers/C-1/actions";
  const watch = { action: "watch" };
  const reader = await dashboard.send("POST", path, watch, {
    ...json,
    ...wall,
  });
  expect(reader).toMatchObject({ status: 403, body: { code: "forbidden" } });
  const foreign = await dashboard.send("POST", path, watch, {
    ...json,
    cookie: dashboard.cookie,
    origin: "https://evil.example",
  });
  expect(foreign.body["code"]).toBe("origin_forbidden");
  const form = await dashboard.send("POST", path, watch, {
    "content-type": "text/plain",
    cookie: dashboard.cookie,
  });
  expect(form.status).toBe(415);
  const nobody = await dashboard.send("POST", path, watch, json);
  expect(nobody.status).toBe(401);
});
