/** The live protocol on real servers: outputs in, rows in a browser out. */
import { stateHash } from "@riskwall/schemas/live";
import { expect, test } from "vitest";
import { openDashboard, startDashboard } from "../support/dashboard.ts";
import { testNamespace } from "../support/namespace.ts";
import { alert, decision, scoreChange } from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";

test("an alert reaches the wall at once, whole, and its repeat does not", async () => {
  const space = await testNamespace();
  const { alerts, decisions, scores } = space.topics;
  const dashboard = await startDashboard(space);
  const client = dashboard.connect(dashboard.credentials.wallToken);
  await client.connected();
  expect(await client.subscribe("alerts")).toMatchObject({
    snapshot: { topic: "alerts", seq: 0, state: {} },
  });
  await client.subscribe("orders");
  await client.subscribe("scores");

  const at = { partition: 3, offset: 7 } as const;
  const first = alert({ ...at, n: 0 });
  const held = decision({ ...at, n: 1, id: "3-7-1" });
  const moved = scoreChange({ ...at, n: 2, id: "3-7-2" });
  await space.append([
    { topic: alerts, key: "C-1", record: first, partition: 3 },
    { topic: alerts, key: "C-1", record: first, partition: 3 },
    { topic: decisions, key: "C-1", record: held, partition: 3 },
    { topic: scores, key: "C-1", record: moved, partition: 3 },
  ]);
  await waitFor(() => client.rows("alerts").get("A-1"));
  await waitFor(() => client.rows("orders").get("3-7-1"));
  await waitFor(() => client.rows("scores").get("3-7-2"));
  expect(client.rows("alerts").get("A-1")).toMatchObject({
    ruleId: "ORD-01",
    moneyAtRisk: "600000.00",
    reasons: [{ code: "R1", number: "3.2" }],
    explain: { amount: "600000.00", median: "10000.00" },
  });
  expect(client.rows("orders").get("3-7-1")).toMatchObject({
    outcome: "hold",
    codes: ["H01"],
    headroom: "-100000.00",
  });
  const ofAlerts = client.deltas.filter((delta) => delta.topic === "alerts");
  expect(ofAlerts).toHaveLength(1);
  expect(ofAlerts[0]?.times.appendTime).toBeGreaterThan(0);

  // The next version of the same alert; then the digest proves equality.
  const acked = alert({
    ...{ ...at, offset: 8, n: 0 },
    ...{ version: 2, state: "acknowledged" },
  });
  await space.append([
    { topic: alerts, key: "C-1", record: acked, partition: 3 },
  ]);
  await waitFor(() => {
    const row = client.rows("alerts").get("A-1");
    return JSON.stringify(row).includes('"acknowledged"');
  });
  const digest: unknown = await client.socket
    .timeout(5000)
    .emitWithAck("digest?", { topic: "alerts" });
  expect(digest).toMatchObject({
    seq: 2,
    hash: stateHash(client.rows("alerts")),
  });
});

test("a client that was away gets what it missed; after a restart, all", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const { alerts } = space.topics;
  const put = async (offset: number, alertId: string): Promise<void> =>
    space.append([
      {
        topic: alerts,
        key: "C-1",
        record: alert({ partition: 0, offset, alertId }),
        partition: 0,
      },
    ]);
  const client = dashboard.connect();
  await client.connected();
  await client.subscribe("alerts");
  await put(1, "A-1");
  const [seen] = await waitFor(() =>
    client.deltas.length > 0 ? client.deltas : null,
  );
  const have = { epoch: seen?.epoch ?? "", seq: seen?.seq ?? -1 };
  client.socket.disconnect();
  await put(2, "A-2");
  await waitFor(async () => {
    const { body } = await dashboard.get("/api/alerts?state=open");
    return (body["items"] as unknown[]).length === 2;
  });
  const again = dashboard.connect();
  await again.connected();
  expect(await again.subscribe("alerts", { have })).toMatchObject({
    deltas: [{ prevSeq: have.seq, ops: [{ op: "set", key: "A-2" }] }],
  });

  expect(await dashboard.service.stop()).toBe(0);
  expect(again.drains).toHaveLength(1);
  await put(3, "A-3");
  const second = await openDashboard(
    space.namespace,
    dashboard,
    dashboard.redis,
  );
  const fresh = second.connect();
  await fresh.connected();
  const reply = await fresh.subscribe("alerts", { have });
  expect("snapshot" in reply && reply.snapshot.epoch).not.toBe(have.epoch);
  // What was raised while nobody listened is there, too.
  await waitFor(() => fresh.rows("alerts").size === 3);
});

