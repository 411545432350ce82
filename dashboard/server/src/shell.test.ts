import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  cookieOf,
  isOwnOrigin,
  judge,
  permissionsOf,
  sessionCookieName,
  type Identity,
  type Need,
} from "./access.ts";
import { answerBody } from "./actions.ts";
import { loadConfig } from "./config.ts";
import { createSettings } from "./io/settings.ts";
import { parseReading } from "./io/present.ts";
import { Problem } from "./problem.ts";
import { timelineKind } from "./io/past-customer.ts";
import { customerAction } from "./routes/customer-actions.ts";
import { guardCell } from "./routes/history.ts";
import { wordsOf } from "./routes/request.ts";

describe("what may be asked", () => {
  it.each([
    ["event", "event"],
    ["events", "event"],
    ["decisions", "decision"],
    ["order.placed", null],
    ["", null],
  ])("%j is the timeline's %j", (word, kind) => {
    expect(timelineKind(word)).toBe(kind);
  });

  it.each([
    ["", []],
    ["open", ["open"]],
    ["open,resolved", ["open", "resolved"]],
  ])("%j of a closed list", (text, words) => {
    expect(wordsOf(["open", "resolved"]).parse(text)).toEqual(words);
  });

  it("no word that a closed list does not have", () => {
    expect(wordsOf(["open"]).safeParse("open,opne").success).toBe(false);
  });

  it.each([
    [{ action: "comment", note: "seen" }, true],
    [{ action: "comment", reason: "seen" }, true],
    [{ action: "comment" }, false],
    [{ action: "watch" }, true],
    [{ action: "hold" }, false],
    [{ action: "hold", reason: "court" }, true],
  ])("%j of a customer: %j", (body, taken) => {
    expect(customerAction.safeParse(body).success).toBe(taken);
  });
});

describe("who may what", () => {
  const as = (role: Identity["role"], over: Partial<Identity> = {}) => ({
    ...{ user: role, role, ...over },
  });
  it.each<[Identity | null, Need, string]>([
    [null, "open", "allowed"],
    [null, "known", "sign-in"],
    [null, "look", "sign-in"],
    [as("reader"), "look", "allowed"],
    [as("reader"), "export", "forbidden"],
    [as("reader"), "self", "forbidden"],
    [as("viewer"), "look", "allowed"],
    [as("viewer"), "export", "forbidden"],
    [as("viewer"), "operate", "forbidden"],
    [as("viewer"), "self", "allowed"],
    [as("analyst"), "export", "allowed"],
    [as("analyst"), "operate", "forbidden"],
    [as("operator"), "operate", "allowed"],
    [as("operator"), "approve", "forbidden"],
    [as("approver"), "approve", "allowed"],
    [as("approver"), "administer", "forbidden"],
    [as("approver"), "configure", "forbidden"],
    [as("administrator"), "approve", "allowed"],
    [as("administrator"), "administer", "allowed"],
    [as("administrator", { mustChange: true }), "look", "change-password"],
    [as("administrator", { mustChange: true }), "self", "allowed"],
  ])("%j, %s: %s", (identity, need, verdict) => {
    expect(judge(identity, need)).toBe(verdict);
  });

  it("shows nothing to a person who has to choose a password first", () => {
    expect(permissionsOf(as("operator", { mustChange: true }))).toEqual([]);
    expect(permissionsOf(as("operator"))).toEqual([
      ...["watch", "glance", "look", "export", "compose", "operate"],
    ]);
  });

  it.each([
    [undefined, "wall:4000", true],
    ["http://wall:4000", "wall:4000", true],
    ["https://wall:4000", "wall:4000", true],
    ["http://evil:4000", "wall:4000", false],
    ["http://wall", "wall:4000", false],
    ["null", "wall:4000", false],
    ["http://wall:4000", undefined, false],
  ])("origin %s at %s is its own: %s", (origin, host, own) => {
    expect(isOwnOrigin(origin, host)).toBe(own);
  });

  it("the public address is its own, too, behind a proxy", () => {
    const at = "https://wall.example";
    expect(isOwnOrigin("https://wall.example", "10.0.0.1:4000", at)).toBe(true);
    expect(isOwnOrigin("http://wall.example", "10.0.0.1:4000", at)).toBe(false);
  });

  it("holds the cookie to its host under TLS", () => {
    expect(sessionCookieName("https://w.example")).toMatch(/^__Host-/);
    expect(sessionCookieName("http://w.example")).not.toMatch(/^__Host-/);
  });

  it("reads one cookie of many", () => {
    expect(cookieOf("a=1; riskwall_session=x=y; b", "riskwall_session")).toBe(
      "x=y",
    );
    expect(cookieOf(undefined, "a")).toBe("");
  });
});

