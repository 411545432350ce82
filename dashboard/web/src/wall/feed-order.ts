import type { AlertView } from "@riskwall/schemas";

const shown: ReadonlySet<string> = new Set([
  "open",
  "acknowledged",
  "snoozed",
  "confirmed",
]);

/** Alerts of the feed: those that still matter, newest opening first. */
export function feedOrder(alerts: Iterable<AlertView>): AlertView[] {
  return [...alerts]
    .filter((alert) => shown.has(alert.state) && !alert.muted)
    .map((alert) => ({ alert, ms: Date.parse(alert.openedAt) }))
    .sort((a, b) => b.ms - a.ms || (a.alert.alertId < b.alert.alertId ? -1 : 1))
    .map((item) => item.alert);
}

/** The one row that is tinted: the newest critical nobody has taken. */
export function newestCritical(alerts: readonly AlertView[]): string | null {
  const found = alerts.find(
    (alert) => alert.severity === "critical" && alert.state === "open",
  );
  return found?.alertId ?? null;
}

export interface HandlingCounts {
  readonly open: number;
  readonly acknowledged: number;
  readonly snoozed: number;
  /** Ended in any way, as far as the live topic still lists them. */
  readonly done: number;
}

/** How far the alerts of the live topic have been handled. */
export function handlingCounts(alerts: Iterable<AlertView>): HandlingCounts {
  const counts = { open: 0, acknowledged: 0, snoozed: 0, done: 0 };
  for (const { state, muted } of alerts) {
    if (muted) continue;
    if (state === "open" || state === "acknowledged" || state === "snoozed")
      counts[state] += 1;
    else counts.done += 1;
  }
  return counts;
}
