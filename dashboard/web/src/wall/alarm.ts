/** Which sound the wall makes, and when (ux 2.8). Pure: time comes in. */
import type { AlertView } from "@riskwall/schemas";
import { isTold } from "./feed-order.ts";

/** No two sounds within this. */
export const soundEveryMs = 10_000;
/** An open critical alert is heard again until somebody takes it. */
export const repeatMs = 60_000;

export type Sound = "critical" | "high";

export interface AlarmState {
  /** Alerts that were heard, or were there when the wall began to listen. */
  readonly heard: ReadonlySet<string>;
  readonly soundedAt: number | null;
  readonly criticalAt: number | null;
}

export interface AlarmInput {
  readonly now: number;
  readonly alerts: readonly AlertView[];
  /** Hour of the wall's zone, 0 to 23. */
  readonly hour: number;
  readonly quiet: QuietHours | null;
}

/** From this hour on until before that one; may pass midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

export interface AlarmStep {
  readonly state: AlarmState;
  readonly sound: Sound | null;
  /** The alert to be spoken of. */
  readonly about: AlertView | null;
}

export function isQuiet(hour: number, quiet: QuietHours | null): boolean {
  if (quiet === null || quiet.from === quiet.to) return false;
  return quiet.from < quiet.to
    ? hour >= quiet.from && hour < quiet.to
    : hour >= quiet.from || hour < quiet.to;
}

function loud(alerts: readonly AlertView[]): AlertView[] {
  return alerts.filter(
    (alert) =>
      alert.state === "open" &&
      isTold(alert) &&
      (alert.severity === "critical" || alert.severity === "high"),
  );
}

/**
 * What is open already makes one sound, and only when a critical is among it:
 * alerts missed while away never sound one by one.
 */
export function startAlarm(alerts: readonly AlertView[]): AlarmState {
  const heard = new Set(loud(alerts).map((alert) => alert.alertId));
  return { heard, soundedAt: null, criticalAt: null };
}

export function alarm(state: AlarmState, input: AlarmInput): AlarmStep {
  const { now } = input;
  const open = loud(input.alerts);
  const rested =
    state.soundedAt === null || now - state.soundedAt >= soundEveryMs;
  if (!rested || isQuiet(input.hour, input.quiet)) {
    return { state, sound: null, about: null };
  }
  const isNew = (alert: AlertView): boolean => !state.heard.has(alert.alertId);
  const criticals = open.filter((alert) => alert.severity === "critical");
  const due = state.criticalAt === null || now - state.criticalAt >= repeatMs;
  const critical =
    criticals.find(isNew) ?? (due ? (criticals[0] ?? null) : null);
  const about = critical ?? open.find(isNew) ?? null;
  if (about === null) return { state, sound: null, about: null };
  const heard = new Set(open.map((alert) => alert.alertId));
  const criticalAt = critical === null ? state.criticalAt : now;
  return {
    state: { heard, soundedAt: now, criticalAt },
    sound: critical === null ? "high" : "critical",
    about: isNew(about) ? about : null,
  };
}