describe("settings", () => {
  const secret = "s".repeat(43);
  const sha256 = (text: string): string =>
    createHash("sha256").update(text).digest("hex");
  const put = (kind: string, over: object = {}) => {
    const settings = createSettings();
    settings.put(`${kind}:aaaaaaaaaaaa`, {
      ...{ id: "aaaaaaaaaaaa", hash: sha256(secret), revokedAt: null },
      ...over,
    });
    return settings;
  };

  it("know a wall token by its hash only", () => {
    const settings = put("walltoken");
    const token = `rw_wall_aaaaaaaaaaaa_${secret}`;
    expect(settings.byToken(token)?.role).toBe("reader");
    expect(settings.byToken(token.replace(/s$/, "t"))).toBeNull();
    expect(settings.byToken("nonsense")).toBeNull();
    expect(put("walltoken", { hash: "00" }).byToken(token)).toBeNull();
  });

  it("let a key read only with the scope for it", () => {
    const token = `rw_live_aaaaaaaaaaaa_${secret}`;
    const scopes = (list: string[]) => put("apikey", { scopes: list });
    expect(scopes(["orders:read"]).byToken(token)?.role).toBe("reader");
    expect(scopes(["events:write"]).byToken(token)).toBeNull();
    const revoked = put("apikey", {
      scopes: ["orders:read"],
      revokedAt: "now",
    });
    expect(revoked.byToken(token)).toBeNull();
  });

  it("end a key when its time is over", () => {
    const token = `rw_live_aaaaaaaaaaaa_${secret}`;
    const at = (expiresAt: string) => {
      const now = (): number => Date.parse("2026-06-01T00:00:00Z");
      const settings = createSettings({ now });
      settings.put("apikey:aaaaaaaaaaaa", {
        ...{ id: "aaaaaaaaaaaa", hash: sha256(secret), revokedAt: null },
        ...{ scopes: ["orders:read"], expiresAt },
      });
      return settings.byToken(token);
    };
    expect(at("2026-06-01T00:00:01Z")?.role).toBe("reader");
    expect(at("2026-06-01T00:00:00Z")).toBeNull();
  });

  it("tell whose rights changed, and only then", () => {
    const told: string[] = [];
    const settings = createSettings({ onRights: (who) => told.push(who) });
    const li = { user: "li", role: "viewer", passwordHash: "x" };
    settings.put("user:li", li);
    settings.put("user:li", { ...li, name: "Li" });
    settings.put("user:li", { ...li, role: "operator" });
    settings.put("user:li", { ...li, role: "operator", disabled: true });
    settings.put("walltoken:a", null);
    expect(told).toEqual(["li", "li", "li", "wall:a"]);
  });

  it("do not take a token of one kind for another", () => {
    const token = `rw_wall_aaaaaaaaaaaa_${secret}`;
    expect(
      put("apikey", { scopes: ["orders:read"] }).byToken(token),
    ).toBeNull();
  });

  it("forget what is removed or malformed", () => {
    const settings = put("walltoken");
    settings.put("walltoken:aaaaaaaaaaaa", null);
    expect(settings.byToken(`rw_wall_aaaaaaaaaaaa_${secret}`)).toBeNull();
    settings.put("user:li", { user: "li", role: "king", passwordHash: "" });
    expect(settings.user("li")).toBeNull();
    settings.put("nothing", 1);
  });
});

