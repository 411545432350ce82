import { describe, expect, it } from "vitest";
import { dayChange } from "./day-change.ts";

const hour = 3_600_000;

describe("the change of a day", () => {
  it("is measured from a sample of a day ago", () => {
    expect(dayChange([5, 6, 9], [0, 12 * hour, 24 * hour])).toEqual({
      ...{ first: 5, last: 9 },
    });
    expect(dayChange([5, 9], [0, 23.6 * hour])).not.toBeNull();
  });

  it("is none while the oldest sample is younger", () => {
    expect(dayChange([5, 9], [0, 23 * hour])).toBeNull();
    expect(dayChange([5, 2056], [0, 60_000])).toBeNull();
    expect(dayChange([5], [0])).toBeNull();
    expect(dayChange([], [])).toBeNull();
  });
});
