import { describe, expect, it } from "vitest";
import { auditChanges, keyState } from "./people-rows.ts";

describe("a key", () => {
  const now = Date.parse("2026-06-01T00:00:00Z");
  it.each([
    [null, null, "active"],
    ["2026-06-02T00:00:00Z", null, "ending"],
    ["2026-06-01T00:00:00Z", null, "expired"],
    ["2026-06-02T00:00:00Z", "2026-05-01T00:00:00Z", "revoked"],
  ] as const)(
    "that ends %s, revoked %s, is %s",
    (expiresAt, revokedAt, state) => {
      expect(keyState({ expiresAt, revokedAt }, now)).toBe(state);
    },
  );
});

describe("what an entry changed", () => {
  it.each([
    [null, null, []],
    [
      { role: "viewer", name: "Li" },
      { role: "operator", name: "Li" },
      [{ name: "role", from: "viewer", to: "operator" }],
    ],
    [null, { how: "password" }, [{ name: "how", from: null, to: "password" }]],
    [{ a: [1] }, null, [{ name: "a", from: "[1]", to: null }]],
    [null, { assignee: null }, []],
  ])("%j to %j", (before, after, changes) => {
    expect(auditChanges({ before, after })).toEqual(changes);
  });
});
