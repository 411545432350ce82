/** People on real servers: users, roles, sessions, keys, the audit log. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import {
  openDashboard,
  startDashboard,
  type Answer,
  type Dashboard,
} from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { waitFor } from "../support/stack.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const json = { "content-type": "application/json" };

/** Headers of a person who just signed in. */
async function signIn(
  dashboard: Dashboard,
  user: string,
  password: string,
  code?: string,
): Promise<{ readonly answer: Answer; readonly headers: HeadersInit }> {
  const body = { user, password, ...(code === undefined ? {} : { code }) };
  const answer = await dashboard.send("POST", "/api/session", body, json);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { answer, headers: { ...json, cookie } };
}

async function makeUser(
  dashboard: Dashboard,
  user: string,
  role: string,
): Promise<HeadersInit> {
  const password = `of-its-own-${Math.random().toString(36).slice(2)}`;
  const made = await dashboard.send("POST", "/api/users", {
    ...{ user, role, password },
  });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({ user, password: null });
  const { answer, headers } = await signIn(dashboard, user, password);
  expect(answer.body).toMatchObject({ user, role, mustChange: false });
  return headers;
}

interface Entry {
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly targetId: string;
  readonly seq: number;
}

async function entries(
  dashboard: Dashboard,
  query = "",
): Promise<readonly Entry[]> {
  const { status, body } = await dashboard.get(`/api/audit?${query}`);
  expect(status).toBe(200);
  return body["items"] as readonly Entry[];
}

/** `./riskwall audit verify`, without the wrapper's start. */
async function verify(
  space: TestNamespace,
): Promise<{ readonly code: number; readonly faults: { kind: string }[] }> {
  const args = ["dashboard/server/src/audit/cli.ts", "verify", "-o", "json"];
  const env = { ...process.env, RISKWALL_NAMESPACE: space.namespace };
  const done = await run(process.execPath, args, { cwd: root, env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  const verdict = JSON.parse(done.stdout) as { faults: { kind: string }[] };
  return { code: done.code, faults: verdict.faults };
}

test("a role holds at once, on HTTP and on sockets, and is written down", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  await startHistorian(space.namespace);

  // The first user of a home administers.
  const me = await dashboard.get("/api/session");
  expect(me.body).toMatchObject({ user: "operator", role: "administrator" });

  const wang = await makeUser(dashboard, "wang", "viewer");
  expect((await dashboard.get("/api/customers", wang)).status).toBe(200);
  const csv = { ...wang, accept: "text/csv" };
  const trend = "/api/trends?metric=orders";
  expect((await dashboard.get(trend, csv)).status).toBe(403);
  const act = { action: "comment", note: "seen" };
  const path = "/api/customers/C-1/actions";
  const refused = await dashboard.send("POST", path, act, wang);
  expect([refused.status, refused.body["code"]]).toEqual([403, "forbidden"]);
  expect((await dashboard.get("/api/users", wang)).status).toBe(403);

  const live = dashboard.connect();
  live.socket.disconnect();
  const cookie = new Headers(wang).get("cookie") ?? "";
  const socket = dashboard.connect(undefined, cookie);
  await socket.connected();
  const promoted = await dashboard.send("PUT", "/api/users/wang", {
    ...{ role: "operator", reason: "joined the desk" },
  });
  expect(promoted.body).toMatchObject({ user: "wang", role: "operator" });
  await waitFor(() => !socket.socket.connected);
  // The same session; the next request has the new role.
  const now = await dashboard.get("/api/session", wang);
  expect(now.body).toMatchObject({ role: "operator" });
  expect(now.body["may"]).toEqual([
    "watch",
    "glance",
    "look",
    "export",
    "compose",
    "operate",
  ]);
  // Past the door: only the customer is not there.
  expect((await dashboard.send("POST", path, act, wang)).status).toBe(404);
  expect((await dashboard.get(trend, csv)).status).toBe(200);

  const off = await dashboard.send("PUT", "/api/users/wang", {
    disabled: true,
  });
  expect(off.body).toMatchObject({ disabled: true });
  expect((await dashboard.get("/api/session", wang)).status).toBe(401);

  const written = await waitFor(async () => {
    const found = await entries(dashboard, "limit=200");
    return found.some((entry) => entry.action === "user.change") && found;
  });
  const of = (action: string): readonly Entry[] =>
    written.filter((entry) => entry.action === action);
  expect(of("user.create")[0]).toMatchObject({
    ...{ actor: "operator", targetId: "wang", role: "administrator" },
    after: { role: "viewer" },
  });
  expect(
    of("access.refuse")
      .map(({ targetId }) => targetId)
      .sort(),
  ).toEqual([
    "GET /api/trends",
    "GET /api/users",
    "POST /api/customers/:id/actions",
  ]);
  expect(of("user.change").at(-1)).toMatchObject({
    before: { role: "viewer" },
    after: { role: "operator" },
    reason: "joined the desk",
  });
  // The chain is what a person sees: 1, 2, 3 …
  const seqs = written.map(({ seq }) => seq).sort((a, b) => a - b);
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
});

test("the last administrator stays, and nobody changes their own rights", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const self = await dashboard.send("PUT", "/api/users/operator", {
    role: "viewer",
  });
  expect(self.body["code"]).toBe("own_account");
  const second = await makeUser(dashboard, "zhao", "administrator");
  const first = "/api/users/operator";
  const demoted = await dashboard.send(
    "PUT",
    first,
    { disabled: true },
    second,
  );
  expect(demoted.status).toBe(200);
  const made = await dashboard.send(
    "POST",
    "/api/users",
    { user: "li", role: "administrator" },
    second,
  );
  // Made by the administrator: to be changed before anything else.
  const { password } = made.body as { password: string };
  const li = await signIn(dashboard, "li", password);
  expect(li.answer.body).toMatchObject({ mustChange: true, may: [] });
  const early = await dashboard.get("/api/customers", li.headers);
  expect(early.body["code"]).toBe("password_change_required");
  const next = "a sentence of my own";
  const change = { current: password, next };
  const changed = await dashboard.send(
    ...(["POST", "/api/account/password"] as const),
    ...([change, li.headers] as const),
  );
  expect(changed.status).toBe(200);
  // The session before is over, the new cookie holds.
  expect((await dashboard.get("/api/session", li.headers)).status).toBe(401);
  const again = await signIn(dashboard, "li", next);
  expect(again.answer.body).toMatchObject({ mustChange: false });
  const path = "/api/users/zhao";
  const lone = await dashboard.send(
    "PUT",
    path,
    { role: "viewer" },
    again.headers,
  );
  expect(lone.status).toBe(200);
  const last = await dashboard.send(
    ...(["POST", "/api/users/li/password"] as const),
    ...([{}, second] as const),
  );
  expect(last.status).toBe(403);
});

