/** A wall drawn small: the same lengths in a smaller unit. Pure. */
import {
  designHeight,
  designWidth,
  fitOf,
  type WallFit,
} from "../../wall/use-wall-unit.ts";

/** Screens that a wall is tried on. */
export const screens = {
  hd: [1920, 1080],
  uhd: [3840, 2160],
  wide: [3840, 1080],
  upright: [1080, 1920],
} as const;
export type ScreenName = keyof typeof screens;
export const screenNames = [
  ...(["hd", "uhd", "wide", "upright"] as const),
] as const;

/** Header, footer and the gaps beside them, in units of the design. */
const aroundUnits = 76 + 36 + 24;
/** The tallest stage, px: an upright wall is seen whole. */
const heightMax = 860;

export interface Stage extends WallFit {
  /** Of the panels alone, px. */
  readonly width: number;
  readonly height: number;
}

/** The stage of a screen in a space so many pixels wide. */
export function stageOf(space: number, screen: ScreenName): Stage {
  const [w, h] = screens[screen];
  const scale = Math.min(space / w, heightMax / h);
  const { u, upright } = fitOf(w, h);
  return {
    u: u * scale,
    upright,
    width: w * scale - 24 * u * scale,
    height: (h - aroundUnits * u) * scale,
  };
}

/** The stage one composes on: the design's own size. */
export function editStage(space: number): Stage {
  const u = space / designWidth;
  const height = (designHeight - aroundUnits) * u;
  return { u, upright: false, width: space, height };
}
