/** The query API over what the historian stored of real topics. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startDashboard, type Dashboard } from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import {
  alert,
  decision,
  orderPlaced,
  scoreChange,
} from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";

const hour = 3_600_000;
const run = promisify(execFile);

interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next: string | null;
}

async function page(dashboard: Dashboard, path: string): Promise<Page> {
  const { status, body } = await dashboard.get(path);
  expect([path, status]).toEqual([path, 200]);
  return body as unknown as Page;
}

/** All items of a list, page by page. */
async function every(
  dashboard: Dashboard,
  path: string,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let next: string | null = ""; next !== null;) {
    const cursor = next === "" ? "" : `&cursor=${next}`;
    const one = await page(dashboard, `${path}${cursor}`);
    items.push(...one.items);
    next = one.next;
  }
  return items;
}

/** Three orders, two scores, an alert that ended, one that is open. */
async function tell(space: TestNamespace, start: number): Promise<void> {
  const { events, alerts, decisions, scores, deadletters } = space.topics;
  const place = (offset: number): { partition: number; offset: number } => ({
    partition: 0,
    offset,
  });
  const output = (topic: string, record: ReturnType<typeof alert>): object => ({
    topic,
    key: "C-1",
    record,
    partition: 0,
  });
  const opened = { openedAt: start, eventTime: start };
  await space.append([
    ...[1, 2, 3].map((i) => ({
      topic: events,
      key: "C-1",
      record: orderPlaced(i, {
        customerId: "C-1",
        time: start - i * hour,
        amount: i * 100_00,
      }),
    })),
    ...([
      output(
        alerts,
        alert({ ...place(1), alertId: "ended", ...opened, updatedAt: start }),
      ),
      output(
        alerts,
        alert({
          ...{ ...place(2), alertId: "ended", ...opened, version: 2 },
          ...{ state: "resolved", updatedAt: start + 1000 },
        }),
      ),
      output(
        alerts,
        alert({
          ...{ ...place(3), alertId: "open", ruleId: "EXP-02" },
          ...{ openedAt: start + 2000, severity: "critical" },
        }),
      ),
      output(
        decisions,
        decision({ ...place(4), id: "0-4-0", decidedAt: start }),
      ),
      output(
        decisions,
        decision({
          ...{ ...place(5), id: "0-5-0", decidedAt: start + 1 },
          ...{ outcome: "allow", trigger: "person", actor: "operator" },
        }),
      ),
      output(scores, scoreChange({ ...place(6), id: "0-6-0", at: start })),
      output(scores, scoreChange({ ...place(7), id: "0-7-0", at: start + 5 })),
    ] as Parameters<typeof space.append>[0]),
    {
      topic: deadletters,
      key: "",
      partition: 0,
      record: {
        name: "DeadLetter",
        value: {
          id: "dl-1",
          at: start,
          stage: "http",
          source: "test-erp",
          eventId: "e",
          customerId: "C-1",
          type: "order.placed",
          code: "amount_not_string",
          path: "data.amount",
          message: "amounts are decimal strings",
          raw: Buffer.from("{}"),
          topic: null,
          partition: -1,
          offset: -1,
        },
      },
    },
  ]);
}

