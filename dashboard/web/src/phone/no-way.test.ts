import { describe, expect, it } from "vitest";
import { isNoWay } from "./no-way.ts";

describe("whether an act has to be sent again", () => {
  it.each<[string, boolean, number, string, boolean]>([
    ["taken", true, 202, "", false],
    ["somebody was faster", false, 409, "STALE", false],
    ["not allowed", false, 403, "forbidden", false],
    ["the server does not know it", false, 404, "alert_unknown", false],
    ["no network", false, 0, "network", true],
    ["the session is over", false, 401, "unauthorized", true],
    ["too many requests", false, 429, "too_many", true],
    ["a part is away", false, 503, "log_unavailable", true],
    ["the first try still runs", false, 409, "idempotency_in_flight", true],
  ])("%s", (_, ok, status, code, expected) => {
    expect(isNoWay({ ok, status, code })).toBe(expected);
  });
});
