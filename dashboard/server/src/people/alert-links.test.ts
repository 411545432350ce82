import type { AuditEvent } from "@riskwall/schemas/audit";
import {
  alertLinkKey,
  alertLinkMs,
  alertLinkToken,
} from "@riskwall/schemas/alert-links";
import { describe, expect, it } from "vitest";
import type { Caller } from "../access.ts";
import { createSettings } from "../io/settings.ts";
import { createAlertLinks, everyAlert, linkMask } from "./alert-links.ts";

const key = alertLinkKey("rw_service_test");
const start = Date.parse("2026-11-20T08:30:00.000Z");
const who: Caller = {
  ...{ user: "li", role: "operator", address: "::1", requestId: "r" },
};

function world() {
  const settings = createSettings();
  const written: Partial<AuditEvent>[] = [];
  const clock = { at: start };
  const links = createAlertLinks({
    ...{ settings, key, now: () => clock.at },
    audit: {
      done: async (_, event) => {
        written.push(event);
        return Promise.resolve();
      },
    },
    put: async (alertId, ended) => {
      settings.put(`alertlinks:${alertId}`, ended);
      return Promise.resolve();
    },
  });
  const sent = (id: string): string => alertLinkToken(key, id, clock.at);
  return { settings, written, clock, links, sent };
}

describe("links to one alert", () => {
  it("show it under a mask", () => {
    const { links, sent } = world();
    expect(links.identify(sent("A-1"), "A-1")).toEqual({
      ...{ user: "link:A-1", role: "link", mask: linkMask },
    });
    expect(links.identify(sent("A-1"), "A-2")).toBeNull();
  });

  it("end when somebody says so; a later message brings a new one", async () => {
    const { links, sent, clock, written } = world();
    const [first, other] = [sent("A-1"), sent("A-2")];
    await links.end(who, "A-1", "sent to the wrong group");
    expect(links.identify(first, "A-1")).toBeNull();
    expect(links.identify(other, "A-2")).not.toBeNull();
    clock.at += 1000;
    expect(links.identify(sent("A-1"), "A-1")).not.toBeNull();
    expect(written).toEqual([
      expect.objectContaining({
        ...{ action: "alert.end-links", targetId: "A-1" },
        reason: "sent to the wrong group",
      }),
    ]);
  });

  it("end all at once", async () => {
    const { links, sent } = world();
    const tokens = ["A-1", "A-2"].map((id) => [id, sent(id)] as const);
    await links.end(who, everyAlert, null);
    for (const [id, token] of tokens) {
      expect(links.identify(token, id)).toBeNull();
    }
  });

  it("are forgotten once they have run out by themselves", async () => {
    const { links, settings, clock } = world();
    await links.end(who, "A-1", null);
    clock.at += alertLinkMs;
    await links.end(who, "A-2", null);
    expect([...settings.endedLinks().keys()]).toEqual(["A-2"]);
  });
});
