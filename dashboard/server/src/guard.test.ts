/**
 * Every route with every role. The routes come from the server itself; what
 * each needs is written down here a second time: a route that is new, gone or
 * needs something else fails.
 */
import { createHash } from "node:crypto";
import type { InjectOptions } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  alertLinkKey,
  alertLinkMs,
  alertLinkToken,
} from "@riskwall/schemas/alert-links";
import { roles, type Identity, type Need } from "./access.ts";
import type { AuditEvent } from "@riskwall/schemas/audit";
import { createAuditTrail, refusalsBurst } from "./audit/trail.ts";
import { createSettings } from "./io/settings.ts";
import { createAlertLinks } from "./people/alert-links.ts";
import { buildServer, type ServerDeps } from "./server.ts";

const needs: Readonly<Record<string, Need>> = {
  "POST /api/session": "open",
  "GET /api/session": "known",
  "DELETE /api/session": "open",
  "GET /api/session/methods": "open",
  "GET /api/oidc/start": "open",
  "GET /api/oidc/callback": "open",
  "POST /api/account/password": "self",
  "POST /api/account/two-factor": "self",
  "POST /api/account/two-factor/confirm": "self",
  "POST /api/account/two-factor/remove": "self",
  "GET /api/account/sessions": "self",
  "DELETE /api/account/sessions/:id": "self",
  "GET /api/users": "administer",
  "POST /api/users": "administer",
  "PUT /api/users/:id": "administer",
  "POST /api/users/:id/password": "administer",
  "POST /api/users/:id/unlock": "administer",
  "DELETE /api/users/:id/two-factor": "administer",
  "GET /api/users/:id/sessions": "administer",
  "DELETE /api/users/:id/sessions": "administer",
  "GET /api/keys": "administer",
  "POST /api/keys": "administer",
  "PUT /api/keys/:id": "administer",
  "POST /api/keys/:id/rotate": "administer",
  "POST /api/keys/:id/revoke": "administer",
  "GET /api/ingest/sources": "look",
  "GET /api/ingest/tail": "look",
  "GET /api/audit": "administer",
  "GET /api/wall/cash": "watch",
  "GET /api/wall/at": "watch",
  "GET /api/wall/figures/:id": "look",
  "GET /api/walls": "look",
  "POST /api/walls": "compose",
  "GET /api/walls/:id": "watch",
  "PUT /api/walls/:id": "compose",
  "GET /api/walls/:id/versions": "look",
  "POST /api/walls/:id/remove": "compose",
  "GET /api/wall/links": "administer",
  "POST /api/wall/links": "administer",
  "POST /api/wall/links/:id/revoke": "administer",
  "GET /api/portfolio": "watch",
  "GET /api/customers": "look",
  "GET /api/customers/:id": "look",
  "GET /api/customers/:id/whatif": "look",
  "GET /api/customers/:id/timeline": "look",
  "GET /api/customers/:id/scores": "look",
  "GET /api/customers/:id/forecast": "look",
  "POST /api/customers/:id/actions": "operate",
  "GET /api/forecast": "watch",
  "GET /api/groups": "look",
  "GET /api/groups/:id": "look",
  "GET /api/alerts": "look",
  "GET /api/alerts/suppressed": "look",
  "GET /api/alerts/:id": "glance",
  "GET /api/alerts/:id/deliveries": "look",
  "POST /api/alerts/:id/actions": "operate",
  "POST /api/alerts/:id/links/end": "operate",
  "POST /api/alerts/:id/seen": "glance",
  "POST /api/alert-links/end": "configure",
  "GET /api/oncall": "look",
  "GET /api/oncall/schedules/:id": "look",
  "POST /api/oncall/simulate": "look",
  "GET /api/oncall/shares": "look",
  "GET /api/oncall/report": "look",
  "POST /api/oncall/overrides": "operate",
  "DELETE /api/oncall/overrides/:id": "operate",
  "POST /api/oncall/swaps": "operate",
  "POST /api/oncall/swaps/:id/take": "operate",
  "DELETE /api/oncall/swaps/:id": "operate",
  "GET /api/oncall/calendars": "export",
  "POST /api/oncall/calendars": "export",
  "POST /api/oncall/calendars/:id/revoke": "export",
  "GET /api/push": "self",
  "PUT /api/push/browsers": "self",
  "DELETE /api/push/browsers/:id": "self",
  "POST /api/push/browsers/:id/test": "self",
  "GET /api/silences": "look",
  "POST /api/silences": "operate",
  "POST /api/silences/preview": "look",
  "POST /api/silences/:id/expire": "operate",
  "GET /api/notify/channels": "look",
  "POST /api/notify/channels/:id/test": "configure",
  "GET /api/notify/routing": "look",
  "POST /api/notify/routing/who": "look",
  "GET /api/notify/deliveries": "look",
  "GET /api/notify/deadletters": "look",
  "POST /api/notify/deadletters/:id/resend": "operate",
  "GET /api/rules/verdicts": "look",
  "GET /api/orders": "look",
  "GET /api/orders/:id": "look",
  "POST /api/orders/:id/actions": "operate",
  "GET /api/trends": "look",
  "POST /api/trends/exports": "export",
  "GET /api/trends/customers": "look",
  "GET /api/trends/annotations": "look",
  "GET /api/deadletters": "look",
  "GET /api/deadletters/:id": "look",
  "POST /api/deadletters/:id/redrive": "operate",
  "POST /api/deadletters/redrive": "operate",
  "GET /api/settings/webhooks": "configure",
  "PUT /api/settings/webhooks/:id": "configure",
  "DELETE /api/settings/webhooks/:id": "configure",
  "GET /api/live/:topic": "watch",
  "GET /livez": "open",
  "GET /startupz": "open",
  "GET /readyz": "open",
  "GET /metrics": "open",
  "GET /openapi.json": "open",
  "GET /calendars/:id": "open",
};
/** Pages are one document without data; files and reference hold none. */
const isPage = (url: string): boolean =>
  !url.startsWith("/api/") &&
  !["/livez", "/startupz", "/readyz", "/metrics"].includes(url);

