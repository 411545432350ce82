/**
 * Alert life (domain C10.10, D1). An episode is (rule, ref) of one customer:
 *
 *   none ──raise──▶ open ──people──▶ acknowledged | snoozed | confirmed
 *     ▲               │                     │
 *     └─cool-down─────┴──resolved | dismissed | withdrawn (removed from state)
 *
 * While open, an episode speaks again only when its severity rises or its
 * value grows by half. After it closed it stays quiet for the cool-down.
 * Confirmed alerts stay 30 days: they count in OR1.
 */
import type { OpenAlert, Reason, Severity } from "@riskwall/schemas";
import { dayMs, hourMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { hashHex } from "./hash.ts";
import { pdOf, pdText } from "./scorecard.ts";
import { ruleTexts, type RuleId } from "./texts.ts";

export const severities = [
  "info",
  "low",
  "medium",
  "high",
  "critical",
] as const;

export function severityRank(severity: string): number {
  return severities.findIndex((item) => item === severity);
}

/** What a rule found. `value` is compared for growth. */
export interface Finding {
  readonly ruleId: RuleId;
  readonly ref: string;
  readonly severity: Severity;
  readonly value: number;
  readonly titleZh: string;
  readonly titleEn: string;
  readonly reasons: readonly Reason[];
  readonly explain: Readonly<
    Record<string, string | number | boolean | readonly string[] | null>
  >;
  readonly moneyAtRisk: number;
  readonly orderId?: string | null;
  readonly invoiceId?: string | null;
  readonly complaintId?: string | null;
  readonly exposureBefore?: number;
  readonly exposureAfter?: number;
}

/** End of an episode whose alert is open: the greatest instant there is, ms. */
const stillOpen = 8_640_000_000_000_000;

const active = new Set(["open", "acknowledged", "snoozed"]);

export function isActive(alert: OpenAlert): boolean {
  return active.has(alert.state);
}

/** Rules that say nothing of money that insurance would pay. */
const aboutCover = /^(SCR|DQ|EXP-07)/;

/**
 * Class D/E and watched customers weigh one step more, fully insured exposure
 * one step less (D1).
 */
function weigh(
  customer: Customer,
  finding: Finding,
  { isInsured }: Exposure,
): Severity {
  const { state } = customer;
  const raised =
    !finding.ruleId.startsWith("SCR") &&
    (state.watch || state.class === "D" || state.class === "E");
  const lowered = isInsured && !aboutCover.test(finding.ruleId);
  const step = (raised ? 1 : 0) - (lowered ? 1 : 0);
  const rank = Math.max(0, severityRank(finding.severity) + step);
  return severities[Math.min(rank, severities.length - 1)] ?? finding.severity;
}

/** Emits a snapshot of an alert. */
export function emitAlert(
  alert: OpenAlert,
  moment: Moment,
  emitter: Emitter,
  actionId: string | null,
): void {
  emitter.alert({
    appendedAt: moment.appendedAt,
    actionId,
    ...alert,
    reasons: [...alert.reasons],
    actions: [...alert.actions],
  });
}

/** Opens or updates the alert of a finding; true when something was emitted. */
export function raise(
  customer: Customer,
  finding: Finding,
  exposure: Exposure,
  moment: Moment,
  emitter: Emitter,
): boolean {
  const { state } = customer;
  const { rules } = moment.env;
  if (rules.disabled.has(finding.ruleId)) return false;
  const severity = weigh(customer, finding, exposure);
  const open = state.alerts.find(
    (item) => item.ruleId === finding.ruleId && item.ref === finding.ref,
  );
  const growth = rules.alerts.growth;
  const episode = state.episodes.find(
    (item) => item.ruleId === finding.ruleId && item.ref === finding.ref,
  );
  const grew =
    episode === undefined ||
    severityRank(severity) > severityRank(episode.severity) ||
    finding.value > episode.value * growth;
  if (open) {
    if (!isActive(open) || !grew) return false;
    const risen = severityRank(severity) > severityRank(open.severity);
    describe(open, customer, finding, exposure, moment);
    open.severity = risen ? severity : open.severity;
    open.version += 1;
    keepEpisode(customer, finding, open.severity, stillOpen);
    emitAlert(open, moment, emitter, null);
    return true;
  }
  if (episode && episode.until > moment.now && !grew) return false;
  if (state.alerts.length >= rules.alerts.max) return false;
  const made = create(customer, finding, severity, exposure, moment, emitter);
  state.alerts.push(made);
  keepEpisode(customer, finding, severity, stillOpen);
  emitAlert(made, moment, emitter, null);
  return true;
}

function create(
  customer: Customer,
  finding: Finding,
  severity: Severity,
  exposure: Exposure,
  moment: Moment,
  emitter: Emitter,
): OpenAlert {
  const texts = ruleTexts[finding.ruleId];
  const { state } = customer;
  const alert: OpenAlert = {
    alertId: hashHex(
      `${finding.ruleId}|${state.id}|${finding.ref}|${emitter.nextId()}`,
    ),
    ruleId: finding.ruleId,
    nameZh: texts.name.zh,
    nameEn: texts.name.en,
    customerId: state.id,
    customerName: state.name,
    ref: finding.ref,
    severity,
    state: "open",
    version: 1,
    actionVersion: 0,
    openedAt: moment.now,
    updatedAt: moment.now,
    eventTime: moment.eventTime,
    triggerEventIds: [],
    reasons: [],
    explain: "{}",
    titleZh: "",
    titleEn: "",
    suggestedZh: texts.action.zh,
    suggestedEn: texts.action.en,
    moneyAtRisk: 0,
    currency: moment.env.rules.currency,
    exposureBefore: 0,
    exposureAfter: 0,
    limit: null,
    utilisation: null,
    score: state.score,
    class: state.class,
    pd: "",
    orderId: finding.orderId ?? null,
    invoiceId: finding.invoiceId ?? null,
    complaintId: finding.complaintId ?? null,
    assignee: null,
    snoozedUntil: null,
    muted: moment.muted,
    rulesetVersion: moment.env.rules.version,
    actions: [],
  };
  describe(alert, customer, finding, exposure, moment);
  return alert;
}

function describe(
  alert: OpenAlert,
  customer: Customer,
  finding: Finding,
  exposure: Exposure,
  moment: Moment,
): void {
  const after = finding.exposureAfter ?? exposure.total;
  const known = new Set(alert.triggerEventIds);
  for (const id of moment.cause) known.add(id);
  alert.triggerEventIds = [...known].slice(-20);
  alert.reasons = [...finding.reasons];
  alert.explain = JSON.stringify(finding.explain);
  alert.titleZh = finding.titleZh;
  alert.titleEn = finding.titleEn;
  alert.moneyAtRisk = Math.max(0, finding.moneyAtRisk);
  alert.exposureBefore = finding.exposureBefore ?? exposure.total;
  alert.exposureAfter = after;
  alert.limit = exposure.limit;
  alert.utilisation =
    exposure.limit === null || exposure.limit === 0
      ? null
      : Math.round((Math.max(0, after) * 1000) / exposure.limit);
  alert.score = customer.state.score;
  alert.class = customer.state.class;
  alert.pd = pdText(pdOf(customer.state.score, moment.env.rules));
  alert.updatedAt = moment.now;
  alert.rulesetVersion = moment.env.rules.version;
}

function keepEpisode(
  customer: Customer,
  finding: {
    readonly ruleId: string;
    readonly ref: string;
    readonly value: number;
  },
  severity: string,
  until: number,
): void {
  const { state } = customer;
  const known = state.episodes.find(
    (item) => item.ruleId === finding.ruleId && item.ref === finding.ref,
  );
  if (known) {
    known.severity = severity;
    known.value = Math.max(known.value, Math.round(finding.value));
    known.until = until;
    return;
  }
  state.episodes.push({
    ruleId: finding.ruleId,
    ref: finding.ref,
    severity,
    value: Math.round(finding.value),
    until,
  });
}

/** Ends an alert in a final state and starts the episode's cool-down. */
export function closeAlert(
  customer: Customer,
  alert: OpenAlert,
  end: "resolved" | "dismissed" | "withdrawn",
  by: { readonly actor: string; readonly note: string },
  moment: Moment,
  emitter: Emitter,
  actionId: string | null,
): void {
  const { state } = customer;
  alert.state = end;
  alert.version += 1;
  if (actionId !== null) alert.actionVersion += 1;
  alert.updatedAt = moment.now;
  alert.actions.push({
    at: moment.now,
    actor: by.actor,
    action: end,
    note: by.note,
  });
  state.alerts = state.alerts.filter((item) => item !== alert);
  const until = moment.now + moment.env.rules.alerts.cooldownHours * hourMs;
  for (const episode of state.episodes) {
    if (episode.ruleId === alert.ruleId && episode.ref === alert.ref) {
      episode.until = until;
    }
  }
  emitAlert(alert, moment, emitter, actionId);
}

/** Rules whose alert lives exactly as long as its condition. */
const gauges: ReadonlySet<string> = new Set([
  "EXP-01",
  "EXP-02",
  "EXP-03",
  "PAY-01",
  "EXP-04",
  "ORD-09",
  "PAY-02",
  "PAY-03",
  "PAY-09",
  "PAY-12",
  "DSP-02",
  "SCR-04",
  "PAY-04",
  "PAY-10",
  "DQ-03",
  "EXP-07",
  "CTR-01",
  "COL-01",
  "PAY-07",
  "PAY-08",
]);

/**
 * Resolves gauge alerts whose condition no longer holds (`holding` has
 * rule + ref), old alerts, and ends snoozes. `withdrawn` where an event of the
 * past took the ground away.
 */
export function reviewAlerts(
  customer: Customer,
  holding: ReadonlySet<string>,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  const { alerts: policy } = moment.env.rules;
  for (const alert of [...state.alerts]) {
    const old = moment.now - alert.openedAt >= policy.keepDays * dayMs;
    if (alert.state === "confirmed") {
      if (old) state.alerts = state.alerts.filter((item) => item !== alert);
      continue;
    }
    if (alert.state === "snoozed" && (alert.snoozedUntil ?? 0) <= moment.now) {
      alert.state = "open";
      alert.snoozedUntil = null;
      alert.version += 1;
      alert.updatedAt = moment.now;
      emitAlert(alert, moment, emitter, null);
    }
    const gauge = gauges.has(alert.ruleId);
    if (gauge ? holding.has(`${alert.ruleId}|${alert.ref}`) : !old) continue;
    const end = gauge && moment.corrected ? "withdrawn" : "resolved";
    const note = gauge
      ? "条件已解除 / condition cleared"
      : "已到保留期限 / kept for its full time";
    closeAlert(
      customer,
      alert,
      end,
      { actor: "riskwall", note },
      moment,
      emitter,
      null,
    );
  }
  state.episodes = state.episodes.filter((item) => item.until > moment.now);
}

/** Open alerts per severity, in the order of `severities`. */
export function countAlerts(customer: Customer): number[] {
  const counts = severities.map(() => 0);
  for (const alert of customer.state.alerts) {
    if (!isActive(alert)) continue;
    const rank = severityRank(alert.severity);
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
}
