import { describe, expect, it } from "vitest";
import type { Shift } from "./oncall-views.ts";
import { blocksOf, daysOf, stripDays } from "./strip.ts";

const start = Date.parse("2026-11-23T00:00:00+08:00");
const shift = (from: string, to: string, person: string | null): Shift => ({
  ...{ from: `2026-${from}T00:00:00+08:00`, to: `2026-${to}T00:00:00+08:00` },
  ...{ person, personName: person, by: person === null ? "gap" : "rotation" },
});

describe("a strip of two weeks", () => {
  it("places shifts by their time and cuts them at its ends", () => {
    const blocks = blocksOf(
      [
        shift("11-01", "11-30", "li"),
        shift("11-30", "12-01", null),
        shift("12-01", "12-31", "han"),
        shift("12-31", "12-31", "li"),
      ],
      start,
      ["han", "li"],
    );
    expect(blocks.map(({ left, width }) => [left, width])).toEqual([
      [0, 50],
      [50, expect.closeTo(100 / stripDays)],
      [expect.closeTo(50 + 100 / stripDays), expect.closeTo(600 / stripDays)],
    ]);
    expect(blocks.map(({ tone }) => tone)).toEqual([1, 0, 0]);
  });

  it("has a mark for each day", () => {
    const days = daysOf(start);
    expect(days).toHaveLength(stripDays);
    expect(new Date(days[13] ?? 0).toISOString()).toBe(
      "2026-12-05T16:00:00.000Z",
    );
  });
});
