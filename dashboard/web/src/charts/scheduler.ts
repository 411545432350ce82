/**
 * Draws changed panels within a budget per frame, the longest waiting first,
 * so that many charts never share one frame (ux 2.6). Hidden pages draw
 * nothing; a page that comes back draws what changed meanwhile.
 */
import { duePanels, type PlannedPanel } from "./frame-plan.ts";

/** Time of one frame given to drawing. */
export const frameBudgetMs = 6;

/** Refresh classes: least time between two drawings of a panel. */
export const refreshMs = { realtime: 500, fast: 2000, slow: 10_000 } as const;
export type RefreshClass = keyof typeof refreshMs;

export interface Panel {
  readonly refresh: RefreshClass;
  readonly urgent?: boolean;
  readonly draw: () => void;
}

export interface PanelHandle {
  /** Its data changed. */
  readonly mark: () => void;
  /** Draw at the next frame, whatever its class: size or theme changed. */
  readonly markNow: () => void;
  readonly remove: () => void;
}

export interface Scheduler {
  add: (panel: Panel) => PanelHandle;
  stop: () => void;
}

interface Entry extends PlannedPanel {
  readonly draw: () => void;
  dirty: boolean;
  drawnAt: number;
}

export function createScheduler(): Scheduler {
  const entries = new Set<Entry>();
  let frame = 0;

  const run = (now: number): void => {
    frame = 0;
    if (document.visibilityState === "hidden") return;
    const started = performance.now();
    for (const entry of duePanels(entries, now)) {
      entry.dirty = false;
      entry.drawnAt = now;
      entry.draw();
      if (performance.now() - started > frameBudgetMs) break;
    }
    if ([...entries].some((entry) => entry.dirty)) ask();
  };
  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(run);
  };
  document.addEventListener("visibilitychange", ask);

  return {
    add: ({ refresh, urgent = false, draw }) => {
      const everyMs = refreshMs[refresh];
      const drawnAt = -everyMs;
      const entry: Entry = { draw, everyMs, urgent, dirty: true, drawnAt };
      entries.add(entry);
      ask();
      const mark = (): void => {
        entry.dirty = true;
        ask();
      };
      return {
        mark,
        markNow: () => {
          entry.drawnAt = -everyMs;
          mark();
        },
        remove: () => {
          entries.delete(entry);
        },
      };
    },
    stop: () => {
      if (frame !== 0) cancelAnimationFrame(frame);
      document.removeEventListener("visibilitychange", ask);
      entries.clear();
    },
  };
}
