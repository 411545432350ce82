import { describe, expect, it } from "vitest";
import { bucketEnd, trendRows } from "./trend-rows.ts";

const day = 86_400_000;

describe("rows of a trend", () => {
  it("stand beside what was a period before, newest first", () => {
    const rows = trendRows(
      [
        {
          name: "b",
          points: [
            ["2026-11-01T16:00:00.000Z", "10"],
            ["2026-11-02T16:00:00.000Z", "30"],
          ],
          compared: [["2026-10-03T16:00:00.000Z", "20"]],
        },
        { name: "a", points: [["2026-11-02T16:00:00.000Z", null]] },
      ],
      { shiftMs: 30 * day, step: "day" },
    );
    expect(rows.map((row) => [row.at.slice(0, 10), row.series])).toEqual([
      ["2026-11-02", "a"],
      ["2026-11-02", "b"],
      ["2026-11-01", "b"],
    ]);
    expect(rows[1]).toMatchObject({ value: "30", compared: "20", change: 0.5 });
    expect(rows[2]).toMatchObject({ compared: null, change: null });
  });

  it("find the week or month of last year that begins on another day", () => {
    const rows = trendRows(
      [
        {
          name: "x",
          points: [["2026-11-08T16:00:00.000Z", "5"]],
          compared: [
            ["2025-11-02T16:00:00.000Z", "1"],
            ["2025-11-09T16:00:00.000Z", "4"],
          ],
        },
      ],
      { shiftMs: 365 * day, step: "week" },
    );
    expect(rows[0]).toMatchObject({ compared: "4", change: 0.25 });
  });

  it("say no change from nothing", () => {
    const at = "2026-11-08T16:00:00.000Z";
    const [row] = trendRows(
      [{ name: "x", points: [[at, "5"]], compared: [[at, "0"]] }],
      { shiftMs: 0, step: "day" },
    );
    expect(row?.change).toBeNull();
  });
});

it.each([
  ["hour", "2026-11-08T16:00:00.000Z", "2026-11-08T17:00:00.000Z"],
  ["day", "2026-11-08T16:00:00.000Z", "2026-11-09T16:00:00.000Z"],
  ["week", "2026-11-08T16:00:00.000Z", "2026-11-15T16:00:00.000Z"],
  ["month", "2026-01-31T16:00:00.000Z", "2026-02-28T16:00:00.000Z"],
  ["month", "2026-11-30T16:00:00.000Z", "2026-12-31T16:00:00.000Z"],
] as const)("a %s that begins %s ends %s", (step, at, end) => {
  expect(new Date(bucketEnd(Date.parse(at), step)).toISOString()).toBe(end);
});
