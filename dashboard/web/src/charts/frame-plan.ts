/** Which panels a frame draws (ux 2.6). Pure. */

export interface PlannedPanel {
  readonly dirty: boolean;
  /** ms of the last drawing; 0 = never drawn. */
  readonly drawnAt: number;
  /** Least time between two drawings, ms. */
  readonly everyMs: number;
  /** Drawn before others that wait as well. */
  readonly urgent: boolean;
}

/** Panels due at `now`: urgent ones first, then the longest not drawn. */
export function duePanels<Panel extends PlannedPanel>(
  panels: Iterable<Panel>,
  now: number,
): Panel[] {
  return [...panels]
    .filter((panel) => panel.dirty && now - panel.drawnAt >= panel.everyMs)
    .sort(
      (a, b) => Number(b.urgent) - Number(a.urgent) || a.drawnAt - b.drawnAt,
    );
}
