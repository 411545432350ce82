import { expect, it } from "vitest";
import { editStage, stageOf } from "./stage.ts";

it.each([
  ["hd", 960, { u: 0.5, upright: false, width: 948, height: 472 }],
  ["uhd", 960, { u: 0.5, upright: false, width: 948, height: 472 }],
  ["wide", 960, { u: 0.25, upright: false, width: 954, height: 236 }],
] as const)("%s is drawn as it will look", (screen, space, stage) => {
  expect(stageOf(space, screen)).toEqual(stage);
});

it("an upright screen is seen whole, however wide the space is", () => {
  const { upright, width, height } = stageOf(2000, "upright");
  expect(upright).toBe(true);
  expect(height).toBeLessThan(860);
  expect(width / height).toBeLessThan(1080 / 1700);
});

it("one composes at the design's proportions", () => {
  expect(editStage(960)).toMatchObject({ u: 0.5, width: 960, height: 472 });
});
