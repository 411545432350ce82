import { describe, expect, it } from "vitest";
import { backoffMs, outcomeOfStatus, pauseMs, retryAfterMs } from "./retry.ts";

describe("after a reply", () => {
  it.each([
    [200, "ok"],
    [204, "ok"],
    [301, "payload"],
    [400, "payload"],
    [401, "config"],
    [403, "config"],
    [404, "config"],
    [408, "retry"],
    [410, "disable"],
    [425, "retry"],
    [429, "retry"],
    [500, "retry"],
    [503, "retry"],
  ] as const)("status %s means %s", (status, kind) => {
    const reply = { status, headers: {}, body: "" };
    expect(outcomeOfStatus(reply, 0).kind).toBe(kind);
  });

  it.each([
    [undefined, null],
    ["", null],
    ["7", 7000],
    ["-1", null],
    ["soon", null],
    ["Thu, 01 Jan 1970 00:00:09 GMT", 9000],
    ["999999999", 86_400_000],
  ])("Retry-After %s is %s ms", (header, ms) => {
    expect(retryAfterMs(header, 0)).toBe(ms);
  });

  it("waits longer and longer, with full jitter", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 40].map((n) => pauseMs(n, null, 1));
    expect(longest).toEqual([...backoffMs, 1_800_000, 1_800_000]);
    expect(pauseMs(3, null, 0)).toBe(0);
    expect(pauseMs(3, null, 0.5)).toBe(15_000);
  });

  it("never comes back earlier than the receiver asked", () => {
    expect(pauseMs(1, 60_000, 0.5)).toBe(60_000);
  });

  it("rests a channel for as long as a 429 asks, and tries 503 again", () => {
    const reply = (status: number) => ({
      status,
      headers: { "retry-after": "7" },
      body: "",
    });
    expect(outcomeOfStatus(reply(429), 0)).toMatchObject({
      kind: "retry",
      afterMs: 7000,
      coolMs: 7000,
    });
    expect(outcomeOfStatus(reply(503), 0)).toEqual({
      kind: "retry",
      why: "status 503",
      afterMs: 7000,
    });
  });
});
