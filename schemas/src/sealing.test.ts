import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSealing, secretsIn, Unsealable } from "./sealing.ts";

const keys = new Map([
  ["a", randomBytes(32)],
  ["b", randomBytes(32)],
]);
const first = createSealing({ current: "a", keys });
const second = createSealing({ current: "b", keys });

const entries: readonly (readonly [string, object, readonly string[]])[] = [
  [
    "channel:team",
    {
      kind: "dingtalk",
      url: "https://x/?access_token=T0ken",
      secret: "SECabc",
    },
    ["T0ken", "SECabc"],
  ],
  [
    "channel:mail",
    { kind: "email", host: "mail", password: "pässword密码" },
    ["pässword密码"],
  ],
  [
    "channel:pager",
    {
      routingKey: "R0uting",
      apiKey: "ApiK3y",
      integrationKey: "Int3gration",
      bearer: "B3arer",
    },
    ["R0uting", "ApiK3y", "Int3gration", "B3arer"],
  ],
  ["webhook:ops", { url: "https://shown/", secret: "whsec_x" }, ["whsec_x"]],
  [
    "user:li",
    { user: "li", totp: { secret: "BASE32", recovery: ["h"] } },
    ["BASE32"],
  ],
];

describe.each(entries)("%s", (key, value, secrets) => {
  it("holds no secret once sealed, and opens to what it was", () => {
    const sealed = first.seal(key, value);
    const text = JSON.stringify(sealed);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).toContain("rwsealed:1:a:");
    expect(first.open(key, sealed)).toEqual(value);
    expect(first.seal(key, value)).not.toEqual(sealed);
  });

  it("opens where another key seals now, and is sealed with that next", () => {
    const opened = second.open(key, first.seal(key, value));
    expect(opened).toEqual(value);
    expect(JSON.stringify(second.seal(key, value))).toContain("rwsealed:1:b:");
  });

  it("written plain before sealing was there, is read as it stands", () => {
    expect(first.open(key, value)).toEqual(value);
  });

  it("does not open under another name, changed, or without the key", () => {
    const sealed = first.seal(key, value);
    const kind = key.split(":")[0] ?? "";
    expect(() => first.open(`${kind}:other`, sealed)).toThrow(Unsealable);
    const stranger = createSealing({
      current: "c",
      keys: new Map([["c", randomBytes(32)]]),
    });
    expect(() => stranger.open(key, sealed)).toThrow(/not here: a/);
    const text = JSON.stringify(sealed).replace(
      /(rwsealed:1:a:[\w-]{30})(.)/,
      (_, start: string, sign: string) => start + (sign === "A" ? "B" : "A"),
    );
    expect(() => first.open(key, JSON.parse(text))).toThrow(Unsealable);
  });
});

it.each([
  ["routing:main", { url: "https://x", secret: "s" }],
  ["user:li", { user: "li", totp: null }],
  ["channel:x", { kind: "wecom", url: "" }],
])("%s without a secret stays as it is", (key, value) => {
  expect(first.seal(key, value)).toEqual(value);
});

it("a removed entry and one of no shape stay as they are", () => {
  expect(first.open("channel:x", null)).toBeNull();
  expect(first.open("channel:x", ["a"])).toEqual(["a"]);
});

it("names the secrets of an entry", () => {
  expect(secretsIn("channel:x", { url: "u", secret: "s", id: "x" })).toEqual([
    "u",
    "s",
  ]);
  expect(secretsIn("channel:x", null)).toEqual([]);
});