test("any client goes to any server: one state, whoever answers", async () => {
  const space = await testNamespace();
  const first = await startDashboard(space);
  const second = await openDashboard(space.namespace, first, first.redis);
  const { alerts } = space.topics;
  const client = first.connect();
  await client.connected();
  await client.subscribe("alerts");
  const put = async (offset: number): Promise<void> =>
    space.append([
      {
        topic: alerts,
        key: "C-1",
        record: alert({
          ...{ partition: 0, offset },
          alertId: `A-${String(offset)}`,
        }),
        partition: 0,
      },
    ]);
  for (let offset = 1; offset <= 5; offset += 1) await put(offset);
  await waitFor(() => client.rows("alerts").size === 5);
  const epoch = client.deltas[0]?.epoch ?? "";
  client.socket.disconnect();
  await put(6);

  // The session made at the first server holds at the second, too.
  const moved = second.connect();
  await moved.connected();
  await waitFor(async () => {
    const have = { epoch, seq: 5 };
    const reply = await moved.subscribe("alerts", { have });
    expect("snapshot" in reply && reply.snapshot.epoch !== epoch).toBe(true);
    return moved.rows("alerts").size === 6;
  });
  const back = first.connect();
  await back.connected();
  // That one server has read the alert says nothing of the other.
  await waitFor(async () => {
    const have = { epoch, seq: 5 };
    const reply = await back.subscribe("alerts", { have });
    expect(reply).toHaveProperty("deltas");
    if (!("deltas" in reply) || reply.deltas.length === 0) return false;
    expect(reply).toMatchObject({ deltas: [{ prevSeq: 5, seq: 6 }] });
    return true;
  });
  const digest = async (at: typeof moved): Promise<unknown> =>
    at.socket.timeout(5000).emitWithAck("digest?", { topic: "alerts" });
  const hash = stateHash(moved.rows("alerts"));
  expect(await digest(moved)).toMatchObject({ hash });
  expect(await digest(back)).toMatchObject({ hash });
});

test("nobody listens without a right to", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const stranger = dashboard.connect("rw_wall_000000000000_" + "x".repeat(43));
  await expect(stranger.connected()).rejects.toThrow("unauthorized");
  const client = dashboard.connect();
  await client.connected();
  const bad: unknown = await client.socket
    .timeout(5000)
    .emitWithAck("subscribe", { topic: "secrets" });
  expect(bad).toMatchObject({ error: { code: "bad_request" } });
  // A session that ends takes its sockets with it.
  await dashboard.send("DELETE", "/api/session");
  await waitFor(() => client.socket.disconnected);
});

test("polling gives the same messages where sockets are blocked", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const first = await dashboard.get("/api/live/alerts");
  const snapshot = first.body["snapshot"] as { epoch: string; seq: number };
  const { epoch, seq } = snapshot;
  const poll = dashboard.get(
    `/api/live/alerts?epoch=${epoch}&seq=${String(seq)}`,
  );
  await space.append([
    { topic: space.topics.alerts, key: "C-1", record: alert(), partition: 0 },
  ]);
  const { body } = await poll;
  expect(body["deltas"]).toMatchObject([{ prevSeq: seq }]);
  expect(body["hb"]).toMatchObject({ epoch });
  const at = `epoch=${epoch}&seq=${String(seq + 1)}&waitMs=0`;
  const now = await dashboard.get(`/api/live/alerts?${at}`);
  expect(now.body).toMatchObject({ deltas: [] });
  const unknown = await dashboard.get("/api/live/secrets");
  expect(unknown.status).toBe(404);
});

test("the heartbeat beats and the watermark follows a quiet log", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const client = dashboard.connect();
  await client.connected();
  await client.subscribe("ops");
  await waitFor(() => client.heartbeats.length >= 2);
  await waitFor(() => {
    const row = JSON.stringify(client.rows("ops").get("pipeline") ?? null);
    return row.includes('"lag":0');
  });
  const { body } = await dashboard.get("/api/portfolio");
  const watermark = Date.parse(String(body["watermark"]));
  expect(Date.now() - watermark).toBeLessThan(5000);
});
