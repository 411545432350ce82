/**
 * Open alerts that the states no longer hold leave the wall: erased customers,
 * and closings this server did not see.
 */
import type { LiveOp } from "@riskwall/schemas/live";
import { isOpen, type AlertBook } from "../core/alert-book.ts";
import type { Present } from "../io/present.ts";

/** An alert younger than this may be ahead of its state. */
const graceMs = 60_000;

export interface ReconcileDeps {
  readonly book: AlertBook;
  readonly present: Present;
  readonly logNow: () => number;
}

/** Ops that take away what no state holds. */
export async function reconcileAlerts(deps: ReconcileDeps): Promise<LiveOp[]> {
  const settled = deps.book
    .list()
    .filter(
      (alert) =>
        isOpen(alert) && Date.parse(alert.updatedAt) < deps.logNow() - graceMs,
    );
  const held = new Map<string, ReadonlySet<string>>();
  for (const id of new Set(settled.map((alert) => alert.customerId))) {
    const state = await deps.present.state(id);
    held.set(id, new Set((state?.alerts ?? []).map((item) => item.alertId)));
  }
  return settled
    .filter((alert) => !held.get(alert.customerId)?.has(alert.alertId))
    .flatMap((alert) => deps.book.drop(alert.alertId));
}
