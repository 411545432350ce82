/** The port asks who calls, and what it answers to those it knows. */
import { alertLinkKey } from "@riskwall/schemas/alert-links";
import { parseMatcher } from "@riskwall/schemas/matchers";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { parseChannel } from "./channels/channel-kinds.ts";
import type { KeptSilence } from "./core/silences.ts";
import type { Outbox, RecentFilter, RecentPlace } from "./outbox/outbox.ts";
import { buildServer } from "./server.ts";
import { createSettings } from "./settings.ts";
import { createZoneOffset } from "./zone-offset.ts";

const secret = "rw_service_" + "s".repeat(43);
const robot = "https://oapi.dingtalk.com/robot/send?access_token=0123456789ab";
const now = Date.parse("2026-11-28T08:00:00Z");
const hourMs = 3_600_000;

function build() {
  const settings = createSettings();
  settings.put("channel:team", {
    ...{ id: "team", kind: "dingtalk", url: robot, secret: "SECsecret" },
  });
  settings.put("routing:main", {
    version: 3,
    route: { receiver: "all" },
    receivers: [{ name: "all", channels: ["team"] }],
  });
  const asked: (readonly [RecentFilter, RecentPlace | null, number])[] = [];
  const outbox: Pick<
    Outbox,
    | "health"
    | "depth"
    | "delivery"
    | "ofAlert"
    | "recent"
    | "dead"
    | "resend"
    | "see"
  > = {
    health: async () =>
      Promise.resolve({
        health: "failing",
        fails: "5",
        why: "503",
        tokens60000: "2",
        at60000: String(now),
      }),
    depth: async () => Promise.resolve(new Map([["team", 4]])),
    delivery: async () => Promise.resolve(null),
    ofAlert: async () =>
      Promise.resolve({ deliveries: [], acknowledged: null }),
    recent: async (filter, from, max) => {
      asked.push([filter, from, max]);
      return Promise.resolve({ items: [], next: { at: 7, id: "msg_7" } });
    },
    dead: async () => Promise.resolve([]),
    resend: async (id) => Promise.resolve(id === "dead"),
    see: async (id, alertId) =>
      Promise.resolve(id === "msg_1" && alertId === "A-1"),
  };
  const app = buildServer({
    ...{ outbox, secret, publicUrl: "http://wall", now: () => now },
    linkKey: alertLinkKey(secret),
    ...{ channel: settings.channel, channels: settings.channels },
    ...{ plan: settings.plan, silences: settings.silences },
    shares: settings.shares,
    ...{ vapid: settings.vapid, pushChannel: settings.pushChannel },
    reached: async () => Promise.resolve(true),
    change: async (key, value) => {
      settings.put(key, value);
      return Promise.resolve();
    },
    zoneOffset: createZoneOffset(),
    firing: () => [],
    transmit: async () =>
      Promise.resolve({
        kind: "reply",
        reply: {
          ...{ status: 200, headers: {} },
          body: '{"errcode":310000,"errmsg":"0123456789ab is not allowed"}',
        },
      }),
    registry: new Registry(),
    parts: () => ({ started: { up: true, needed: true } }),
  });
  const ask = async (
    route: string,
    payload?: object,
    authorization = `Bearer ${secret}`,
  ) => {
    const [method = "", url = ""] = route.split(" ");
    const reply = await app.inject({
      method: method === "POST" ? "POST" : "GET",
      url,
      headers: { authorization },
      ...(payload === undefined ? {} : { payload }),
    });
    const body = reply.body.startsWith("{")
      ? (reply.json() as Record<string, unknown>)
      : {};
    return { status: reply.statusCode, body };
  };
  return { app, ask, settings, asked };
}

const guarded = [
  "GET /v1/alerts/a/deliveries",
  "GET /v1/deliveries",
  "GET /v1/deliveries/x",
  "POST /v1/deliveries/x/seen",
  "GET /v1/deadletters",
  "POST /v1/deadletters/dead/resend",
  "GET /v1/channels",
  "POST /v1/channels/team/test",
  "GET /v1/routing",
  "POST /v1/routing/who",
  "POST /v1/oncall/simulate",
  "GET /v1/silences",
  "GET /v1/silences/x",
  "POST /v1/silences",
  "POST /v1/silences/x/expire",
  "GET /v1/oncall",
  "GET /v1/oncall/x",
  "GET /v1/oncall/x/calendar.ics",
  "GET /v1/people/x/calendar.ics",
  "GET /v1/shares",
  "POST /v1/shares/check",
  "GET /v1/settings/reached/x",
  "GET /v1/push",
  "GET /v1/nothing",
  "POST /v1/nothing",
];

