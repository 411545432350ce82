import type { AlertView } from "@riskwall/schemas";
import { isStanding } from "../api/standing.ts";

/** True when people are told of it: no other alert leads it, nothing hushes it. */
export function isTold(alert: AlertView): boolean {
  return !alert.muted && alert.parent === null && alert.quiet === null;
}

/** Open alerts that each alert leads, by its id. */
export function ledCounts(
  alerts: Iterable<AlertView>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const alert of alerts) {
    const { parent } = alert;
    if (parent === null || !isStanding(alert)) continue;
    counts.set(parent, (counts.get(parent) ?? 0) + 1);
  }
  return counts;
}

/** Alerts of the feed: those that still matter, newest opening first. */
export function feedOrder(alerts: Iterable<AlertView>): AlertView[] {
  return [...alerts]
    .filter((alert) => isStanding(alert) && isTold(alert))
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
  for (const alert of alerts) {
    if (!isTold(alert)) continue;
    const { state } = alert;
    if (state === "open" || state === "acknowledged" || state === "snoozed")
      counts[state] += 1;
    else counts.done += 1;
  }
  return counts;
}
