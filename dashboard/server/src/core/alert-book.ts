/**
 * The alerts the wall shows: every open one, and those closed in the last day
 * (bounded). The newest version of an alert wins, whatever order versions
 * arrive in.
 */
import type { AlertView } from "@riskwall/schemas";
import type { Json, LiveOp } from "@riskwall/schemas/live";

/** How long a closed alert stays listed. */
export const closedWindowMs = 86_400_000;
/** Closed alerts listed at most; the ones closed longest ago leave first. */
export const closedMax = 200;

const openStates: ReadonlySet<string> = new Set([
  "open",
  "acknowledged",
  "snoozed",
]);

/** True while an alert waits for a person or for its cause to end. */
export function isOpen(alert: AlertView): boolean {
  return openStates.has(alert.state);
}

export interface AlertBook {
  /** Takes a version; answers what changes on the wall. */
  apply: (alert: AlertView, nowMs: number) => LiveOp[];
  /** Drops an alert that the state no longer holds. */
  drop: (alertId: string) => LiveOp[];
  /** Drops closed alerts that are too old. */
  prune: (nowMs: number) => LiveOp[];
  get: (alertId: string) => AlertView | undefined;
  /** True when this version or a newer one is known: no need to make a view. */
  knows: (alertId: string, version: number) => boolean;
  /** Every alert in the book, newest opening first. */
  list: () => AlertView[];
}

export function createAlertBook(): AlertBook {
  const alerts = new Map<string, AlertView>();
  /** When each closed alert of the book was closed, ms. */
  const closed = new Map<string, number>();

  const remove = (alertId: string): LiveOp[] => {
    closed.delete(alertId);
    return alerts.delete(alertId) ? [{ op: "del", key: alertId }] : [];
  };

  const prune = (nowMs: number): LiveOp[] => {
    const oldestFirst = [...closed].sort(([, a], [, b]) => a - b);
    const surplus = Math.max(0, oldestFirst.length - closedMax);
    return oldestFirst
      .filter(([, at], i) => i < surplus || at < nowMs - closedWindowMs)
      .flatMap(([alertId]) => remove(alertId));
  };

  return {
    apply: (alert, nowMs) => {
      const known = alerts.get(alert.alertId);
      if (known && known.version >= alert.version) return [];
      alerts.set(alert.alertId, alert);
      if (isOpen(alert)) closed.delete(alert.alertId);
      else closed.set(alert.alertId, Date.parse(alert.updatedAt));
      const ops: LiveOp[] = [
        { op: "set", key: alert.alertId, value: asJson(alert) },
      ];
      return isOpen(alert) ? ops : [...ops, ...prune(nowMs)];
    },
    drop: remove,
    prune,
    get: (alertId) => alerts.get(alertId),
    knows: (alertId, version) =>
      (alerts.get(alertId)?.version ?? -1) >= version,
    list: () =>
      [...alerts.values()].sort((a, b) =>
        a.openedAt === b.openedAt
          ? compareText(b.alertId, a.alertId)
          : compareText(b.openedAt, a.openedAt),
      ),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A view as the JSON it is sent as. Views hold JSON values only. */
export function asJson(view: object): Json {
  return view as Json;
}
