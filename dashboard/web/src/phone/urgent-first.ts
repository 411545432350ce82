import type { AlertView, Severity } from "@riskwall/schemas";
import { isStanding } from "../api/standing.ts";

/** Whose alerts, and how far they are: the tabs of the list. */
export type Tab = "open" | "mine" | "all";

const gravity: Readonly<Record<Severity, number>> = {
  ...{ critical: 0, high: 1, medium: 2, low: 3, info: 4 },
};

function fits(alert: AlertView, tab: Tab, user: string): boolean {
  switch (tab) {
    case "open":
      return alert.state === "open";
    case "mine":
      return isStanding(alert) && alert.assignee === user;
    case "all":
      return isStanding(alert);
  }
}

/** Alerts of a tab: the gravest first, of one severity the newest first. */
export function urgentFirst(
  alerts: Iterable<AlertView>,
  tab: Tab,
  user: string,
): AlertView[] {
  return [...alerts]
    .filter((alert) => fits(alert, tab, user))
    .sort(
      (a, b) =>
        gravity[a.severity] - gravity[b.severity] ||
        Date.parse(b.openedAt) - Date.parse(a.openedAt) ||
        (a.alertId < b.alertId ? -1 : 1),
    );
}
