import { describe, expect, it } from "vitest";
import type { Caller } from "../access.ts";
import type { Deed } from "../audit/trail.ts";
import { createSettings } from "../io/settings.ts";
import { createWallLinks, linksMax } from "./wall-links.ts";

const who: Caller = {
  ...{ user: "admin", role: "administrator" },
  ...{ address: "::1", requestId: "r" },
};
const mask = { names: "short", amounts: false } as const;

function setUp() {
  let clock = 1_000_000;
  const settings = createSettings({ now: () => clock });
  const deeds: Deed[] = [];
  const links = createWallLinks({
    settings,
    audit: {
      done: (_, deed) => {
        deeds.push(deed);
        return Promise.resolve();
      },
    },
    putToken: (token) => {
      settings.put(`walltoken:${token.id}`, token);
      return Promise.resolve();
    },
    now: () => clock,
  });
  const pass = (ms: number): void => {
    clock += ms;
  };
  return { settings, deeds, links, pass };
}

describe("a link to the wall", () => {
  it("lets its bearer watch under its mask until it is revoked", async () => {
    const { settings, deeds, links } = setUp();
    const wanted = { name: "lobby", mask, expiresAt: null };
    const { token, linkId } = await links.create(who, wanted);
    expect(settings.byToken(token)).toEqual({
      ...{ user: `wall:${linkId}`, role: "wall", mask },
    });
    const listed = JSON.stringify(links.list());
    expect(listed).toContain("lobby");
    expect(listed).not.toContain(token.split("_").at(-1));
    await links.revoke(who, linkId, "moved out");
    expect(settings.byToken(token)).toBeNull();
    await expect(links.revoke(who, linkId, null)).rejects.toThrow();
    expect(deeds).toMatchObject([
      {
        action: "wall.share",
        targetId: linkId,
        after: { name: "lobby", mask },
      },
      { action: "wall.revoke", targetId: linkId, reason: "moved out" },
    ]);
    expect(JSON.stringify(deeds)).not.toContain("hash");
  });

  it("ends by itself", async () => {
    const { settings, links, pass } = setUp();
    const wanted = { name: "fair", mask, expiresAt: 1_000_500 };
    const { token } = await links.create(who, wanted);
    expect(settings.byToken(token)).not.toBeNull();
    pass(500);
    expect(settings.byToken(token)).toBeNull();
  });

  it("is one of a bounded number in force", async () => {
    const { links } = setUp();
    const wanted = { name: "x", mask, expiresAt: null };
    for (let i = 0; i < linksMax; i += 1) await links.create(who, wanted);
    await expect(links.create(who, wanted)).rejects.toThrow("Revoke a link");
    const [first] = links.list();
    await links.revoke(who, first?.linkId ?? "", null);
    await links.create(who, wanted);
    await expect(links.revoke(who, "none", null)).rejects.toThrow("No such");
  });
});
