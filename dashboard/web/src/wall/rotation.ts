/**
 * Which view the wall shows (ux 2.8). Pure: the present goes in.
 *
 * turning ─Space, hover, card, travel─▶ paused ─over─▶ turning
 *    └─ a critical alert, at most every two minutes ─▶ takeover ─30 s─▶ back
 */
import { viewAfter, type WallView } from "./views.ts";

export const takeoverMs = 30_000;
export const takeoverEveryMs = 120_000;

export interface Takeover {
  readonly alertId: string;
  readonly until: number;
  /** Where the wall was before. */
  readonly back: WallView;
}

export interface Rotation {
  readonly view: WallView;
  /** When this view came up; a pause moves it on. */
  readonly since: number;
  readonly takeover: Takeover | null;
  readonly lastTakeoverAt: number | null;
  /** Critical alerts that were there already: they take over nothing. */
  readonly seen: ReadonlySet<string>;
}

export interface RotationInput {
  readonly now: number;
  /** ms per view; 0 = the wall stays where it is. */
  readonly everyMs: number;
  /** Those it turns through. */
  readonly views: readonly WallView[];
  readonly paused: boolean;
  /** Open critical alerts that people are told of, newest first. */
  readonly criticals: readonly string[];
}

export function startRotation(
  view: WallView,
  now: number,
  criticals: readonly string[],
): Rotation {
  const seen = new Set(criticals);
  return { view, since: now, takeover: null, lastTakeoverAt: null, seen };
}

/** A person chose a view: a takeover ends, the view's time begins anew. */
export function show(
  rotation: Rotation,
  view: WallView,
  now: number,
): Rotation {
  return { ...rotation, view, since: now, takeover: null };
}

export function step(rotation: Rotation, input: RotationInput): Rotation {
  const { now, criticals } = input;
  const fresh = criticals.find((id) => !rotation.seen.has(id));
  const seen =
    fresh === undefined && rotation.seen.size === criticals.length
      ? rotation.seen
      : new Set(criticals);
  const base = { ...rotation, seen };
  if (base.takeover !== null) {
    const { takeover } = base;
    const over = now >= takeover.until || !criticals.includes(takeover.alertId);
    return over ? { ...show(base, takeover.back, now), seen } : base;
  }
  const rested =
    base.lastTakeoverAt === null ||
    now - base.lastTakeoverAt >= takeoverEveryMs;
  if (fresh !== undefined && rested && input.everyMs > 0) {
    return {
      ...base,
      view: "overview",
      since: now,
      takeover: { alertId: fresh, until: now + takeoverMs, back: base.view },
      lastTakeoverAt: now,
    };
  }
  if (input.paused || input.everyMs === 0) {
    return input.everyMs === 0 ? base : { ...base, since: now };
  }
  return now - base.since >= input.everyMs
    ? { ...base, view: viewAfter(base.view, 1, input.views), since: now }
    : base;
}

/** How far the view's time has run, 0 to 1. */
export function progress(rotation: Rotation, input: RotationInput): number {
  const { takeover, since } = rotation;
  if (takeover !== null) return 1 - (takeover.until - input.now) / takeoverMs;
  if (input.everyMs === 0) return 0;
  return Math.min(1, Math.max(0, (input.now - since) / input.everyMs));
}
