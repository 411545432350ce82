/** Dead letters on the real servers: shown decoded, sent again, each once. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { partitionKeys } from "@riskwall/schemas/names";
import { expect, onTestFinished, test } from "vitest";
import {
  namespaceRedis,
  openDashboard,
  prepareCredentials,
  type Dashboard,
} from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import {
  readTopic,
  startGateway,
  type TestGateway,
} from "../support/ingest.ts";
import {
  testNamespace,
  type TestNamespace,
  type TestRecord,
} from "../support/namespace.ts";
import { startProcessor } from "../support/processor.ts";
import { orderPlaced } from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const run = promisify(execFile);

interface Scene {
  readonly space: TestNamespace;
  readonly gateway: TestGateway;
  readonly dashboard: Dashboard;
  /** Between the dashboard and the gateway. */
  readonly proxy: TcpProxy;
  /** Starts the dashboard again after it was killed. */
  readonly again: (env: Readonly<Record<string, string>>) => Promise<Dashboard>;
}

async function openScene(): Promise<Scene> {
  const space = await testNamespace();
  const prepared = await prepareCredentials(space);
  const redis = namespaceRedis(space.namespace);
  const gateway = await startGateway(space, prepared.credentials.ingestKey);
  const { hostname, port } = new URL(gateway.service.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  onTestFinished(async () => proxy.close());
  await startHistorian(space.namespace);
  const again: Scene["again"] = async (env) =>
    openDashboard(space.namespace, prepared, redis, {
      ...env,
      RISKWALL_HOME: prepared.home,
      RISKWALL_INGEST_URL: `http://127.0.0.1:${String(proxy.port)}`,
    });
  return { space, gateway, dashboard: await again({}), proxy, again };
}

const event = (id: string, amount: unknown = "125.00"): object => ({
  id,
  source: "erp",
  type: "order.placed",
  time: new Date().toISOString(),
  data: { customerId: "C-1", orderId: `O-${id}`, amount, currency: "CNY" },
});

type Letter = Record<string, unknown> & { readonly id: string };

/** Letters that fit a query, once there are so many. */
async function letters(
  dashboard: Dashboard,
  query: string,
  count: number,
): Promise<Letter[]> {
  return waitFor(async () => {
    const { body } = await dashboard.get(`/api/deadletters?${query}`);
    const items = body["items"] as Letter[];
    return items.length >= count && items;
  });
}

/** A letter as a service would have written it. */
function letterRecord(
  space: TestNamespace,
  id: string,
  over: object,
): TestRecord {
  return {
    topic: space.topics.deadletters,
    key: "",
    partition: 0,
    record: {
      name: "DeadLetter",
      value: {
        ...{ id, at: Date.now(), stage: "http", source: "erp", eventId: id },
        ...{ customerId: "C-1", type: "order.placed", code: "was_broken" },
        ...{ path: null, message: "test", topic: null },
        ...{ partition: -1, offset: -1, raw: Buffer.from("{") },
        ...over,
      },
    },
  };
}

const redrivePath = (id: string): string => `/api/deadletters/${id}/redrive`;

async function logIds(space: TestNamespace): Promise<string[]> {
  const records = await readTopic(space, space.topics.events);
  return records.flatMap(({ record }) =>
    record.name === "OrderPlaced" ? [record.value.eventId] : [],
  );
}

test("a letter is shown decoded, edited and sent again once", async () => {
  const { space, gateway, dashboard } = await openScene();
  const bad = await gateway.post([event("e-1", 125), event("e-2", 125)]);
  expect(bad.status).toBe(422);
  const found = await letters(dashboard, "code=amount_not_string", 2);
  const { id } = found.find((item) => item["eventId"] === "e-1") ?? { id: "" };

  const shown = await dashboard.get(`/api/deadletters/${id}`);
  expect(shown.body).toMatchObject({
    ...{ stage: "http", path: "data.amount", rawEncoding: "utf8" },
    ...{ partition: -1, redrive: null, decoded: { id: "e-1" } },
    body: { kind: "event", json: { data: { amount: 125 } } },
  });

  const token = `Bearer ${dashboard.credentials.wallToken}`;
  const reader = { authorization: token, "content-type": "application/json" };
  const denied = await dashboard.send("POST", redrivePath(id), {}, reader);
  expect(denied.status).toBe(403);

  const refused = await dashboard.send("POST", redrivePath(id), {});
  expect([refused.status, refused.body]).toMatchObject([
    422,
    {
      code: "redrive_refused",
      reason: { code: "amount_not_string", path: "data.amount" },
    },
  ]);

  const edited = { event: event("e-1") };
  const sent = await dashboard.send("POST", redrivePath(id), edited);
  expect([sent.status, sent.body]).toMatchObject([
    200,
    {
      ...{ outcome: "sent", by: "operator", resumed: false },
      ...{ event: { source: "erp", id: "e-1" }, seenBefore: false },
    },
  ]);
  const second = await dashboard.send("POST", redrivePath(id), edited);
  expect([second.status, second.body]).toMatchObject([
    409,
    { code: "already_redriven", by: "operator", at: sent.body["at"] },
  ]);
  expect(await logIds(space)).toEqual(["e-1"]);
  // The refusal in between made no letter of its own.
  const all = await readTopic(space, space.topics.deadletters);
  expect(all).toHaveLength(2);
  expect(await letters(dashboard, "redriven=yes", 1)).toMatchObject([{ id }]);
  expect(await letters(dashboard, "redriven=no", 1)).toMatchObject([
    { eventId: "e-2" },
  ]);
});

test("what the fold refused is sent from the archive, under a new identity", async () => {
  const { space, dashboard } = await openScene();
  const placed = orderPlaced(1, { customerId: "C-1" });
  await space.append([
    { topic: space.topics.events, key: "C-1", partition: 3, record: placed },
    letterRecord(space, "fold-3-0", {
      ...{ stage: "fold", code: "LEDGER_FULL", eventId: "e-1", source: "erp" },
      ...{ partition: 3, offset: 0, raw: Buffer.from([0, 1, 2]) },
    }),
    letterRecord(space, "fold-3-1-0", {
      ...{ stage: "fold", code: "ORPHAN_EXPIRED", raw: Buffer.alloc(0) },
      ...{ partition: 3, offset: 0, eventId: null, source: null },
    }),
  ]);
  await letters(dashboard, "stage=fold", 2);
  const whole = await waitFor(async () => {
    const { body } = await dashboard.get("/api/deadletters/fold-3-0");
    return body["decoded"] !== null && body;
  });
  const value = placed.value as { eventId: string; source: string };
  expect(whole).toMatchObject({
    rawEncoding: "base64",
    decoded: { id: value.eventId, type: "order.placed" },
  });
  const live = {
    ...(whole["decoded"] as object),
    time: new Date().toISOString(),
  };
  const edited = { event: { ...live, id: "e-1", source: "erp" } };
  const sent = await dashboard.send("POST", redrivePath("fold-3-0"), edited);
  expect(sent.body).toMatchObject({
    event: { id: "redrive-fold-3-0", source: "erp" },
  });
  expect(await logIds(space)).toContain("redrive-fold-3-0");
  const orphan = await dashboard.send("POST", redrivePath("fold-3-1-0"), {});
  expect([orphan.status, orphan.body["code"]]).toEqual([422, "no_raw"]);
});

test("a filter sends what fits, in bulk, also from the command line", async () => {
  const { space, dashboard } = await openScene();
  const count = 60;
  const numbers = [...Array(count).keys()];
  await space.append([
    ...numbers.map((n) =>
      letterRecord(space, `dl-${String(n)}`, {
        at: Date.now() - n,
        raw: Buffer.from(JSON.stringify(event(`bulk-${String(n)}`))),
      }),
    ),
    letterRecord(space, "dl-forged", {
      code: "privileged_type",
      raw: Buffer.from(JSON.stringify(event("forged"))),
    }),
    letterRecord(space, "dl-text", { at: Date.now() - 1000 }),
  ]);
  await letters(dashboard, "limit=200", count + 2);

  const path = "/api/deadletters/redrive";
  const none = await dashboard.send("POST", path, { filter: {} });
  expect(none.body["code"]).toBe("invalid_body");
  const first = await dashboard.send("POST", path, {
    filter: { code: "was_broken" },
    limit: 55,
  });
  expect(first.body).toMatchObject({ matched: 55, sent: 55, duplicates: 0 });
  expect(first.body["next"]).toEqual(expect.any(String));

  const cli = async (...args: string[]) =>
    run(process.execPath, ["dashboard/server/src/cli.ts", "dlq", ...args], {
      env: {
        ...process.env,
        RISKWALL_HOME: dashboard.home,
        RISKWALL_DASHBOARD_URL: dashboard.url,
      },
    });
  // Five are left, and the one whose text is no JSON: exit 3.
  const rest = await cli(
    "redrive",
    "--filter",
    "source=erp",
    "-o",
    "json",
  ).then(
    () => null,
    (error: unknown) => error as { code: number; stdout: string },
  );
  expect(rest?.code).toBe(3);
  const results = JSON.parse(rest?.stdout ?? "[]") as Letter[];
  const byOutcome = Object.groupBy(results, (item) => String(item["outcome"]));
  expect(byOutcome["sent"]).toHaveLength(5);
  expect(byOutcome["skipped"]).toMatchObject([
    { id: "dl-text", code: "not_json" },
    { id: "dl-forged", code: "one_by_one" },
  ]);
  const ids = await logIds(space);
  expect(ids.sort()).toEqual(numbers.map((n) => `bulk-${String(n)}`).sort());

  const { stdout } = await cli("show", "dl-0");
  expect(stdout).toContain("sent operator");
  const file = join(dashboard.home, "event.json");
  writeFileSync(file, JSON.stringify(event("mended")));
  const mended = await cli("redrive", "dl-text", "--event", file);
  expect(mended.stdout).toBe("dl-text sent\n");
  await expect(cli("redrive", "dl-text")).rejects.toMatchObject({ code: 1 });
  await expect(cli("redrive")).rejects.toMatchObject({ code: 2 });
});

test("killed between send and mark, the same event is sent again and counts once", async () => {
  const { space, gateway, dashboard, proxy, again } = await openScene();
  const processor = await startProcessor(space.namespace);
  await gateway.post(event("e-1", 125));
  const [letter] = await letters(dashboard, "code=amount_not_string", 1);
  const id = letter?.id ?? "";

  const lost = proxy.loseReply("redrive=true");
  const cut = dashboard
    .send("POST", redrivePath(id), { event: event("e-1") })
    .then(
      ({ status }) => status,
      () => "cut",
    );
  await lost;
  await dashboard.service.kill();
  expect(["cut", 503]).toContain(await cut);
  expect(await logIds(space)).toEqual(["e-1"]);

  const restarted = await again({ RISKWALL_PROCESSOR_URL: processor.url });
  const between = await restarted.get(`/api/deadletters/${id}`);
  expect(between.body).toMatchObject({
    redrive: { state: "sending", by: "operator", eventId: "e-1" },
  });
  // Whatever is asked for now, the attempt that was cut off is finished first.
  const other = { event: event("another-id") };
  const resumed = await restarted.send("POST", redrivePath(id), other);
  expect(resumed.body).toMatchObject({
    ...{ outcome: "sent", resumed: true, seenBefore: true },
    event: { source: "erp", id: "e-1" },
  });
  expect(await logIds(space)).toEqual(["e-1", "e-1"]);
  // Both copies are folded, and the order counts once.
  const log = await readTopic(space, space.topics.events);
  const partition = log.find(({ key }) => key === "C-1")?.partition ?? -1;
  const end = log.filter((item) => item.partition === partition).length;
  const { meta } = partitionKeys(space.namespace, partition);
  await waitFor(
    async () => Number(await restarted.redis.hget(meta, "next")) >= end,
  );
  const customer = await restarted.get("/api/customers/C-1");
  expect(customer.body["exposure"]).toMatchObject({ openOrders: "125.00" });
});
