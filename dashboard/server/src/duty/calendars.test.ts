import { describe, expect, it } from "vitest";
import { createSettings } from "../io/settings.ts";
import { calendarsMax, createCalendars } from "./calendars.ts";
import { caller, createMemoryDuty } from "./memory-duty.test-support.ts";

const li = caller("li", "operator");
const han = caller("hmm", "operator");
const admin = caller("root", "administrator");
const wanted = { name: "phone", of: { kind: "person", id: "li" } } as const;

function setUp() {
  const memory = createMemoryDuty();
  const settings = createSettings();
  const setUser = (over: object): void => {
    const user = { user: "li", role: "operator", passwordHash: "x" };
    settings.put("user:li", { ...user, ...over });
  };
  setUser({});
  const stored: string[] = [];
  const calendars = createCalendars({
    ...{ ...memory, settings, publicUrl: "https://w.example", now: () => 0 },
    putFeed: async (feed) => {
      stored.push(JSON.stringify(feed));
      settings.put(`calendar:${feed.id}`, feed);
      return Promise.resolve();
    },
  });
  return { ...memory, calendars, stored, setUser };
}
const tokenOf = (url: string): string =>
  url.replace("https://w.example/calendars/", "").replace(/\.ics$/, "");

describe("a subscribed calendar", () => {
  it("is read by its secret, which nobody keeps, until it is revoked", async () => {
    const { calendars, stored, deeds } = setUp();
    const { url, calendarId } = await calendars.create(li, wanted);
    const token = tokenOf(url);
    expect(token).toMatch(/^rw_cal_[0-9a-f]{12}_[\w-]{43}$/);
    expect(await calendars.read(token)).toBe("calendar of person li");
    const secret = token.split("_").at(-1) ?? "";
    const kept = JSON.stringify([stored, deeds, calendars.list(li)]);
    expect(kept).not.toContain(secret);
    expect(JSON.stringify(calendars.list(li))).not.toContain("hash");
    await expect(calendars.read(`${token}x`)).rejects.toThrow("No such");
    await expect(calendars.read("rw_cal_x")).rejects.toThrow("No such");

    await calendars.revoke(li, calendarId);
    await expect(calendars.read(token)).rejects.toMatchObject({
      ...{ status: 404, code: "calendar_unknown" },
    });
    await expect(calendars.revoke(li, calendarId)).rejects.toMatchObject({
      code: "calendar_revoked",
    });
    expect(deeds.map(({ action, targetId }) => [action, targetId])).toEqual([
      ["calendar.create", calendarId],
      ["calendar.revoke", calendarId],
    ]);
  });

  it.each([
    ["is disabled", { disabled: true }],
    ["may no longer take figures away", { role: "viewer" }],
    ["is gone", { user: 1 }],
  ])("ends when who made it %s", async (_, over) => {
    const { calendars, setUser } = setUp();
    const token = tokenOf((await calendars.create(li, wanted)).url);
    setUser(over);
    await expect(calendars.read(token)).rejects.toThrow("No such");
  });

  it("is listed and ended by whom it is, or an administrator", async () => {
    const { calendars } = setUp();
    const { calendarId } = await calendars.create(li, wanted);
    expect(calendars.list(han)).toEqual([]);
    expect(calendars.list(admin)).toHaveLength(1);
    await expect(calendars.revoke(han, calendarId)).rejects.toMatchObject({
      code: "calendar_unknown",
    });
    await calendars.revoke(admin, calendarId);
  });

  it("is of something there is, one of a bounded number", async () => {
    const { calendars } = setUp();
    const gone = { name: "x", of: { kind: "schedule", id: "gone" } } as const;
    await expect(calendars.create(li, gone)).rejects.toMatchObject({
      code: "schedule_unknown",
    });
    for (let i = 0; i < calendarsMax; i += 1)
      await calendars.create(li, wanted);
    await expect(calendars.create(li, wanted)).rejects.toMatchObject({
      code: "too_many_calendars",
    });
    await calendars.create(han, wanted);
  });
});
