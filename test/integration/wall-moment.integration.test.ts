/** Time travel: what the wall shows of t equals what it showed at t. */
import { expect, test } from "vitest";
import { figureNames } from "@riskwall/schemas/names";
import type { Json } from "@riskwall/schemas/live";
import { startDashboard } from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { testNamespace } from "../support/namespace.ts";
import { alert, decision, scoreChange } from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";

type Lists = Readonly<Record<"alerts" | "orders" | "scores", Json[]>>;

function idOf(row: Json): string {
  const { alertId, id } = row as { alertId?: string; id?: string };
  return alertId ?? id ?? "";
}
const sorted = (rows: Iterable<Json>): Json[] =>
  [...rows].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));

test("the past is answered as the live feed showed it", async () => {
  const space = await testNamespace();
  await startHistorian(space.namespace);
  const dashboard = await startDashboard(space);
  const client = dashboard.connect();
  await client.connected();
  for (const topic of ["alerts", "orders", "scores"] as const) {
    await client.subscribe(topic);
  }
  const { alerts, decisions, scores } = space.topics;
  const topics = { Alert: alerts, Decision: decisions, ScoreChange: scores };
  const tell = async (
    records: readonly { readonly topic: string; readonly record: never }[],
  ): Promise<void> =>
    space.append(
      records.map((item) => ({ ...item, key: "C-1", partition: 0 })),
    );
  const item = (kind: keyof typeof topics, record: object) => ({
    topic: topics[kind],
    // Made by the samples of its kind.
    record: record as never,
  });
  const at = (offset: number, now: number) => ({
    ...{ partition: 0, offset, n: 0, appendedAt: now },
  });
  const shown = (): Lists => ({
    alerts: sorted(client.rows("alerts").values()),
    orders: sorted(client.rows("orders").values()),
    scores: sorted(client.rows("scores").values()),
  });
  const then = async (ms: number): Promise<Lists> => {
    const iso = new Date(ms).toISOString();
    const { status, body } = await dashboard.get(`/api/wall/at?at=${iso}`);
    expect(status).toBe(200);
    const moment = body as unknown as Lists;
    return {
      alerts: sorted(moment.alerts),
      orders: sorted(moment.orders),
      scores: sorted(moment.scores),
    };
  };

  const first = Date.now();
  const opened = { openedAt: first, updatedAt: first };
  await tell([
    item("Alert", alert({ ...at(1, first), ...opened, alertId: "A-1" })),
    item("Alert", alert({ ...at(2, first), ...opened, alertId: "A-2" })),
    item("Decision", decision({ ...at(3, first), id: "0-3-0" })),
    item("ScoreChange", scoreChange({ ...at(4, first), id: "0-4-0" })),
  ]);
  await waitFor(() => {
    const { alerts: a, orders: o, scores: s } = shown();
    return a.length === 2 && o.length === 1 && s.length === 1;
  });
  const recorded = shown();
  const t1 = Date.now();
  await waitFor(() => Date.now() > t1);

  const second = Date.now();
  const changed = { openedAt: first, updatedAt: second, version: 2 };
  await tell([
    item(
      "Alert",
      alert({
        ...{ ...at(5, second), ...changed },
        ...{ alertId: "A-1", state: "acknowledged" },
      }),
    ),
    item(
      "Alert",
      alert({
        ...{ ...at(6, second), ...changed },
        ...{ alertId: "A-2", state: "resolved" },
      }),
    ),
    item("Decision", decision({ ...at(7, second), id: "0-7-0" })),
    item("ScoreChange", scoreChange({ ...at(8, second), id: "0-8-0" })),
  ]);
  await waitFor(() => {
    const { alerts: a, orders: o, scores: s } = shown();
    const text = JSON.stringify(a);
    return text.includes("resolved") && o.length === 2 && s.length === 2;
  });
  const now = shown();
  const t2 = Date.now();
  await waitFor(async () => {
    const stored = await then(t2);
    return stored.orders.length === 2 && stored.scores.length === 2;
  });
  await waitFor(async () =>
    JSON.stringify((await then(t2)).alerts).includes("resolved"),
  );
  expect(await then(t2)).toEqual(now);
  expect(await then(t1)).toEqual(recorded);
  expect(await then(first - 1000)).toEqual({
    ...{ alerts: [], orders: [], scores: [] },
  });
  // What no table holds is not answered, and the future is refused.
  const iso = new Date(t1).toISOString();
  const { body } = await dashboard.get(`/api/wall/at?at=${iso}`);
  expect(body).toMatchObject({ totalsAt: null });
  expect(Object.keys(body["portfolio"] as object)).toEqual(["pulse"]);
  const later = new Date(Date.now() + 600_000).toISOString();
  const refused = await dashboard.get(`/api/wall/at?at=${later}`);
  expect([refused.status, refused.body["code"]]).toEqual([
    422,
    "in_the_future",
  ]);
  for (const name of figureNames) {
    const origin = await dashboard.get(`/api/wall/figures/${name}`);
    expect([name, origin.status]).toEqual([name, 200]);
  }
  const counted = await dashboard.get("/api/wall/figures/alerts");
  const events = counted.body["events"] as { readonly id: string }[];
  expect(events.map(({ id }) => id).sort()).toEqual(
    sorted(client.rows("alerts").values()).map(idOf),
  );
  const nothing = await dashboard.get("/api/wall/figures/nothing");
  expect([nothing.status, nothing.body["code"]]).toEqual([
    404,
    "unknown_figure",
  ]);
  const cash = await dashboard.get("/api/wall/cash");
  expect((cash.body["days"] as unknown[]).length).toBe(14);
});

test("a shared wall sees what its mask leaves, live and past, until revoked", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const made = await dashboard.send("POST", "/api/wall/links", {
    name: "lobby",
  });
  expect(made.status).toBe(201);
  const token = String(made.body["token"]);
  const wall = dashboard.connect(token);
  await wall.connected();
  const full = dashboard.connect();
  await full.connected();
  await full.subscribe("alerts");
  await wall.subscribe("alerts");
  await space.append([
    { topic: space.topics.alerts, key: "C-1", record: alert(), partition: 0 },
  ]);
  await waitFor(() => full.rows("alerts").size === 1);
  await waitFor(() => wall.rows("alerts").size === 1);
  const [seen] = [...full.rows("alerts").values()];
  const [masked] = [...wall.rows("alerts").values()];
  expect(seen).toMatchObject({ moneyAtRisk: "600000.00" });
  expect(masked).toMatchObject({ moneyAtRisk: "", reasons: [], actions: [] });
  expect(await wall.subscribe("customer", { id: "C-1" })).toMatchObject({
    error: { code: "forbidden" },
  });
  const bearer = { authorization: `Bearer ${token}` };
  for (const [path, status] of [
    ["/api/portfolio", 200],
    ["/api/live/alerts", 200],
    ["/api/customers", 403],
    ["/api/alerts", 403],
    ["/api/wall/links", 403],
  ] as const) {
    const reply = await dashboard.get(path, bearer);
    expect([path, reply.status]).toEqual([path, status]);
  }
  const id = String(made.body["linkId"]);
  await dashboard.send("POST", `/api/wall/links/${id}/revoke`, {});
  await waitFor(() => wall.socket.disconnected);
  expect((await dashboard.get("/api/portfolio", bearer)).status).toBe(401);
});
