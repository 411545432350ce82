import { expect, it } from "vitest";
import { fitOf } from "./use-wall-unit.ts";

it.each([
  ["1080p", 1920, 1080, { u: 1, upright: false }],
  ["4K", 3840, 2160, { u: 2, upright: false }],
  ["ultra-wide", 3840, 1080, { u: 1, upright: false }],
  ["upright", 1080, 1920, { u: 1, upright: true }],
  ["upright 4K", 2160, 3840, { u: 2, upright: true }],
  ["a small window", 960, 600, { u: 0.5, upright: false }],
])("fits %s", (_, width, height, fit) => {
  expect(fitOf(width, height)).toEqual(fit);
});
