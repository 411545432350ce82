/** Webhooks: signed, at least once, with the same id, across kills. */
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import {
  openDashboard,
  startDashboard,
  type Dashboard,
} from "../support/dashboard.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { alert } from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

interface Received {
  readonly id: string;
  readonly alertId: string;
  readonly signed: boolean;
}

interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Status of the next answers; the last one stays. */
  readonly statuses: number[];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function isSigned(request: IncomingMessage, body: string): boolean {
  const { headers } = request;
  const id = String(headers["webhook-id"]);
  const text = `${id}.${String(headers["webhook-timestamp"])}.${body}`;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const wanted = createHmac("sha256", key).update(text).digest("base64");
  return headers["webhook-signature"] === `v1,${wanted}`;
}

async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const statuses = [200];
  const server = createServer((request, reply) => {
    void bodyOf(request).then((body) => {
      const json = JSON.parse(body) as { data: { alertId: string } };
      received.push({
        id: String(request.headers["webhook-id"]),
        alertId: json.data.alertId,
        signed: isSigned(request, body),
      });
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      reply.writeHead(status ?? 200).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${String(port)}/hook`, received, statuses };
}

async function raise(
  space: TestNamespace,
  offset: number,
  over: Parameters<typeof alert>[0],
): Promise<void> {
  await space.append([
    {
      topic: space.topics.alerts,
      key: "C-1",
      record: alert({ partition: 5, offset, ...over }),
      partition: 5,
    },
  ]);
}

async function addHook(
  dashboard: Dashboard,
  url: string,
  over: object = {},
): Promise<void> {
  const path = "/api/settings/webhooks/ops";
  const body = { url, secret, allowPrivate: true, ...over };
  const put = await dashboard.send("PUT", path, body);
  expect(put.status).toBe(202);
  await waitFor(async () => {
    const { body: list } = await dashboard.get("/api/settings/webhooks");
    return JSON.stringify(list).includes(url);
  });
}

test("each new alert of severity high or above is pushed, signed", async () => {
  const space = await testNamespace();
  const receiver = await startReceiver();
  const dashboard = await startDashboard(space);
  await addHook(dashboard, receiver.url);
  const { body } = await dashboard.get("/api/settings/webhooks");
  expect(JSON.stringify(body)).not.toContain(secret);

  await raise(space, 1, { alertId: "mild", severity: "medium" });
  await raise(space, 2, { alertId: "muted", muted: true });
  await raise(space, 3, { alertId: "old", version: 2, announce: false });
  await raise(space, 4, { alertId: "high" });
  await raise(space, 4, { alertId: "high" });
  await raise(space, 5, { alertId: "critical", severity: "critical" });
  await waitFor(() => receiver.received.length === 2);
  expect(receiver.received.map((item) => item.alertId).sort()).toEqual([
    "critical",
    "high",
  ]);
  expect(receiver.received.every((item) => item.signed)).toBe(true);
});

test("a push is tried again under the same id until it is taken", async () => {
  const space = await testNamespace();
  const receiver = await startReceiver();
  receiver.statuses.splice(0, 1, 503, 200);
  const dashboard = await startDashboard(space);
  await addHook(dashboard, receiver.url);
  await raise(space, 1, { alertId: "again" });
  await waitFor(() => receiver.received.length === 2);
  expect(new Set(receiver.received.map((item) => item.id)).size).toBe(1);
});

test("what was raised while the dashboard was killed is pushed afterwards", async () => {
  const space = await testNamespace();
  const receiver = await startReceiver();
  const dashboard = await startDashboard(space);
  await addHook(dashboard, receiver.url);
  await raise(space, 1, { alertId: "before" });
  await waitFor(() => receiver.received.length === 1);
  await dashboard.service.kill();
  await raise(space, 2, { alertId: "between" });
  await openDashboard(space.namespace, dashboard, dashboard.redis);
  await waitFor(() =>
    receiver.received.some((item) => item.alertId === "between"),
  );
  const ids = new Map(receiver.received.map((item) => [item.alertId, item.id]));
  expect(ids.get("between")).not.toBe(ids.get("before"));
});

test("410 switches a webhook off, and private addresses must be meant", async () => {
  const space = await testNamespace();
  const receiver = await startReceiver();
  receiver.statuses.splice(0, 1, 410);
  const dashboard = await startDashboard(space);
  const refused = await dashboard.send("PUT", "/api/settings/webhooks/ops", {
    url: receiver.url,
    secret,
  });
  expect(refused).toMatchObject({ status: 422, body: { code: "url_refused" } });
  await addHook(dashboard, receiver.url);
  await raise(space, 1, { alertId: "gone" });
  await waitFor(async () => {
    const { body } = await dashboard.get("/api/settings/webhooks");
    return JSON.stringify(body).includes('"enabled":false');
  });
  const gone = await dashboard.send("DELETE", "/api/settings/webhooks/ops");
  expect(gone.status).toBe(204);
});
