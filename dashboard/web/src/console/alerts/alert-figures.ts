import type { AlertView } from "@riskwall/schemas";

export interface AlertFigures {
  /** Open alerts of the highest severity. */
  readonly critical: number;
  /** Opening of the alert that waits longest for a person, ms; null = none. */
  readonly oldestAt: number | null;
  /** Mean time from opening to the first act of a person, ms; null = none. */
  readonly toAckMs: number | null;
  /** Mean time from opening to the end by a person, ms; null = none. */
  readonly toEndMs: number | null;
  /** Alerts that were opened without telling anybody. */
  readonly muted: number;
}

/** Ends alerts by itself: no person. */
const machine = "riskwall";
const ended: ReadonlySet<string> = new Set([
  "confirmed",
  "dismissed",
  "resolved",
]);

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Figures over the alerts on hand: open ones, and those of a day that ended. */
export function alertFigures(alerts: readonly AlertView[]): AlertFigures {
  const open = alerts.filter((alert) => alert.state === "open");
  const openings = open.map((alert) => Date.parse(alert.openedAt));
  const acts = (alert: AlertView): readonly number[] =>
    alert.actions
      .filter((act) => act.actor !== machine)
      .map((act) => Date.parse(act.at) - Date.parse(alert.openedAt));
  return {
    critical: open.filter((alert) => alert.severity === "critical").length,
    oldestAt: openings.length === 0 ? null : Math.min(...openings),
    toAckMs: mean(alerts.flatMap((alert) => acts(alert).slice(0, 1))),
    toEndMs: mean(
      alerts
        .filter((alert) => ended.has(alert.state))
        .flatMap((alert) => acts(alert).slice(-1)),
    ),
    muted: alerts.filter((alert) => alert.muted).length,
  };
}
