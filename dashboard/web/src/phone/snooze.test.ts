import { describe, expect, it } from "vitest";
import { snoozeUntil, type SnoozeChoice } from "./snooze.ts";

describe("the end of a snooze", () => {
  it.each<[string, SnoozeChoice, string]>([
    ["2026-11-23T10:00:00+08:00", "15min", "2026-11-23T10:15:00+08:00"],
    ["2026-11-23T10:00:00+08:00", "1h", "2026-11-23T11:00:00+08:00"],
    ["2026-11-23T23:00:00+08:00", "4h", "2026-11-24T03:00:00+08:00"],
    ["2026-11-23T23:59:59+08:00", "morning", "2026-11-24T09:00:00+08:00"],
    ["2026-11-24T00:00:00+08:00", "morning", "2026-11-25T09:00:00+08:00"],
    ["2026-12-31T12:00:00+08:00", "morning", "2027-01-01T09:00:00+08:00"],
  ])("%s %s", (now, choice, expected) => {
    expect(snoozeUntil(choice, Date.parse(now))).toBe(Date.parse(expected));
  });
});
