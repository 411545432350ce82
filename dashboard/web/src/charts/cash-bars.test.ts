import type { CashDays, ForecastView } from "@riskwall/schemas";
import { describe, expect, it } from "vitest";
import { cashBars, cashSpan } from "./cash-bars.ts";
import { paletteOf } from "./palette.ts";

const cash: CashDays = {
  ...{ currency: "CNY", at: "2026-11-20T08:00:00.000Z" },
  days: [
    { day: "2026-11-19", received: "100.00" },
    { day: "2026-11-20", received: "0.00" },
  ],
};
const step = (from: string) => ({
  ...{ from, to: from, expected: "50.00", p10: "20.00" },
  ...{ p50: "45.00", p90: "90.00" },
});
const forecast = {
  currency: "CNY",
  steps: ["2026-11-20", "2026-11-21", "2026-11-22"].map(step),
  // Only what the drawing reads.
} as unknown as ForecastView;

describe("cash in the past and ahead", () => {
  it("shows each day once: today belongs to what came in", () => {
    const span = cashSpan(cash, forecast);
    expect(span.received.map(([day]) => day)).toEqual([
      "2026-11-19",
      "2026-11-20",
    ]);
    expect(span.expected).toEqual([
      ["2026-11-21", 50],
      ["2026-11-22", 50],
    ]);
  });

  it("mixes no currencies and does without a forecast", () => {
    expect(cashSpan(cash, null).expected).toEqual([]);
    expect(cashSpan(cash, { ...forecast, currency: "USD" }).expected).toEqual(
      [],
    );
  });

  it("draws the band from P10 to P90 behind the days it is for", () => {
    const words = { received: "r", expected: "e", band: "b", axis: String };
    const look = { palette: paletteOf("dark"), u: 1 };
    const option = cashBars(cashSpan(cash, forecast), look, words);
    expect(option["series"]).toMatchObject([
      { id: "received", data: [100, 0] },
      { id: "expected", data: [null, null, 50, 50] },
      { id: "low", data: [null, null, 20, 20] },
      { id: "band", data: [null, null, 70, 70] },
    ]);
  });
});