describe("configuration", () => {
  it("has defaults of the local stack", () => {
    expect(loadConfig({})).toMatchObject({
      namespace: "riskwall",
      port: 4000,
      historianUrl: "http://127.0.0.1:4102",
      publicUrl: "http://127.0.0.1:4000",
    });
    const env = {
      RISKWALL_HISTORIAN_PORT: "5102",
      RISKWALL_PUBLIC_URL: "https://w.example/",
    };
    expect(loadConfig(env)).toMatchObject({
      historianUrl: "http://127.0.0.1:5102",
      publicUrl: "https://w.example",
    });
  });

  it("reads the roles of an identity provider", () => {
    const env = {
      RISKWALL_OIDC_ISSUER: "https://id.example",
      RISKWALL_OIDC_ROLES: "cn=heads,ou=x=approver, desk = operator",
    };
    expect(() => loadConfig(env)).toThrow(/cn=heads/);
    const good = { ...env, RISKWALL_OIDC_ROLES: "heads=approver, d=operator" };
    expect(loadConfig(good).oidc?.roleByValue).toEqual([
      ["heads", "approver"],
      ["d", "operator"],
    ]);
  });

  it("names every problem at once", () => {
    const env = { RISKWALL_NAMESPACE: "No", RISKWALL_DASHBOARD_PORT: "x" };
    expect(() => loadConfig(env)).toThrow(
      /RISKWALL_NAMESPACE[\s\S]*RISKWALL_DASHBOARD_PORT/,
    );
  });
});

describe("answers to actions", () => {
  const outcome = {
    ...{ partition: 0, offset: 0, n: 0, appendedAt: 0, actionId: "x" },
    ...{ customerId: "C-1", target: "alert", targetId: "a1" },
    ...{ outcome: "applied", code: "OK", message: "" },
    current: '{"actionVersion":3}',
  };

  it("say pending when the fold is late", () => {
    expect(answerBody(null, "x")).toEqual({ actionId: "x", pending: true });
  });

  it("carry what stands when the fold refused", () => {
    const value = {
      ...outcome,
      outcome: "refused",
      code: "STALE",
      message: "late",
    };
    const act = (): object => answerBody({ name: "ActionOutcome", value }, "x");
    expect(act).toThrow(Problem);
    try {
      act();
    } catch (error) {
      expect(error).toMatchObject({
        status: 409,
        code: "STALE",
        extra: { current: { actionVersion: 3 } },
      });
    }
  });

  it("say applied otherwise", () => {
    const body = answerBody({ name: "ActionOutcome", value: outcome }, "x");
    expect(body).toEqual({ actionId: "x", applied: true });
  });
});

describe("cells of a spreadsheet", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["@x", "'@x"],
    ["+49", "'+49"],
    ["-x", "'-x"],
    ["-12.50", "-12.50"],
    ["order.placed", "order.placed"],
  ])("%s is written %s", (cell, text) => {
    expect(guardCell(cell)).toBe(text);
  });
});

describe("the rule set in force", () => {
  it("gives currency and scale, or the shipped ones", () => {
    expect(parseReading(null).scale.currency).toBe("CNY");
    const body = { currency: "USD", score: { factor: 50, offset: 400 } };
    const register = { rulesBody: JSON.stringify(body), clock: { speed: 60 } };
    const reading = parseReading(JSON.stringify(register));
    expect(reading.simulated).toBe(true);
    expect(reading.scale.currency).toBe("USD");
    expect(reading.scale.pdOf(400)).toBe(0.5);
  });
});