describe("who does not show the secret of the home", () => {
  it.each(guarded)("is refused at %s", async (route) => {
    const { ask, settings } = build();
    for (const shown of [
      "",
      "Bearer ",
      "Bearer x",
      secret,
      `bearer ${secret}`,
    ]) {
      const { status, body } = await ask(route, {}, shown);
      expect([status, body["code"]]).toEqual([401, "unauthorized"]);
    }
    expect(settings.silences()).toEqual([]);
  });

  it.each(["/livez", "/startupz", "/readyz", "/metrics"])(
    "is answered at %s",
    async (path) => {
      expect((await build().ask(`GET ${path}`, undefined, "")).status).toBe(
        200,
      );
    },
  );

  it("every route but those asks", async () => {
    const { app } = build();
    await app.ready();
    const tree = app.printRoutes({ commonPrefix: false });
    // One line for each path; those above and those that are open.
    const paths = tree.split("\n").filter((line) => /\((GET|POST)/.test(line));
    const known = new Set(
      guarded
        .filter((route) => !route.includes("nothing"))
        .map((route) =>
          route.split(" ")[1]?.replace(/\/(x|a|dead|team)(?=\/|$)/, "/:id"),
        ),
    );
    expect(paths.length).toBe(known.size + 4);
  });
});

describe("a link that was opened", () => {
  it.each([
    ["msg_1", { alertId: "A-1" }, 200],
    ["msg_1", { alertId: "A-2" }, 404],
    ["msg_2", { alertId: "A-1" }, 404],
    ["msg_1", {}, 422],
  ])("of %s, %j: %s", async (id, body, status) => {
    const { ask } = build();
    const route = `POST /v1/deliveries/${id}/seen`;
    expect((await ask(route, body)).status).toBe(status);
  });
});

describe("silences", () => {
  const draft = {
    matchers: ['customer_id="C-1"', "severity!=critical"],
    endsAt: new Date(now + hourMs).toISOString(),
    ...{ createdBy: "li", comment: "known outage" },
  };

  it("are made, in force at once, listed by state, ended", async () => {
    const { ask, settings } = build();
    const made = await ask("POST /v1/silences", draft);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...{ state: "active", createdBy: "li", comment: "known outage" },
      matchers: ['customer_id="C-1"', 'severity!="critical"'],
      startsAt: new Date(now).toISOString(),
    });
    expect(settings.plan().silences).toHaveLength(1);
    const startsAt = new Date(now + hourMs / 2).toISOString();
    await ask("POST /v1/silences", { ...draft, startsAt });
    const counted = { active: 1, pending: 1, expired: 0 };
    expect((await ask("GET /v1/silences?state=pending")).body).toMatchObject({
      items: [{ state: "pending" }],
      counts: counted,
    });
    const id = String(made.body["id"]);
    const ended = await ask(`POST /v1/silences/${id}/expire`, {});
    expect(ended.body).toMatchObject({ id, state: "expired" });
    expect(await ask(`POST /v1/silences/${id}/expire`, {})).toMatchObject({
      status: 409,
      body: { code: "silence_expired" },
    });
    expect((await ask(`GET /v1/silences/${id}`)).body["state"]).toBe("expired");
  });

  it.each([
    [{ matchers: [] }, "invalid_body", "matchers"],
    [{ matchers: ["a=1", "no matcher"] }, "invalid_body", "matchers.1"],
    [{ matchers: ['class!="A"'] }, "matches_everything", "matchers"],
    [{ comment: " " }, "invalid_body", "comment"],
    [{ createdBy: "" }, "invalid_body", "createdBy"],
    [{ endsAt: "tomorrow" }, "invalid_body", "endsAt"],
    [{ endsAt: new Date(now).toISOString() }, "ends_before_start", "endsAt"],
  ])("%j is refused", async (over, code, path) => {
    const { ask, settings } = build();
    const { status, body } = await ask("POST /v1/silences", {
      ...draft,
      ...over,
    });
    expect([status, body["code"], body["path"]]).toEqual([422, code, path]);
    expect(settings.silences()).toEqual([]);
  });

  it("that ended long ago go when another is made", async () => {
    const { ask, settings } = build();
    const parsed = parseMatcher("a=1");
    if (parsed.kind === "bad") throw new Error(parsed.why);
    const old: Omit<KeptSilence, "matchers" | "startsAt" | "endsAt"> = {
      ...{ id: "old", createdBy: "li", comment: "then" },
    };
    settings.put("silence:old", {
      ...old,
      matchers: ["a=1"],
      startsAt: "2026-01-01T00:00:00Z",
      endsAt: "2026-01-02T00:00:00Z",
    });
    await ask("POST /v1/silences", draft);
    expect(settings.silences().map(({ id }) => id)).not.toContain("old");
  });

  it("unknown ones are not found", async () => {
    const { ask } = build();
    for (const route of ["GET /v1/silences/x", "POST /v1/silences/x/expire"]) {
      expect(await ask(route)).toMatchObject({
        status: 404,
        body: { code: "silence_unknown" },
      });
    }
    expect((await ask("GET /v1/silences?state=odd")).body["code"]).toBe(
      "invalid_query",
    );
  });
});