/** Who may what, written out: not computed as the product computes it. */
const allowed: Readonly<Record<string, readonly Need[]>> = {
  nobody: ["open"],
  wall: ["open", "known", "watch"],
  reader: ["open", "known", "watch", "glance", "look"],
  viewer: ["open", "known", "self", "watch", "glance", "look"],
  analyst: [
    ...(["open", "known", "self", "watch", "glance", "look"] as const),
    ...(["export", "compose"] as const),
  ],
  operator: [
    ...(["open", "known", "self", "watch", "glance", "look"] as const),
    ...(["export", "compose", "operate"] as const),
  ],
  approver: [
    ...(["open", "known", "self", "watch", "glance", "look"] as const),
    ...(["export", "compose", "operate", "approve"] as const),
  ],
  administrator: [
    ...(["open", "known", "self", "watch", "glance", "look"] as const),
    ...(["export", "compose", "operate"] as const),
    ...(["approve", "configure", "administer"] as const),
  ],
  beginner: ["open", "known", "self"],
};

const written: AuditEvent[] = [];
const wallSecret = "w".repeat(43);
const wallId = "aaaaaaaaaaaa";
/** A shared wall: its token has a mask. */
const sharedId = "cccccccccccc";
const cookieName = "riskwall_session";
const linkKey = alertLinkKey("rw_service_test");
const linkNow = Date.parse("2026-11-20T08:30:00Z");
/** Messages brought it for the alert `x`. */
const link = alertLinkToken(linkKey, "x", linkNow);

function identityOf(token: string): Identity | null {
  if (token === "beginner") {
    return { user: token, role: "administrator", mustChange: true };
  }
  const role = roles.find((name) => name === token);
  return role === undefined ? null : { user: token, role, session: token };
}

/** Fails in every way a handler may ask: only the door is looked at here. */
function nothing(): never {
  const fail = (): never => {
    throw new Error("behind the door");
  };
  // One cast: stands for everything behind the door, and answers nothing.
  return new Proxy(fail, { get: () => fail }) as never;
}

