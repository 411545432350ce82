import type { AlertView } from "@riskwall/schemas";
import { fits, type AlertFilter } from "./alert-filter.ts";

export interface MergeOptions {
  /** Alert that stays listed whatever becomes of it. */
  readonly keptId: string | null;
  /** True while older pages have not been read. */
  readonly partial: boolean;
}

function oldestOpening(read: readonly AlertView[]): number {
  return Math.min(...read.map((alert) => Date.parse(alert.openedAt)));
}

/**
 * A read list brought up to now: newer versions replace older ones, alerts
 * that fit join, alerts that no longer fit leave, except the one kept open.
 * While older pages are unread, alerts older than the last one read stay out.
 * Newest opening first.
 */
export function mergeLive(
  read: readonly AlertView[],
  live: Iterable<AlertView>,
  filter: AlertFilter,
  options: MergeOptions,
): AlertView[] {
  const { keptId, partial } = options;
  const oldest = partial ? oldestOpening(read) : -Infinity;
  const merged = new Map(read.map((alert) => [alert.alertId, alert]));
  for (const alert of live) {
    const known = merged.get(alert.alertId);
    const joins = known
      ? known.version < alert.version
      : alert.alertId === keptId || Date.parse(alert.openedAt) >= oldest;
    if (joins) merged.set(alert.alertId, alert);
  }
  return [...merged.values()]
    .filter((alert) => fits(alert, filter) || alert.alertId === keptId)
    .sort(
      (a, b) =>
        Date.parse(b.openedAt) - Date.parse(a.openedAt) ||
        (a.alertId < b.alertId ? 1 : -1),
    );
}