test("sessions are listed, ended, idle out and end for good", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const { user, password } = dashboard.credentials.operator;
  const other = await signIn(dashboard, user, password);
  const list = async (): Promise<{ id: string; current: boolean }[]> => {
    const { body } = await dashboard.get("/api/account/sessions");
    return body["items"] as { id: string; current: boolean }[];
  };
  const both = await list();
  expect(both.map(({ current }) => current).sort()).toEqual([false, true]);
  const { id } = both.find(({ current }) => !current) ?? { id: "" };
  const path = `/api/account/sessions/${id}`;
  expect((await dashboard.send("DELETE", path)).status).toBe(204);
  expect((await dashboard.get("/api/session", other.headers)).status).toBe(401);
  expect(await list()).toHaveLength(1);

  // Redis is the clock of idleness; the absolute end stands in the session.
  const [mine] = await list();
  const key = `{${space.namespace}:dash}:session:${mine?.id ?? ""}`;
  expect(await dashboard.redis.ttl(key)).toBeLessThanOrEqual(1800);
  const stored = JSON.parse((await dashboard.redis.get(key)) ?? "{}") as {
    createdAt: number;
  };
  const old = { ...stored, createdAt: stored.createdAt - 12 * 3_600_000 };
  await dashboard.redis.set(key, JSON.stringify(old));
  expect((await dashboard.get("/api/session")).status).toBe(401);
});