async function build() {
  const settings = createSettings();
  settings.put(`walltoken:${wallId}`, {
    id: wallId,
    hash: createHash("sha256").update(wallSecret).digest("hex"),
    revokedAt: null,
  });
  settings.put(`walltoken:${sharedId}`, {
    ...{ id: sharedId, revokedAt: null },
    hash: createHash("sha256").update(wallSecret).digest("hex"),
    mask: { names: "short", amounts: false },
  });
  let clock = 0;
  const audit = createAuditTrail(
    {
      append: (event) => {
        written.push(event);
        return Promise.resolve();
      },
    },
    () => (clock += 60_000),
  );
  const alertLinks = createAlertLinks({
    ...{ settings, audit, key: linkKey, now: () => linkNow },
    put: async () => Promise.resolve(),
  });
  const own: Partial<ServerDeps> = {
    alertLinks,
    ...{ settings, audit, cookieName, publicUrl: "http://wall.test" },
    ...{ trustedProxies: [], webRoot: "/nowhere", needed: [] },
    sessions: {
      find: async (token: string) => Promise.resolve(identityOf(token)),
      ...{ open: nothing(), list: nothing(), end: nothing() },
      endAll: nothing(),
    },
    log: pino({ level: "silent" }),
  };
  const deps = new Proxy(own, {
    get: (target, name) => Reflect.get(target, name) ?? nothing(),
  });
  // Every other dependency answers nothing.
  return buildServer(deps as ServerDeps);
}

let app: Awaited<ReturnType<typeof build>>;
beforeAll(async () => {
  app = await build();
  await app.ready();
});
afterAll(async () => app.close());

function credentials(who: string): Record<string, string> {
  if (who === "nobody") return {};
  if (who === "reader" || who === "wall") {
    const id = who === "wall" ? sharedId : wallId;
    return { authorization: `Bearer rw_wall_${id}_${wallSecret}` };
  }
  return { cookie: `${cookieName}=${who}` };
}

async function ask(
  route: string,
  who: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly code: string }> {
  const [method = "GET", url = "/"] = route.split(" ");
  const reply = await app.inject({
    // Methods of the server's own list.
    method: method as NonNullable<InjectOptions["method"]>,
    url: url.replace(":id", "x").replace(":topic", "alerts"),
    headers: { ...credentials(who), ...headers },
    ...(method === "POST" || method === "PUT" ? { payload: {} } : {}),
  });
  const isJson = reply.body.startsWith("{");
  const body = isJson ? (reply.json() as { code?: string }) : {};
  return { status: reply.statusCode, code: body.code ?? "" };
}

describe("routes", () => {
  it("are those written down here, and need what is written down", () => {
    const found = app.routeNeeds
      .filter(({ method, url }) => method !== "HEAD" && !isPage(url))
      .map(({ method, url, needs: need }) => [`${method} ${url}`, need]);
    const expected = Object.entries(needs).filter(
      ([route]) => !isPage(route.split(" ")[1] ?? ""),
    );
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(found).toHaveLength(expected.length);
  });

  it("hold no data where they are open to everybody", () => {
    const open = app.routeNeeds.filter(({ needs: need }) => need === "open");
    expect(
      open.filter(({ url }) => url.startsWith("/api/")).map(({ url }) => url),
    ).toEqual(expect.arrayContaining(["/api/session", "/api/session/methods"]));
    for (const { url } of open) {
      expect(url).toMatch(
        /^\/(api\/(session|session\/methods|oidc\/(start|callback)))?$|^\/(?!api\/)/,
      );
    }
  });

  it("that do not say what they need cannot be made", async () => {
    const fresh = await build();
    expect(() => fresh.get("/api/secrets", () => "all of them")).toThrow(
      /does not say its needs/,
    );
  });
});

describe.each(Object.keys(allowed))("%s", (who) => {
  it.each(Object.keys(needs))("%s", async (route) => {
    const need = needs[route] ?? "administer";
    const { status, code } = await ask(route, who);
    if (allowed[who]?.includes(need)) {
      expect([401, 403].includes(status) && code !== "bad_credentials").toBe(
        false,
      );
    } else if (who === "nobody") {
      expect([status, code]).toEqual([401, "unauthorized"]);
    } else if (who === "beginner") {
      expect([status, code]).toEqual([403, "password_change_required"]);
    } else expect([status, code]).toEqual([403, "forbidden"]);
  });
});

describe("the bearer of a link to one alert", () => {
  const shown = "GET /api/alerts/:id";
  const receipt = "POST /api/alerts/:id/seen";
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const openRoutes = Object.keys(needs).filter((it) => needs[it] === "open");

  it("sees that alert and nothing else", async () => {
    const seen: string[] = [];
    for (const route of Object.keys(needs)) {
      if (openRoutes.includes(route)) continue;
      const { code } = await ask(route, "nobody", bearer(link));
      if (!["unauthorized", "forbidden"].includes(code)) seen.push(route);
    }
    expect(seen).toEqual([shown, receipt]);
  });

  it.each([
    ["of another alert", alertLinkToken(linkKey, "y", linkNow)],
    ["that ran out", alertLinkToken(linkKey, "x", linkNow - alertLinkMs)],
    [
      "of another home",
      alertLinkToken(alertLinkKey("rw_service_other"), "x", linkNow),
    ],
  ])("is a stranger with one %s", async (_, token) => {
    expect(await ask(shown, "nobody", bearer(token))).toEqual({
      ...{ status: 401, code: "unauthorized" },
    });
  });
});

