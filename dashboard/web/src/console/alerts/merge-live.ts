import type { AlertView } from "@riskwall/schemas";

export interface AlertFilter {
  /** Empty = all. */
  readonly state: string;
  readonly severity: string;
  readonly rule: string;
}

export function fits(alert: AlertView, filter: AlertFilter): boolean {
  return (
    (filter.state === "" || alert.state === filter.state) &&
    (filter.severity === "" || alert.severity === filter.severity) &&
    (filter.rule === "" || alert.ruleId === filter.rule)
  );
}

/**
 * A read list brought up to now: newer versions replace older ones, alerts
 * that fit join, alerts that no longer fit leave, except the one kept open.
 * Newest opening first.
 */
export function mergeLive(
  read: readonly AlertView[],
  live: Iterable<AlertView>,
  filter: AlertFilter,
  keptId: string | null,
): AlertView[] {
  const merged = new Map(read.map((alert) => [alert.alertId, alert]));
  for (const alert of live) {
    const known = merged.get(alert.alertId);
    if (!known || known.version < alert.version)
      merged.set(alert.alertId, alert);
  }
  return [...merged.values()]
    .filter((alert) => fits(alert, filter) || alert.alertId === keptId)
    .sort(
      (a, b) =>
        Date.parse(b.openedAt) - Date.parse(a.openedAt) ||
        (a.alertId < b.alertId ? 1 : -1),
    );
}
