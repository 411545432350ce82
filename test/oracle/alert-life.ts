/**
 * Life of an alert (domain C10.10, D1): one episode of a rule and what it
 * speaks of; louder only when graver or half as much again; quiet for the
 * cool-down after its end. Gauges end with their condition, the rest after its
 * time. Severity by class, watch and cover.
 */
import type { OperatorAction } from "@riskwall/schemas";
import { hashHex } from "../../processor/src/core/hash.ts";
import type { Dossier } from "./chronicle.ts";
import {
  rankOf,
  severities,
  type Alert,
  type Finding,
  type Present,
  type Severity,
} from "./diary.ts";
import type { Exposure } from "./exposure.ts";
import { saidOf } from "./papers.ts";

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Rules whose alert lives as long as its condition. */
export const gaugeRules: ReadonlySet<string> = new Set([
  ...["EXP-01", "EXP-02", "EXP-03", "EXP-06", "EXP-07"],
  ...["PAY-01", "PAY-02", "PAY-09", "PAY-12"],
  ...["ORD-09", "DSP-02", "CTR-01", "COL-01", "SCR-04", "DQ-03"],
]);

/** Rules that are raised by what happened. */
export const factRules: ReadonlySet<string> = new Set([
  ...["ORD-01", "ORD-02", "ORD-03", "ORD-04", "ORD-05", "ORD-06", "ORD-07"],
  ...["ORD-08", "ORD-10", "PAY-05", "PAY-06", "PAY-11", "PAY-13"],
  ...["CMP-01", "CMP-02", "CMP-03", "EXT-01", "EXT-02"],
  ...["SCR-01", "SCR-02", "SCR-03"],
]);

export const isJudgedRule = (rule: string): boolean =>
  gaugeRules.has(rule) || factRules.has(rule);

export function isActive({ state }: Alert): boolean {
  return state !== "confirmed";
}

/** Whether people watch this customer closely. */
function isWatched({ events }: Dossier): boolean {
  let watched = false;
  for (const { value } of saidOf(events, "OperatorAction")) {
    if (value.target !== "customer") continue;
    if (value.action === "watch") watched = true;
    if (value.action === "unwatch") watched = false;
  }
  return watched;
}

/** What a rule's table says, moved by money, class, watch and cover (D1). */
function weigh(
  dossier: Dossier,
  { rule, severity, moneyAtRisk }: Finding,
  { limit, isInsured }: Pick<Exposure, "limit" | "isInsured">,
  { rules }: Present,
): Severity {
  const policy = rules.severity;
  const [low, high] = policy.shares;
  const column =
    limit === null
      ? 1
      : moneyAtRisk < Number(limit) * low
        ? 0
        : moneyAtRisk <= Number(limit) * high
          ? 1
          : 2;
  const base = policy.byMatrix.includes(rule)
    ? policy.matrix[severity][column]
    : severity;
  const isWeak =
    !rule.startsWith("SCR") &&
    (isWatched(dossier) || policy.weakClasses.includes(dossier.diary.class));
  const isCovered =
    isInsured && policy.insuredFrom <= 1 && !/^(SCR|DQ|EXP-07)/.test(rule);
  const steps = (isWeak ? 1 : 0) - (isCovered ? 1 : 0);
  const rank = Math.max(
    0,
    Math.min(rankOf(base) + steps, severities.length - 1),
  );
  return severities[rank] ?? base;
}

/** Opens or updates the alert of a finding. */
export function raise(
  dossier: Dossier,
  finding: Finding,
  exposure: Pick<Exposure, "limit" | "isInsured">,
  present: Present,
  eventTime = present.now,
): void {
  const { diary } = dossier;
  const { rule, ref, value } = finding;
  const { alerts: policy, disabled } = present.rules;
  if (disabled.includes(rule)) return;
  const severity = weigh(dossier, finding, exposure, present);
  const isSame = (item: { rule: string; ref: string }): boolean =>
    item.rule === rule && item.ref === ref;
  const open = diary.alerts.find(isSame);
  const episode = diary.episodes.find(isSame);
  const grew =
    episode === undefined ||
    rankOf(severity) > rankOf(episode.severity) ||
    value > episode.value * policy.growth;
  if (open) {
    if (!isActive(open) || !grew) return;
    if (rankOf(severity) > rankOf(open.severity)) open.severity = severity;
    open.updatedAt = present.now;
    keep(dossier, finding, open.severity);
    return;
  }
  if (episode && episode.until > present.now && !grew) return;
  if (diary.alerts.length >= policy.max) return;
  diary.alerts.push({
    ...{ rule, ref, severity, state: "open", actionVersion: 0 },
    ...{ openedAt: present.now, openedOffset: present.offset },
    ...{ updatedAt: present.now, snoozedUntil: null, eventTime },
    orderId: finding.orderId ?? null,
  });
  keep(dossier, finding, severity);
}