describe("the door", () => {
  it("writes down whom it refused, but not strangers", async () => {
    written.length = 0;
    await ask("GET /api/users", "viewer");
    await ask("GET /api/users", "nobody");
    expect(written).toHaveLength(1);
    expect(written[0]).toMatchObject({
      ...{ actor: "viewer", action: "access.refuse", outcome: "refused" },
      ...{ targetId: "GET /api/users", reason: "needs administer" },
    });
  });

  it("shows no single customer to a shared wall, by polling either", async () => {
    const [path, query] = ["GET /api/live/:topic", "?id=x"];
    const url = path.replace(":topic", "customer") + query;
    expect(await ask(url, "wall")).toEqual({ status: 403, code: "forbidden" });
    expect((await ask(url, "reader")).status).not.toBe(403);
  });

  it("writes down who read a customer, before it answers", async () => {
    written.length = 0;
    for (const route of Object.keys(needs)) {
      if (route.startsWith("GET /api/customers/:id")) {
        await ask(route, "viewer");
      }
    }
    expect(
      written.map(({ action, customerId }) => [action, customerId]),
    ).toEqual(Array.from({ length: 5 }, () => ["customer.read", "x"]));
  });

  it("takes no change from a page of another origin", async () => {
    const foreign = { origin: "http://evil.test" };
    for (const route of Object.keys(needs)) {
      const isChange = !route.startsWith("GET");
      const { code } = await ask(route, "administrator", foreign);
      expect([route, code === "origin_forbidden"]).toEqual([route, isChange]);
    }
    const own = { origin: "http://wall.test" };
    const { code } = await ask("POST /api/users", "administrator", own);
    expect(code).not.toBe("origin_forbidden");
  });

  it("takes no form of a page as a change", async () => {
    const reply = await app.inject({
      ...{ method: "POST", url: "/api/users", payload: "user=x" },
      headers: {
        ...credentials("administrator"),
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(reply.statusCode).toBe(415);
  });

  it("says which roles would be let in", async () => {
    const reply = await app.inject({
      ...{ method: "POST", url: "/api/alerts/x/actions", payload: {} },
      headers: credentials("viewer"),
    });
    expect(reply.json()).toMatchObject({
      roles: ["operator", "approver", "administrator"],
    });
  });

  it("knows nobody by a cookie or token that is not known", async () => {
    for (const headers of [
      { cookie: `${cookieName}=stranger` },
      { authorization: "Bearer rw_wall_bbbbbbbbbbbb_x" },
      { authorization: `Bearer rw_live_${wallId}_${wallSecret}` },
    ]) {
      const reply = await app.inject({ url: "/api/portfolio", headers });
      expect(reply.statusCode).toBe(401);
    }
  });
});

it("a caller cannot flood the audit log with refusals", async () => {
  let entries = 0;
  const log = {
    append: () => {
      entries += 1;
      return Promise.resolve();
    },
  };
  const trail = createAuditTrail(log, () => 0);
  const place = { address: "::1", requestId: "r" };
  const who = { user: "li", role: "viewer", ...place } as const;
  for (let i = 0; i < refusalsBurst * 3; i += 1) {
    await trail.refused(who, "GET /api/users", "administer");
  }
  expect(entries).toBe(refusalsBurst);
});

it("the page of the API has a nonce of its own, its script is left as it is", async () => {
  const page = await app.inject({ url: "/docs/api/" });
  const [, nonce = ""] = /<script nonce="([^"]+)"/.exec(page.body) ?? [];
  expect(nonce).not.toBe("");
  expect(page.headers["content-security-policy"]).toContain(nonce);
  const script = await app.inject({ url: "/docs/api/js/scalar.js" });
  expect(script.statusCode).toBe(200);
  // Says it where it writes pages of its own, without one.
  expect(script.body).toContain("<script");
  expect(script.body).not.toContain('<script nonce="');
});
