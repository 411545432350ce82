import { describe, expect, it } from "vitest";
import { dayNumber, dayText, localDayStart, parseInstant } from "./instants.ts";

describe("instants", () => {
  it.each([
    ["2026-11-20T08:30:00+08:00", "2026-11-20T00:30:00.000Z"],
    ["2026-11-20t08:30:00z", "2026-11-20T08:30:00.000Z"],
    ["2026-11-20 08:30:00.123456-05:30", "2026-11-20T14:00:00.123Z"],
    ["2026-11-20T08:30:00.5Z", "2026-11-20T08:30:00.500Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ])("%s is %s", (text, iso) => {
    const ms = parseInstant(text);
    expect(ms === null ? null : new Date(ms).toISOString()).toBe(iso);
  });

  it.each([
    "2026-11-20",
    "2026-11-20T08:30:00",
    "2026-11-20T08:30Z",
    "2026-02-29T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T08:60:00Z",
    "2026-11-20T08:30:61Z",
    "2026-11-20T08:30:00+24:00",
    "2026-11-20T08:30:00+0800",
    "yesterday",
    "",
  ])("%s is none", (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it("counts days as the platform does, from 1900 to 2299", () => {
    for (let day = -25_567; day <= 120_529; day += 13) {
      expect(dayNumber(dayText(day))).toBe(day);
    }
    for (const text of ["1899-12-31", "2300-01-01", "1900-02-29"]) {
      expect(dayNumber(text)).toBeNull();
    }
    expect(localDayStart(0)).toBe(-8 * 3_600_000);
  });
});