function keep(
  { diary }: Dossier,
  { rule, ref, value }: Finding,
  severity: Severity,
): void {
  const known = diary.episodes.find(
    (item) => item.rule === rule && item.ref === ref,
  );
  const rounded = Math.round(value);
  if (known === undefined) {
    diary.episodes.push({
      ...{ rule, ref, severity, value: rounded, until: Infinity },
    });
    return;
  }
  known.severity = severity;
  known.value = Math.max(known.value, rounded);
  known.until = Infinity;
}

/** Ends an alert; its episode cools down from now. */
export function close(
  { diary }: Dossier,
  alert: Alert,
  as: "resolved" | "dismissed" | "withdrawn",
  present: Present,
): void {
  const { rule, ref, openedOffset } = alert;
  diary.alerts = diary.alerts.filter((item) => item !== alert);
  diary.ended.push({ rule, ref, openedOffset, offset: present.offset, as });
  const until = present.now + present.rules.alerts.cooldownHours * hourMs;
  for (const episode of diary.episodes) {
    if (episode.rule === rule && episode.ref === ref) episode.until = until;
  }
}

/** Ends what no longer holds, what is old, and snoozes. */
export function review(
  dossier: Dossier,
  holding: ReadonlySet<string>,
  present: Present,
): void {
  const { diary } = dossier;
  const keptMs = present.rules.alerts.keepDays * dayMs;
  for (const alert of [...diary.alerts]) {
    const isOld = present.now - alert.openedAt >= keptMs;
    if (alert.state === "confirmed") {
      if (isOld) diary.alerts = diary.alerts.filter((item) => item !== alert);
      continue;
    }
    if (alert.state === "snoozed" && (alert.snoozedUntil ?? 0) <= present.now) {
      alert.state = "open";
      alert.snoozedUntil = null;
      alert.updatedAt = present.now;
    }
    const isGauge = gaugeRules.has(alert.rule);
    if (isGauge ? holding.has(`${alert.rule}|${alert.ref}`) : !isOld) continue;
    const as = isGauge && present.corrected ? "withdrawn" : "resolved";
    close(dossier, alert, as, present);
  }
  diary.episodes = diary.episodes.filter(({ until }) => until > present.now);
}

/** Outputs of one record at most, when an id is looked for. */
const ordinalsMax = 1000;

/** Whether an alert may have this id: of its rule, subject, ref and opening. */
export function hasId(
  alert: Alert,
  alertId: string,
  customerId: string,
  partition: number,
): boolean {
  const at = `${String(partition)}-${String(alert.openedOffset)}`;
  for (let n = 0; n < ordinalsMax; n += 1) {
    const text = `${alert.rule}|${customerId}|${alert.ref}|${at}-${String(n)}`;
    if (hashHex(text) === alertId) return true;
  }
  return false;
}

/** What became of a person's word on an alert; false = there is none. */
export function actOnAlert(
  dossier: Dossier,
  action: OperatorAction,
  present: Present,
  partition: number,
): { readonly alert: Alert; readonly isClosed: boolean } | null {
  const alert = dossier.diary.alerts.find((item) =>
    hasId(item, action.targetId, dossier.id, partition),
  );
  if (!alert) return null;
  const { expected } = action;
  if (expected !== null && expected !== alert.actionVersion) return null;
  alert.actionVersion += 1;
  switch (action.action) {
    case "dismiss":
    case "resolve": {
      const as = action.action === "dismiss" ? "dismissed" : "resolved";
      close(dossier, alert, as, present);
      return { alert, isClosed: true };
    }
    case "acknowledge":
      alert.state = "acknowledged";
      alert.snoozedUntil = null;
      break;
    case "confirm":
      alert.state = "confirmed";
      alert.snoozedUntil = null;
      break;
    case "snooze":
      alert.state = "snoozed";
      alert.snoozedUntil = action.until;
      break;
    default:
      break;
  }
  alert.updatedAt = present.now;
  return { alert, isClosed: false };
}
