import { describe, expect, test } from "vitest";
import { auditHash, canonicalJson, chainStart, sealEntry } from "./audit.ts";

describe("canonical JSON", () => {
  test.each([
    [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
    [{ a: undefined, b: { d: 1, c: 2 } }, '{"b":{"c":2,"d":1}}'],
    ['客户\n"', '"客户\\n\\""'],
    [undefined, "null"],
    [[undefined, 1.5], "[null,1.5]"],
  ])("of %j is %s", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });
});

test("an entry goes on from a head, and its hash covers every field", () => {
  const event = {
    ...{ actor: "li", role: "viewer", address: "::1", action: "user.create" },
    ...{ targetKind: "user", targetId: "wang", customerId: "" },
    ...{ reason: null, before: null, after: { role: "x" } },
    outcome: "done",
    requestId: "r",
  } as const;
  const head = { seq: 0, hash: chainStart };
  const entry = sealEntry(event, head, "id", "2026-01-01T00:00:00.000Z");
  expect(entry).toMatchObject({ seq: 1, prev: chainStart });
  // Order of keys does not matter: JSON in between may change it.
  const again: object = JSON.parse(canonicalJson(entry)) as object;
  expect(auditHash(again)).toBe(entry.hash);
  for (const key of Object.keys(entry).filter((name) => name !== "hash")) {
    expect(auditHash({ ...entry, [key]: "other" })).not.toBe(entry.hash);
  }
});
