import { describe, expect, it } from "vitest";
import { roundDecimal } from "./round-decimal.ts";
import { createZonedReader } from "./zoned-time.ts";

describe("zoned time", () => {
  const shanghai = createZonedReader("Asia/Shanghai", "ymd");
  it.each([
    ["2020-01-31", "2020-01-30T16:00:00.000Z", "2020-01-31"],
    ["2017/8/4", "2017-08-03T16:00:00.000Z", "2017-08-04"],
    ["20200131", "2020-01-30T16:00:00.000Z", "2020-01-31"],
    ["2010-12-01 08:26:00", "2010-12-01T00:26:00.000Z", "2010-12-01"],
    ["2010-12-01T08:26", "2010-12-01T00:26:00.000Z", "2010-12-01"],
    ["2010-12-01T22:00:00Z", "2010-12-01T22:00:00.000Z", "2010-12-02"],
    ["2010-12-01T08:26:00.25-0500", "2010-12-01T13:26:00.250Z", "2010-12-01"],
  ])("%s in Shanghai", (text, instant, date) => {
    expect(shanghai.instant(text)).toBe(instant);
    expect(shanghai.date(text)).toBe(date);
  });

  it.each([
    "",
    "2020-13-01",
    "2020-02-30",
    "31/01/2020",
    "2020-1/1",
    "x",
    "202011",
  ])("%s is no date", (text) => {
    expect(shanghai.instant(text)).toBeNull();
    expect(shanghai.date(text)).toBeNull();
  });

  it("follows the zone's summer time", () => {
    const paris = createZonedReader("Europe/Paris", "ymd");
    expect(paris.instant("2020-07-01")).toBe("2020-06-30T22:00:00.000Z");
    expect(paris.instant("2020-01-01")).toBe("2019-12-31T23:00:00.000Z");
    expect(paris.instant("2020-03-29 01:30")).toBe("2020-03-29T00:30:00.000Z");
    expect(paris.instant("2020-03-29 03:30")).toBe("2020-03-29T01:30:00.000Z");
  });

  it("reads other orders when told so", () => {
    const day = createZonedReader("UTC", "dmy");
    const month = createZonedReader("UTC", "mdy");
    expect(day.date("3/4/2020")).toBe("2020-04-03");
    expect(month.date("3/4/2020")).toBe("2020-03-04");
  });
});

describe("rounding of decimals", () => {
  it.each([
    ["12.340000000000001", 2, "12.34", true],
    ["12.34", 2, "12.34", false],
    ["12.3400", 2, "12.34", false],
    ["12", 2, "12.00", false],
    ["0.005", 2, "0.01", true],
    ["0.0049999", 2, "0.00", true],
    ["-0.001", 2, "0.00", true],
    ["-1.005", 2, "-1.01", true],
    ["+.5", 1, "0.5", false],
    ["1e3", 2, "1000.00", false],
    ["1.2345e2", 2, "123.45", false],
    ["5e-7", 2, "0.00", true],
    ["99.995", 2, "100.00", true],
    ["1.5", 0, "2", true],
    ["123456789012345678.995", 2, "123456789012345679.00", true],
  ])("%s to %d places", (text, places, rounded, changed) => {
    expect(roundDecimal(text, places)).toEqual({ text: rounded, changed });
  });

  it.each(["", ".", "1,5", "abc", "1e999", "NaN", `1${"0".repeat(70)}`])(
    "%s is no decimal",
    (text) => {
      expect(roundDecimal(text, 2)).toBeNull();
    },
  );
});
