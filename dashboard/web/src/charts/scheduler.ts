/**
 * Draws dirty panels within a budget per frame, longest waiting first, so that
 * many charts never share one frame (ux 2.6). Hidden pages draw nothing.
 */
const budgetMs = 6;

export interface Panel {
  /** Least time between two drawings, ms. */
  readonly everyMs: number;
  readonly draw: () => void;
}

interface Entry {
  readonly panel: Panel;
  dirty: boolean;
  drawnAt: number;
}

export interface Scheduler {
  /** Registers a panel; answers how to mark it and how to drop it. */
  add: (panel: Panel) => {
    readonly mark: () => void;
    readonly remove: () => void;
  };
}

export function createScheduler(): Scheduler {
  const entries = new Set<Entry>();
  let frame = 0;
  const run = (now: number): void => {
    frame = 0;
    if (document.visibilityState === "hidden") return;
    const due = [...entries]
      .filter(
        (entry) => entry.dirty && now - entry.drawnAt >= entry.panel.everyMs,
      )
      .sort((a, b) => a.drawnAt - b.drawnAt);
    const started = performance.now();
    for (const entry of due) {
      entry.dirty = false;
      entry.drawnAt = now;
      entry.panel.draw();
      if (performance.now() - started > budgetMs) break;
    }
    if ([...entries].some((entry) => entry.dirty)) ask();
  };
  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(run);
  };
  document.addEventListener("visibilitychange", ask);
  return {
    add: (panel) => {
      const entry: Entry = { panel, dirty: true, drawnAt: 0 };
      entries.add(entry);
      ask();
      return {
        mark: () => {
          entry.dirty = true;
          ask();
        },
        remove: () => {
          entries.delete(entry);
        },
      };
    },
  };
}
