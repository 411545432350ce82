import { describe, expect, it } from "vitest";
import { parseSettings, quietOf } from "./wall-settings.ts";

describe("settings of a wall", () => {
  it("come from an address as text, and from the box as they were", () => {
    const asked = { rotate: "30", sound: "1", quiet: "22-7" };
    expect(parseSettings({ volume: 40, speak: true, ...asked })).toEqual({
      ...{ rotate: 30, sound: true, volume: 40, speak: true },
      ...{ quiet: "22-7", plain: false },
    });
  });

  it("are what they are by default where nothing fits", () => {
    const odd = { rotate: "-1", volume: "loud", quiet: "25-7", sound: "no" };
    expect(parseSettings(odd)).toEqual(parseSettings({}));
  });

  it.each([
    ["22-7", { from: 22, to: 7 }],
    ["0-23", { from: 0, to: 23 }],
    ["24-7", null],
    ["", null],
    ["night", null],
  ])("quiet hours %j", (text, hours) => {
    expect(quietOf(text)).toEqual(hours);
  });
});