test("keys are made, bound, rotated and revoked; a text is shown once", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const made = await dashboard.send("POST", "/api/keys", {
    ...{ name: "erp", scopes: ["orders:read"], sources: ["erp-shanghai"] },
  });
  expect(made.status).toBe(201);
  const { key, keyId } = made.body as { key: string; keyId: string };
  const bearer = (text: string): HeadersInit => ({
    authorization: `Bearer ${text}`,
  });
  expect((await dashboard.get("/api/customers", bearer(key))).status).toBe(200);
  const shown = await dashboard.get("/api/keys");
  expect(JSON.stringify(shown.body)).not.toContain(key.slice(25));
  const rotated = await dashboard.send("POST", `/api/keys/${keyId}/rotate`, {
    overlapHours: 1,
  });
  const second = (rotated.body as { key: string }).key;
  for (const text of [key, second]) {
    const { status } = await dashboard.get("/api/customers", bearer(text));
    expect(status).toBe(200);
  }
  await dashboard.send("POST", `/api/keys/${keyId}/revoke`, {});
  const after = await dashboard.get("/api/customers", bearer(key));
  expect(after.status).toBe(401);
  expect((await dashboard.get("/api/customers", bearer(second))).status).toBe(
    200,
  );
  // A key never acts.
  const act = await dashboard.send(
    "POST",
    "/api/keys",
    {},
    {
      ...json,
      ...bearer(second),
    },
  );
  expect(act.status).toBe(403);
});

test("two servers write one chain; what was changed, removed or cut is named", async () => {
  const space = await testNamespace();
  const one = await startDashboard(space, { RISKWALL_AUDIT_HEAD_SECONDS: "1" });
  const two = await openDashboard(space.namespace, one, one.redis);
  await startHistorian(space.namespace);
  // Reads of customers, at the same time on both.
  const reads = Array.from({ length: 40 }, async (_, i) =>
    (i % 2 === 0 ? one : two).get(`/api/customers/C-${String(i)}/timeline`),
  );
  for (const { status } of await Promise.all(reads)) expect(status).toBe(200);
  const all = await waitFor(async () => {
    const found = await entries(one, "action=customer.read&limit=200");
    return found.length >= 40 && found;
  });
  expect(new Set(all.map(({ targetId }) => targetId)).size).toBe(40);
  expect(all).toHaveLength(40);
  const head = await waitFor(async () => {
    const { body } = await one.get("/api/audit?limit=1");
    return body["head"] as { seq: number };
  });
  expect(head.seq).toBeGreaterThanOrEqual(42);
  await waitFor(async () => (await verify(space)).code === 0);

  const copied = "ALTER TABLE audit";
  const settings = { mutations_sync: "2" };
  const tamper = async (query: string): Promise<void> => {
    await space.clickhouse.command({
      query: `${copied} ${query}`,
      clickhouse_settings: settings,
    });
  };
  // Of the records of one place the first stands in the chain.
  const standing = async (seq: number): Promise<number> =>
    space.count(`SELECT min(\`offset\`) FROM audit WHERE seq = ${String(seq)}`);
  const [fifth, seventh] = [await standing(5), await standing(7)];
  await tamper(
    `UPDATE value = replace(value, '"actor":"operator"', '"actor":"nobody"') WHERE \`offset\` = ${String(fifth)}`,
  );
  const changed = await verify(space);
  expect(changed.code).toBe(1);
  const kindsOf = ({ faults }: typeof changed): string[] =>
    faults.map(({ kind }) => kind);
  expect(kindsOf(changed)).toEqual(["copies-differ"]);
  await tamper(`DELETE WHERE \`offset\` = ${String(seventh)}`);
  const differing = ["copies-differ", "copies-differ"];
  expect(kindsOf(await verify(space))).toEqual(differing);

  // The topic loses its beginning: the copy alone tells, and it was changed.
  await two.service.stop();
  const admin = space.kafka.admin();
  await admin.connect();
  // kafkajs deletes only of topics it has asked for before.
  await admin.fetchTopicOffsets(space.topics.audit);
  await admin.deleteTopicRecords({
    topic: space.topics.audit,
    partitions: [{ partition: 0, offset: String(seventh + 3) }],
  });
  await admin.disconnect();
  expect(kindsOf(await verify(space))).toEqual(["changed", "removed"]);
});