test("history answers by page, newest first, each thing once", async () => {
  const space = await testNamespace();
  const start = Date.now() - hour;
  await startHistorian(space.namespace);
  const dashboard = await startDashboard(space);
  await tell(space, start);
  await waitFor(async () => {
    const items = await every(dashboard, "/api/customers/C-1/timeline?limit=2");
    return items.length === 10;
  });

  const path = "/api/customers/C-1/timeline?limit=3";
  const timeline = await every(dashboard, path);
  const times = timeline.map((item) => Date.parse(String(item["at"])));
  expect(times).toEqual([...times].sort((a, b) => b - a));
  expect(new Set(timeline.map((item) => item["id"])).size).toBe(10);
  const kinds = Object.groupBy(timeline, (item) => String(item["kind"]));
  expect(
    Object.fromEntries(
      Object.entries(kinds).map(([kind, items]) => [kind, items?.length]),
    ),
  ).toEqual({ event: 3, score: 2, alert: 3, decision: 2 });
  expect(kinds["event"]?.[0]).toMatchObject({
    type: "order.placed",
    amount: "100.00",
    detail: { orderId: "SO-1" },
  });
  const some = await every(
    dashboard,
    "/api/customers/C-1/timeline?kinds=score,alert&limit=2",
  );
  expect(some).toHaveLength(5);
  const plural = "/api/customers/C-1/timeline?kinds=scores,alerts";
  expect(await every(dashboard, plural)).toEqual(some);
  const other = await dashboard.get("/api/customers/C-1/timeline?kinds=all");
  expect(other).toMatchObject({ status: 422, body: { path: "kinds" } });
  const wanted = "/api/customers/C-1/timeline?kinds=event&types=order.placed";
  const types = await every(dashboard, wanted);
  expect(new Set(types.map((item) => item["type"]))).toEqual(
    new Set(["order.placed"]),
  );
  const unseen = wanted.replace("order.placed", "complaint.opened");
  expect(await every(dashboard, unseen)).toEqual([]);

  const scores = await every(dashboard, "/api/customers/C-1/scores?limit=1");
  expect(scores.map((item) => item["id"])).toEqual(["0-7-0", "0-6-0"]);
  expect(scores[0]).toMatchObject({ from: 640, score: 600, cause: ["e-1"] });

  const order = await dashboard.get("/api/orders/SO-1");
  expect(order.body).toMatchObject({
    customerId: "C-1",
    held: false,
    decision: { outcome: "allow", actor: "operator" },
    history: [{ id: "0-5-0" }, { id: "0-4-0" }],
  });

  const letters = await page(dashboard, "/api/deadletters?source=test-erp");
  expect(letters.items).toMatchObject([
    { code: "amount_not_string", path: "data.amount", raw: "{}" },
  ]);
  expect((await page(dashboard, "/api/deadletters?code=x")).items).toEqual([]);

  const ids = (items: readonly Record<string, unknown>[]): unknown[] =>
    items.map((item) => item["alertId"]);
  expect(ids(await every(dashboard, "/api/alerts?limit=1"))).toEqual([
    "open",
    "ended",
  ]);
  const resolved = await page(dashboard, "/api/alerts?state=resolved");
  expect(resolved.items).toMatchObject([{ alertId: "ended", version: 2 }]);
  const critical = await page(
    dashboard,
    "/api/alerts?state=open&severity=critical&rule=EXP-02&customer=C-1",
  );
  expect(ids(critical.items)).toEqual(["open"]);
  const resolvedOf = async (query: string): Promise<unknown[]> =>
    ids(await every(dashboard, `/api/alerts?state=resolved,open&${query}`));
  const letter = String(resolved.items[0]?.["class"]);
  expect(await resolvedOf(`class=${letter}&owner=-`)).toContain("ended");
  expect(await resolvedOf("owner=wang")).toEqual([]);
  expect(await resolvedOf(`class=${letter === "A" ? "B" : "A"}`)).toEqual([]);
  const second = new Date(start + 1000).toISOString();
  expect(await resolvedOf(`to=${second}`)).toEqual(["ended"]);
  expect(await resolvedOf(`from=${second}`)).toEqual(["open"]);

  const trend = await dashboard.get(
    "/api/trends?metric=orders_amount&step=hour",
  );
  const [series] = trend.body["series"] as { points: [string, string][] }[];
  const total = series?.points.reduce((sum, [, v]) => sum + Number(v), 0);
  expect(total).toBe(600);
  const hourFrom = new Date(start - 3.5 * hour).toISOString();
  const span = `from=${encodeURIComponent(hourFrom)}`;
  const behind = await page(
    dashboard,
    `/api/trends/customers?metric=orders_amount&by=currency&only=CNY&step=hour&${span}`,
  );
  expect(behind.items).toMatchObject([
    { customerId: "C-1", value: "600", records: 3 },
  ]);
  const none = await page(
    dashboard,
    `/api/trends/customers?metric=events&by=type&only=nothing&${span}`,
  );
  expect(none.items).toEqual([]);
  const whole = await dashboard.get("/api/trends/customers?metric=exposure");
  expect(whole).toMatchObject({ status: 422, body: { code: "no_drill" } });
  const to = new Date(start + hour).toISOString();
  const marks = await page(
    dashboard,
    `/api/trends/annotations?from=${hourFrom}&to=${to}&customer=C-1`,
  );
  expect(marks.items).toEqual([]);
  const csv = await fetch(`${dashboard.url}/api/trends?metric=events&by=type`, {
    headers: { cookie: dashboard.cookie, accept: "text/csv" },
  });
  expect(csv.headers.get("content-type")).toContain("text/csv");
  // The three may lie on two days: midnight comes when it comes.
  const placed = [...(await csv.text()).matchAll(/,order\.placed,(\d+),/g)];
  expect(placed.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(3);
});

test("refusals are problem documents with a code", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const { operator } = dashboard.credentials;
  const cases: readonly (readonly [string, number, string])[] = [
    ["/api/nothing", 404, "not_found"],
    ["/api/alerts/none", 404, "alert_unknown"],
    ["/api/orders/none", 404, "order_unknown"],
    ["/api/customers?sort=colour", 422, "invalid_query"],
    ["/api/customers?cursor=abc", 422, "invalid_query"],
    ["/api/alerts?cursor=WzFd", 422, "invalid_query"],
    ["/api/alerts?limit=0", 422, "invalid_query"],
    ["/api/trends?metric=luck", 422, "bad_metric"],
    ["/api/trends?metric=events&by=luck", 422, "bad_breakdown"],
    [
      "/api/trends?metric=events&from=2026-01-02&to=2026-01-01",
      422,
      "bad_range",
    ],
    ["/api/customers/C-1/timeline?from=soon", 422, "invalid_query"],
  ];
  for (const [path, status, code] of cases) {
    const answer = await dashboard.get(path);
    expect([path, answer.status, answer.body["code"]]).toEqual([
      path,
      status,
      code,
    ]);
    expect(answer.headers.get("content-type")).toContain("problem+json");
    expect(answer.body["title"]).toBeTruthy();
  }
  expect((await dashboard.get("/api/portfolio", {})).status).toBe(401);
  const page_ = await fetch(`${dashboard.url}/livez`);
  expect(page_.headers.get("content-security-policy")).toContain(
    "object-src 'none'",
  );

  // Wrong passwords end in a pause, for this user from this address.
  const json = { "content-type": "application/json" };
  const wrong = { ...operator, password: "wrong" };
  for (let i = 0; i < 10; i += 1) {
    const tried = await dashboard.send("POST", "/api/session", wrong, json);
    expect(tried.status).toBe(401);
  }
  const paused = await dashboard.send("POST", "/api/session", operator, json);
  expect(paused.status).toBe(429);
  expect(Number(paused.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("the API describes itself, and the command line speaks it", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const { body } = await dashboard.get("/openapi.json");
  const paths = Object.keys(body["paths"] as object);
  expect(paths).toContain("/api/customers/{id}/timeline");
  expect(paths).toContain("/api/alerts/{id}/actions");
  const docs = await fetch(`${dashboard.url}/docs/api/`);
  expect(docs.headers.get("content-type")).toContain("text/html");

  await space.append([
    { topic: space.topics.alerts, key: "C-1", record: alert(), partition: 0 },
  ]);
  const cli = async (...args: string[]): Promise<string> => {
    const file = "dashboard/server/src/cli.ts";
    const { stdout } = await run(process.execPath, [file, ...args], {
      env: {
        ...process.env,
        RISKWALL_HOME: dashboard.home,
        RISKWALL_DASHBOARD_URL: dashboard.url,
      },
    });
    return stdout;
  };
  await waitFor(async () => {
    const text = await cli("alerts", "list", "-o", "ndjson");
    return text !== "" && JSON.parse(text).alertId === "A-1";
  });
  expect(await cli("alerts", "list")).toContain("ORD-01");
  // No processor runs here, so nobody answers for customers: exit 4.
  await expect(cli("customers", "show", "C-1")).rejects.toMatchObject({
    code: 4,
  });
});
