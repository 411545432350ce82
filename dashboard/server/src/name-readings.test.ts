import { describe, expect, it } from "vitest";
import { nameReadings } from "./name-readings.ts";

describe("how a name is typed", () => {
  it.each([
    ["恒远机电", ["hengyuanjidian", "hyjd"]],
    ["绿源LED", ["lvyuanled", "lyled"]],
    ["Northline Ltd", []],
    ["", []],
  ])("%s", (name, expected) => {
    expect(nameReadings(name)).toEqual(expected);
  });
});
