/** Webhooks: signed, at least once, with the same id, across kills. */
import { expect, test } from "vitest";
import { startDashboard, type Dashboard } from "../support/dashboard.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import {
  askNotifier,
  raise,
  receiverSecret as secret,
  startNotifier,
  startReceiver,
} from "../support/notifier.ts";
import { freePort } from "../support/ports.ts";
import type { Service } from "../support/service.ts";
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
    const reply = await askNotifier(notifier, "/v1/channels");
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

/** Everything that ever stood in a topic of one partition, as it stands there. */
async function rawTopic(
  { kafka }: TestNamespace,
  topic: string,
): Promise<string> {
  const admin = kafka.admin();
  await admin.connect();
  const [bounds] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `${topic}.raw` });
  await consumer.connect();
  const texts: string[] = [];
  const read = Promise.withResolvers<undefined>();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ message: { key, value, offset } }) => {
      texts.push(`${String(key)} ${String(value)}`);
      if (Number(offset) + 1 >= Number(bounds?.high)) read.resolve(undefined);
      return Promise.resolve();
    },
  });
  await read.promise;
  await consumer.disconnect();
  return texts.join("\n");
}

test("people silence, test, and send again what was given up; no secret lies open", async () => {
  const space = await testNamespace();
  const receiver = await startReceiver();
  receiver.statuses.splice(0, 1, 400, 200);
  const both = await startBoth(space);
  const { dashboard, notifier } = both;
  await addHook(both, receiver.url);

  const stranger = await fetch(`${notifier.url}/v1/silences`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ matchers: ['severity="critical"'], comment: "x", createdBy: "x" },
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  });
  expect(stranger.status).toBe(401);

  await raise(space, 1, { alertId: "first" });
  const dead = await waitFor(async () => {
    const { body } = await dashboard.get("/api/notify/deadletters");
    return (body["items"] as { readonly id: string }[])[0] ?? null;
  });
  const again = `/api/notify/deadletters/${dead.id}/resend`;
  expect((await dashboard.send("POST", again, {})).status).toBe(202);
  await waitFor(async () => {
    const path = "/api/notify/deliveries?state=accepted&channel=webhook:ops";
    const { body } = await dashboard.get(path);
    return JSON.stringify(body).includes(dead.id);
  });

  const made = await dashboard.send("POST", "/api/silences", {
    matchers: ['rule_family="ORD"', 'severity="critical"'],
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    comment: "known",
  });
  expect(made).toMatchObject({ status: 201, body: { state: "active" } });
  await raise(space, 2, { alertId: "quiet", severity: "critical" });
  await raise(space, 3, { alertId: "loud", ruleId: "PAY-01" });
  await waitFor(() => receiver.received.some((it) => it.alertId === "loud"));
  expect(receiver.received.map((it) => it.alertId)).not.toContain("quiet");
  const id = String(made.body["id"]);
  const path = `/api/silences/${id}/expire`;
  const over = await dashboard.send("POST", path, { reason: "done" });
  expect(over).toMatchObject({ status: 200, body: { state: "expired" } });
  expect(await dashboard.send("POST", path, {})).toMatchObject({
    ...{ status: 409, body: { code: "silence_expired" } },
  });

  const tried = await dashboard.send(
    ...(["POST", "/api/notify/channels/webhook:ops/test", {}] as const),
  );
  expect(tried).toMatchObject({
    status: 200,
    body: { outcome: { kind: "ok" }, answer: { status: 200 } },
  });
  const audit = await rawTopic(space, space.topics.audit);
  for (const action of [
    ...["silence.create", "silence.expire", "channel.test", "delivery.resend"],
  ]) {
    expect(audit).toContain(`"${action}"`);
  }
  const topic = await rawTopic(space, space.topics.settings);
  expect(topic).toContain("rwsealed:1:");
  for (const text of [topic, audit, JSON.stringify(tried.body)]) {
    expect(text).not.toContain(secret);
  }
});
