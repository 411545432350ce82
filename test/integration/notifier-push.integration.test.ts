/** Webhooks: signed, at least once, with the same id, across kills. */
import { expect, test } from "vitest";
import { startDashboard, type Dashboard } from "../support/dashboard.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import {
  raise,
  receiverSecret as secret,
  startNotifier,
  startReceiver,
} from "../support/notifier.ts";
import { freePort, type Service } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";

interface Both {
  readonly dashboard: Dashboard;
  readonly notifier: Service;
  readonly port: number;
}

async function startBoth(space: TestNamespace): Promise<Both> {
  const port = await freePort();
  const notifier = await startNotifier(space, port);
  const dashboard = await startDashboard(space, {
    RISKWALL_NOTIFIER_URL: notifier.url,
  });
  return { dashboard, notifier, port };
}

/** The notifier follows the settings by itself: its channels say when. */
async function isThere(notifier: Service, id: string): Promise<void> {
  await waitFor(async () => {
    const reply = await fetch(`${notifier.url}/v1/channels`);
    return (await reply.text()).includes(`"${id}"`);
  });
  await waitFor(async () => {
    const reply = await fetch(`${notifier.url}/readyz`);
    return (await reply.text()).includes('"routing":true');
  });
}

async function addHook(
  { dashboard, notifier }: Both,
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
  await isThere(notifier, "webhook:ops");
}

test("each new alert of severity high or above is pushed, signed", async () => {
  const space = await testNamespace();
  const receiver = await startReceiver();
  const both = await startBoth(space);
  const { dashboard } = both;
  await addHook(both, receiver.url);
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
  const both = await startBoth(space);
  const { dashboard } = both;
  await addHook(both, receiver.url);
  await raise(space, 1, { alertId: "again" });
  await waitFor(() => receiver.received.length === 2);
  expect(new Set(receiver.received.map((item) => item.id)).size).toBe(1);
  const shown = await waitFor(async () => {
    const { body } = await dashboard.get("/api/alerts/again/deliveries");
    const [item] = body["items"] as Record<string, unknown>[];
    return item?.["state"] === "accepted" ? item : null;
  });
  expect(shown).toMatchObject({
    id: receiver.received[0]?.id,
    channel: "webhook:ops",
    kind: "firing",
    attempts: 2,
    answer: "200 ",
  });
});

test("what was raised while the notifier was killed is pushed afterwards", async () => {
  const space = await testNamespace();
  const receiver = await startReceiver();
  const both = await startBoth(space);
  await addHook(both, receiver.url);
  await raise(space, 1, { alertId: "before" });
  await waitFor(() => receiver.received.length === 1);
  await both.notifier.kill();
  await raise(space, 2, { alertId: "between" });
  await startNotifier(space, both.port);
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
  const both = await startBoth(space);
  const { dashboard } = both;
  const refused = await dashboard.send("PUT", "/api/settings/webhooks/ops", {
    url: receiver.url,
    secret,
  });
  expect(refused).toMatchObject({ status: 422, body: { code: "url_refused" } });
  await addHook(both, receiver.url);
  await raise(space, 1, { alertId: "gone" });
  await waitFor(async () => {
    const { body } = await dashboard.get("/api/settings/webhooks");
    return JSON.stringify(body).includes('"enabled":false');
  });
  const gone = await dashboard.send("DELETE", "/api/settings/webhooks/ops");
  expect(gone.status).toBe(204);
});
