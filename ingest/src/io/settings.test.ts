import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSettingsView } from "./settings.ts";

const id = "0123456789ab";
const secret = "s".repeat(43);
const token = `rw_live_${id}_${secret}`;
const entry = (more: object = {}): string =>
  JSON.stringify({
    id,
    hash: createHash("sha256").update(secret).digest("hex"),
    scopes: ["events:write"],
    sources: ["*"],
    revokedAt: null,
    ...more,
  });

describe("settings", () => {
  it("knows a key by the hash of its secret", () => {
    const view = createSettingsView(() => undefined);
    expect(view.apply(`apikey:${id}`, entry())).toBe(true);
    expect(view.keyOf(token)?.scopes).toEqual(["events:write"]);
    expect(view.keyOf(token.replace("sss", "ssx"))).toBeNull();
    expect(view.keyOf("rw_live_x")).toBeNull();
  });

  it.each([
    ["revoked", entry({ revokedAt: "2026-01-01T00:00:00Z" })],
    ["removed", null],
    ["replaced by something unreadable", "{"],
  ])("forgets a key that is %s", (_, value) => {
    const view = createSettingsView(() => undefined);
    view.apply(`apikey:${id}`, entry());
    view.apply(`apikey:${id}`, value);
    expect(view.keyOf(token)).toBeNull();
  });

  it.each([
    ["2026-06-01T00:00:00Z", false],
    ["2026-06-01T00:00:01Z", true],
  ])("a key that ends %s still works: %s", (expiresAt, works) => {
    const now = (): number => Date.parse("2026-06-01T00:00:00Z");
    const view = createSettingsView(() => undefined, now);
    view.apply(`apikey:${id}`, entry({ expiresAt }));
    expect(view.keyOf(token) !== null).toBe(works);
  });

  it("says when an entry is not readable, and ignores foreign ones", () => {
    const view = createSettingsView(() => undefined);
    expect(view.apply(`apikey:${id}`, entry({ hash: "x" }))).toBe(false);
    expect(view.apply("user:operator", "{")).toBe(true);
  });

  it("tells of each source once", () => {
    const heard: string[] = [];
    const view = createSettingsView((source) => heard.push(source));
    for (const source of ["erp", "crm", "erp"]) {
      view.apply(`source:${source}`, "{}");
    }
    expect(heard).toEqual(["erp", "crm"]);
    view.apply("source:erp", null);
    expect(view.sources()).toEqual(["crm"]);
  });
});
