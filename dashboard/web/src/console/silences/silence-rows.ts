/** Silences as the API tells of them, and a new one as it is written. */
import type { AlertView } from "@riskwall/schemas";

export const silenceStates = ["active", "pending", "expired"] as const;
export type SilenceState = (typeof silenceStates)[number];

export interface SilenceRow {
  readonly id: string;
  readonly state: SilenceState;
  readonly matchers: readonly string[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface SilencePreview {
  readonly count: number;
  /** Alerts that are open at all. */
  readonly open: number;
  readonly items: readonly Pick<
    AlertView,
    "alertId" | "ruleId" | "severity" | "customerName" | "titleZh" | "titleEn"
  >[];
}

/** What it is by now: the list may be a while old. */
export function stateAt(
  { startsAt, endsAt }: Pick<SilenceRow, "startsAt" | "endsAt">,
  now: number,
): SilenceState {
  if (now >= Date.parse(endsAt)) return "expired";
  return now < Date.parse(startsAt) ? "pending" : "active";
}

/** Labels of alerts that matchers ask for. */
export const labelNames = [
  "customer_id",
  "alertname",
  "rule_family",
  "severity",
  "class",
  "currency",
  "alert_id",
] as const;
export const matcherSigns = ["=", "!=", "=~", "!~"] as const;

export interface MatcherDraft {
  name: string;
  sign: string;
  value: string;
}

export function matcherText({ name, sign, value }: MatcherDraft): string {
  return `${name}${sign}${JSON.stringify(value)}`;
}

const shape = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*$/s;

/** A matcher of an address, for the form; null when it is none. */
export function parseDraft(text: string): MatcherDraft | null {
  const [, name, sign, value = ""] = shape.exec(text) ?? [];
  if (name === undefined || sign === undefined) return null;
  return { name, sign, value: value.replace(/\\(["\\])/g, "$1") };
}

/** What silences an alert's like: the same rule at the same customer. */
export function matchersOf(
  alert: Pick<AlertView, "ruleId" | "customerId">,
): readonly string[] {
  return [
    matcherText({ name: "customer_id", sign: "=", value: alert.customerId }),
    matcherText({ name: "alertname", sign: "=", value: alert.ruleId }),
  ];
}

/** Hours a silence lasts, as offered; 0 = until an instant of one's own. */
export const spans = [1, 4, 24, 72, 168, 0] as const;

/** Zone of every time on screen, as an offset. */
const zoneOffset = "+08:00";

/** An input's `YYYY-MM-DDTHH:MM` as an instant; null while it is none. */
export function instantOf(local: string): string | null {
  const ms = Date.parse(`${local}:00${zoneOffset}`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
