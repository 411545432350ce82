import { describe, expect, it } from "vitest";
import {
  alertLinkIssuedAt,
  alertLinkKey,
  alertLinkMs,
  alertLinkToken,
  hideAlertLinks,
} from "./alert-links.ts";

const key = alertLinkKey("rw_service_one");
const sentAt = Date.parse("2026-11-20T08:30:00.000Z");
const token = alertLinkToken(key, "A-1", sentAt);

describe("a link to one alert", () => {
  it.each([
    ["at once", "A-1", key, token, 0, sentAt],
    ["to the last second", "A-1", key, token, alertLinkMs - 1, sentAt],
    ["no longer than a day", "A-1", key, token, alertLinkMs, null],
    ["for no other alert", "A-2", key, token, 0, null],
    ["not for another home", "A-1", alertLinkKey("two"), token, 0, null],
    ["not when it is changed", "A-1", key, `${token.slice(0, -2)}__`, 0, null],
    ["not when it is cut", "A-1", key, token.slice(0, -1), 0, null],
    [
      ...(["not made younger", "A-1", key] as const),
      ...([token.replace(/_\w{6}_/, "_zzzzzz_"), 0, null] as const),
    ],
  ])("opens %s", (_, alertId, with_, text, afterMs, issuedAt) => {
    expect(alertLinkIssuedAt(with_, text, alertId, sentAt + afterMs)).toBe(
      issuedAt,
    );
  });

  it("is not shown in what is kept", () => {
    expect(hideAlertLinks(`see https://x/m/a/A-1#${token}.`)).toBe(
      "see https://x/m/a/A-1#rw_alert_….",
    );
  });
});