it("channels are shown with circuit, quota and last outcome, no secret", async () => {
  const { body } = await build().ask("GET /v1/channels");
  expect(body).toMatchObject({
    items: [
      {
        ...{ id: "team", kind: "dingtalk", language: "zh-CN", waiting: 4 },
        ...{ target: "oapi.dingtalk.com", circuit: "half-open", failures: 5 },
        ...{ health: "failing", why: "503", acceptedAt: null },
        quotas: [{ permits: 16, windowMs: 60_000, left: 2, size: 8 }],
      },
    ],
    routingVersion: 3,
  });
  expect(JSON.stringify(body)).not.toMatch(/0123456789ab|SECsecret/);
});

it("a test shows request and raw answer without secrets", async () => {
  const { ask } = build();
  const { status, body } = await ask("POST /v1/channels/team/test", {});
  expect(status).toBe(200);
  expect(body).toMatchObject({
    request: { method: "POST" },
    outcome: { kind: "config", why: "310000 … is not allowed" },
    answer: {
      status: 200,
      body: '{"errcode":310000,"errmsg":"… is not allowed"}',
    },
  });
  expect(JSON.stringify(body)).not.toMatch(/0123456789ab|SECsecret/);
  expect(await ask("POST /v1/channels/none/test", {})).toMatchObject({
    status: 404,
    body: { code: "channel_unknown" },
  });
});

it("the routing is data with its version; the tester says why", async () => {
  const { ask } = build();
  expect((await ask("GET /v1/routing")).body).toMatchObject({
    version: 3,
    roots: [{ receiver: "all", routes: [] }],
  });
  const who = { severity: "high", rule: "ORD-01", customer: "C-1" };
  expect((await ask("POST /v1/routing/who", who)).body).toMatchObject({
    items: [{ receiver: "all", channels: ["team"], heldBack: null }],
    routingVersion: 3,
  });
  const odd = await ask("POST /v1/routing/who", { ...who, severity: "odd" });
  expect(odd).toMatchObject({
    status: 422,
    body: { code: "invalid_body", path: "severity" },
  });
});

it("deliveries go page by page; a foreign cursor is refused", async () => {
  const { ask, asked } = build();
  const first = await ask("GET /v1/deliveries?state=dead&channel=team&limit=5");
  const cursor = String(first.body["next"]);
  await ask(`GET /v1/deliveries?cursor=${cursor}`);
  expect(asked).toEqual([
    [{ state: "dead", channel: "team" }, null, 5],
    [{ state: null, channel: null }, { at: 7, id: "msg_7" }, 50],
  ]);
  expect((await ask("GET /v1/deliveries?cursor=abc")).body).toMatchObject({
    ...{ code: "invalid_query", path: "cursor" },
  });
  expect((await ask("GET /v1/deliveries?state=odd")).status).toBe(422);
  expect((await ask("POST /v1/deadletters/dead/resend", {})).status).toBe(202);
  expect((await ask("POST /v1/deadletters/x/resend", {})).body["code"]).toBe(
    "delivery_unknown",
  );
});

it("every kind of channel names its host and its secrets", () => {
  const slack = parseChannel({
    id: "s",
    kind: "slack",
    url: "https://hooks.slack.com/services/x",
  });
  expect(slack).toMatchObject({
    target: "hooks.slack.com",
    secrets: ["https://hooks.slack.com/services/x"],
  });
  const mail = parseChannel({
    ...{
      id: "m",
      kind: "email",
      host: "mail.example.com",
      password: "p4ssword",
    },
    ...{ from: "a@example.com", to: ["b@example.com"] },
  });
  expect(mail).toMatchObject({
    target: "mail.example.com",
    secrets: ["p4ssword"],
  });
});
