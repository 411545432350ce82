import { createHash, scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { cookieOf, isOwnOrigin, may } from "./access.ts";
import { answerBody } from "./actions.ts";
import { loadConfig } from "./config.ts";
import { createSettings } from "./io/settings.ts";
import { isPassword } from "./io/sessions.ts";
import { parseReading } from "./io/present.ts";
import { Problem } from "./problem.ts";
import { guardCell } from "./routes/history.ts";

describe("who may what", () => {
  it.each([
    [null, "read", false],
    [null, "operate", false],
    [{ user: "wall:1", role: "reader" }, "read", true],
    [{ user: "wall:1", role: "reader" }, "operate", false],
    [{ user: "operator", role: "operator" }, "read", true],
    [{ user: "operator", role: "operator" }, "operate", true],
  ] as const)("%j may %s: %s", (identity, permission, allowed) => {
    expect(may(identity, permission)).toBe(allowed);
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

describe("passwords", () => {
  it("are checked against scrypt and nothing else", async () => {
    const salt = Buffer.from("0123456789abcdef");
    const key = scryptSync("right", salt, 32, { N: 1024, r: 8, p: 1 });
    const text = `scrypt$1024$8$1$${salt.toString("base64")}$${key.toString("base64")}`;
    expect(await isPassword("right", text)).toBe(true);
    expect(await isPassword("wrong", text)).toBe(false);
    expect(await isPassword("right", "plain$right")).toBe(false);
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
