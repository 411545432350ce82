/** When alerts were opened, for the count of the last day. */

const windowMs = 86_400_000;
/** Openings remembered at most; the oldest leave first. */
export const openingsMax = 100_000;

export interface Openings {
  /** An alert counts once, however often it is told. */
  add: (alertId: string, openedAtMs: number) => void;
  /** Openings within a day before now; forgets older ones. */
  count: (nowMs: number) => number;
}

export function createOpenings(): Openings {
  const opened = new Map<string, number>();
  return {
    add: (alertId, at) => {
      opened.set(alertId, at);
      if (opened.size <= openingsMax) return;
      const [oldest] = opened.keys();
      if (oldest !== undefined) opened.delete(oldest);
    },
    count: (nowMs) => {
      for (const [alertId, at] of opened) {
        if (at < nowMs - windowMs) opened.delete(alertId);
      }
      return opened.size;
    },
  };
}
