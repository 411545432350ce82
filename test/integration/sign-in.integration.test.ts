/** Ways to sign in: lock-out, a second factor, an identity provider. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { expect, onTestFinished, test } from "vitest";
import {
  openDashboard,
  startDashboard,
  type Answer,
  type Dashboard,
} from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import {
  startIdentityProvider,
  walkThrough,
} from "../support/identity-provider.ts";
import { testNamespace } from "../support/namespace.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/stack.ts";

const json = { "content-type": "application/json" };

async function signIn(
  dashboard: Dashboard,
  body: object,
  headers: HeadersInit = json,
): Promise<Answer> {
  return dashboard.send("POST", "/api/session", body, headers);
}

interface Entry {
  readonly actor: string;
  readonly address: string;
  readonly reason: string;
}

async function failures(dashboard: Dashboard): Promise<readonly Entry[]> {
  const query = "action=session.open&outcome=refused&limit=200";
  const { body } = await dashboard.get(`/api/audit?${query}`);
  return body["items"] as readonly Entry[];
}

test("guessing pauses by address, locks by user, and is written down", async () => {
  const space = await testNamespace();
  const trusted = { RISKWALL_TRUSTED_PROXIES: "127.0.0.1" };
  const dashboard = await startDashboard(space, trusted);
  await startHistorian(space.namespace);
  const password = "a sentence that is right";
  await dashboard.send("POST", "/api/users", {
    ...{ user: "li", role: "viewer", password },
  });
  const from = (address: string): HeadersInit => ({
    ...json,
    "x-forwarded-for": address,
  });
  const wrong = { user: "li", password: "wrong" };
  for (let i = 0; i < 10; i += 1) {
    expect((await signIn(dashboard, wrong, from("10.0.0.1"))).status).toBe(401);
  }
  const right = { user: "li", password };
  const paused = await signIn(dashboard, right, from("10.0.0.1"));
  expect(paused.status).toBe(429);
  expect(Number(paused.headers.get("retry-after"))).toBeGreaterThan(0);
  // From elsewhere the person gets in, until the guesses are too many.
  expect((await signIn(dashboard, right, from("10.0.0.2"))).status).toBe(200);
  for (let i = 0; i < 30; i += 1) {
    await signIn(dashboard, wrong, from(`10.0.1.${String(Math.floor(i / 8))}`));
  }
  expect((await signIn(dashboard, right, from("10.0.0.3"))).status).toBe(429);
  const { body } = await dashboard.get("/api/users");
  const users = body["items"] as { user: string; locked: boolean }[];
  expect(users.find(({ user }) => user === "li")?.locked).toBe(true);
  await dashboard.send("POST", "/api/users/li/unlock", {});
  expect((await signIn(dashboard, right, from("10.0.0.3"))).status).toBe(200);

  const nobody = { user: "nobody", password: "x" };
  expect((await signIn(dashboard, nobody, from("10.0.0.9"))).status).toBe(401);
  const found = await waitFor(async () => {
    const all = await failures(dashboard);
    return all.some(({ actor }) => actor === "nobody") && all;
  });
  const reasons = found.map(({ reason }) => reason);
  expect(reasons).toContain("no such user");
  expect(reasons).toContain("too many attempts");
  expect(reasons.some((reason) => reason.includes("locked"))).toBe(true);
  expect(found.find(({ actor }) => actor === "nobody")?.address).toBe(
    "10.0.0.9",
  );
});

test("a second factor: enrolled, asked for, once per code, recovered", async () => {
  const space = await testNamespace();
  const dashboard = await startDashboard(space);
  const { operator } = dashboard.credentials;
  const begun = await dashboard.send("POST", "/api/account/two-factor", {
    password: operator.password,
  });
  const { secret, uri } = begun.body as { secret: string; uri: string };
  expect(uri).toContain(`secret=${secret}`);
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const path = "/api/account/two-factor/confirm";
  const bad = await dashboard.send("POST", path, { code: "000000" });
  expect(bad.body["code"]).toBe("wrong_code");
  // Nothing is asked for before the first right code.
  expect((await signIn(dashboard, operator)).status).toBe(200);
  const code = totp.generate();
  const confirmed = await dashboard.send("POST", path, { code });
  const codes = confirmed.body["recoveryCodes"] as string[];
  expect(new Set(codes).size).toBe(10);

  const asked = await signIn(dashboard, operator);
  expect([asked.status, asked.body["code"]]).toEqual([401, "code_required"]);
  // The code that confirmed is used up.
  const again = await signIn(dashboard, { ...operator, code });
  expect([again.status, again.body["code"]]).toEqual([401, "bad_credentials"]);
  // A clock one step ahead is within what is let pass.
  const next = totp.generate({ timestamp: Date.now() + 30_000 });
  expect((await signIn(dashboard, { ...operator, code: next })).status).toBe(
    200,
  );
  const [first = ""] = codes;
  const lost = { ...operator, code: first.toLowerCase() };
  expect((await signIn(dashboard, lost)).status).toBe(200);
  expect((await signIn(dashboard, lost)).status).toBe(401);

  // Neither secret nor code is readable from outside.
  const shown = await dashboard.get("/api/users");
  expect(JSON.stringify(shown.body)).not.toContain(secret);
  const off = await dashboard.send("POST", "/api/account/two-factor/remove", {
    password: operator.password,
  });
  expect(off.status).toBe(204);
  expect((await signIn(dashboard, operator)).status).toBe(200);
});

test("an identity provider signs people in with the role of their claims", async () => {
  const space = await testNamespace();
  const first = await startDashboard(space);
  expect((await first.get("/api/session/methods", {})).body).toEqual({
    ...{ password: true, oidc: null },
  });
  expect((await first.get("/api/oidc/start", {})).status).toBe(404);
  await first.service.stop();

  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${String(port)}`;
  const provider = await startIdentityProvider(
    `${publicUrl}/api/oidc/callback`,
  );
  const folder = mkdtempSync(join(tmpdir(), "riskwall-oidc-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const secretFile = join(folder, "secret");
  writeFileSync(secretFile, `${provider.clientSecret}\n`);
  const dashboard = await openDashboard(
    space.namespace,
    first,
    first.redis,
    {
      RISKWALL_PUBLIC_URL: publicUrl,
      RISKWALL_OIDC_ISSUER: provider.issuer,
      RISKWALL_OIDC_CLIENT_ID: provider.clientId,
      RISKWALL_OIDC_CLIENT_SECRET_FILE: secretFile,
      RISKWALL_OIDC_ROLES: "credit-heads=approver,credit-desk=operator",
      RISKWALL_OIDC_LABEL: "Test House",
    },
    port,
  );
  const methods = await dashboard.get("/api/session/methods", {});
  expect(methods.body["oidc"]).toEqual({ label: "Test House" });
  const start = `${dashboard.url}/api/oidc/start?then=/alerts?state=open`;

  provider.say("s-1", {
    ...{ preferred_username: "Chen.Jie", name: "陈洁" },
    roles: ["everybody", "credit-desk"],
  });
  const walk = await walkThrough(start, "s-1");
  expect(walk.end.pathname + walk.end.search).toBe("/alerts?state=open");
  const me = await dashboard.get("/api/session", { cookie: walk.cookie });
  expect(me.body).toMatchObject({
    ...{ user: "chen.jie", role: "operator", name: "陈洁", external: true },
  });

  // Promoted there; the sessions here follow at the next sign-in.
  provider.say("s-1", {
    ...{ preferred_username: "chen.jie", roles: "credit-heads" },
  });
  const second = await walkThrough(start, "s-1");
  const now = await dashboard.get("/api/session", { cookie: second.cookie });
  expect(now.body).toMatchObject({ user: "chen.jie", role: "approver" });

  // Neither a password nor a role is set here for such a user.
  const role = { role: "viewer" };
  const set = await dashboard.send("PUT", "/api/users/chen.jie", role);
  expect(set.body["code"]).toBe("external_user");

  const refusal = async (account: string): Promise<string | null> => {
    const { end } = await walkThrough(start, account);
    return end.searchParams.get("refused");
  };
  provider.say("s-2", { preferred_username: "wu", roles: ["everybody"] });
  expect(await refusal("s-2")).toBe("no_role");
  provider.say("s-3", {
    preferred_username: "operator",
    roles: "credit-heads",
  });
  expect(await refusal("s-3")).toBe("user_taken");
  // Another subject under the first one's name.
  provider.say("s-4", {
    preferred_username: "chen.jie",
    roles: "credit-heads",
  });
  expect(await refusal("s-4")).toBe("user_taken");
  await dashboard.send("PUT", "/api/users/chen.jie", { disabled: true });
  expect(await refusal("s-1")).toBe("user_disabled");

  // An answer that was not asked for from this browser, or was bent.
  const alien = await fetch(`${dashboard.url}/api/oidc/callback?code=x`, {
    redirect: "manual",
  });
  expect(alien.headers.get("location")).toBe("/login?refused=no_detour");
  provider.say("s-5", { preferred_username: "sun", roles: "credit-desk" });
  const bent = await walkThrough(start, "s-5", (url) => {
    if (url.pathname === "/api/oidc/callback")
      url.searchParams.set("state", "z");
    return url;
  });
  expect(bent.end.searchParams.get("refused")).toBe("oidc_failed");
  expect(bent.cookie).toBe("riskwall_session=");
  // No open redirect by way of the sign-in.
  for (const then of ["https://evil.test", "//evil.test", "/\\evil.test"]) {
    const asked = `/api/oidc/start?then=${encodeURIComponent(then)}`;
    expect((await dashboard.get(asked, {})).status).toBe(422);
  }
});
