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
import type { Episode, OpenAlert, Reason, Severity } from "@riskwall/schemas";
import { dayMs, hourMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { hashHex } from "./hash.ts";
import { maintenanceEnd, recordSuppressed } from "./hygiene.ts";
import { pdOf, pdText } from "./scorecard.ts";
import { severities, severityRank, weighSeverity } from "./severity.ts";
import { ruleTexts, type RuleId } from "./texts.ts";

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
  /** Chance of such a finding without a cause, where the rule knows it. */
  readonly p?: number;
  /** 0 to 1, 1 when absent: how sure the finding is of its numbers. */
  readonly confidence?: number;
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

function weigh(
  customer: Customer,
  finding: Finding,
  exposure: Exposure,
  moment: Moment,
): Severity {
  const { ruleId, severity, moneyAtRisk } = finding;
  const { class: riskClass, watch } = customer.state;
  const { limit } = exposure;
  const of = { ruleId, severity, moneyAtRisk, limit, watch };
  const insuredShare = exposure.isInsured ? 1 : 0;
  const whole = { ...of, class: riskClass, insuredShare };
  return weighSeverity(whole, moment.env.rules.severity);
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
    announce: false,
    ...alert,
    reasons: [...alert.reasons],
    actions: [...alert.actions],
  });
}

/** A change by which somebody is told of it for the first time. */
function tellAlert(alert: OpenAlert, moment: Moment, emitter: Emitter): void {
  alert.version += 1;
  alert.updatedAt = moment.now;
  emitAlert(alert, moment, emitter, null);
  const isTold = alert.parent === null && alert.quiet === null;
  if (isTold && !alert.muted) emitter.restate([alert], new Set([alert]));
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
  const severity = weigh(customer, finding, exposure, moment);
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
    noteRaised(open, false, finding, moment, emitter);
    return true;
  }
  if (episode && episode.until > moment.now && !grew) {
    hush(customer, finding, severity, episode, moment, emitter);
    return false;
  }
  if (state.alerts.length >= rules.alerts.max) {
    turnAway(customer, finding, severity, moment, emitter);
    return false;
  }
  const made = create(customer, finding, severity, exposure, moment, emitter);
  state.alerts.push(made);
  keepEpisode(customer, finding, severity, stillOpen);
  emitAlert(made, moment, emitter, null);
  noteRaised(made, true, finding, moment, emitter);
  return true;
}

function noteRaised(
  alert: OpenAlert,
  isNew: boolean,
  { p, confidence, value }: Finding,
  moment: Moment,
  emitter: Emitter,
): void {
  const sure = confidence ?? 1;
  emitter.raised.push({
    ...{ alert, isNew, value, moment },
    ...{ p: p ?? null, confidence: sure },
  });
}

function suppressedOf(
  finding: Finding,
  severity: string,
): Omit<Parameters<typeof recordSuppressed>[1], "reason" | "threshold"> {
  const { ruleId, ref, value, moneyAtRisk, titleZh, titleEn } = finding;
  const about = { ruleId, ref, value, moneyAtRisk, titleZh, titleEn };
  return { ...about, severity, alertId: null, parent: null };
}

/** The cool-down keeps a finding quiet: recorded once per cool-down. */
function hush(
  customer: Customer,
  finding: Finding,
  severity: string,
  episode: Episode,
  moment: Moment,
  emitter: Emitter,
): void {
  if (episode.hushed) return;
  episode.hushed = true;
  const threshold = episode.value * moment.env.rules.alerts.growth;
  const what = suppressedOf(finding, severity);
  const whole = { ...what, reason: "cooldown", threshold } as const;
  recordSuppressed(customer, whole, moment, emitter);
}

/**
 * No room for another alert. The finding is tried again at every evaluation
 * (an episode below every value), and recorded once per cool-down.
 */
function turnAway(
  customer: Customer,
  finding: Finding,
  severity: string,
  moment: Moment,
  emitter: Emitter,
): void {
  const { ruleId, ref } = finding;
  const { max, cooldownHours } = moment.env.rules.alerts;
  const known = customer.state.episodes.some(
    (item) => item.ruleId === ruleId && item.ref === ref && item.hushed,
  );
  if (known) return;
  const until = moment.now + cooldownHours * hourMs;
  const marked = { ruleId, ref, value: -1, severity: "info" };
  customer.state.episodes = [
    ...customer.state.episodes.filter(
      (item) => item.ruleId !== ruleId || item.ref !== ref,
    ),
    { ...marked, until, hushed: true },
  ];
  const what = suppressedOf(finding, severity);
  const whole = { ...what, reason: "full", threshold: max } as const;
  recordSuppressed(customer, whole, moment, emitter);
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
    parent: null,
    quiet: null,
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
    known.hushed = false;
    return;
  }
  state.episodes.push({
    ruleId: finding.ruleId,
    ref: finding.ref,
    severity,
    value: Math.round(finding.value),
    until,
    hushed: false,
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
  promote(customer, alert, moment, emitter);
}

/** What a closed alert led is told by the gravest of it from now on. */
function promote(
  customer: Customer,
  closed: OpenAlert,
  moment: Moment,
  emitter: Emitter,
): void {
  const led = customer.state.alerts.filter(
    (item) => item.parent === closed.alertId,
  );
  if (led.length === 0) return;
  const next = led.reduce((best, item) => {
    const by = severityRank(item.severity) - severityRank(best.severity);
    return by > 0 ? item : best;
  });
  for (const item of led) {
    item.parent = item === next ? null : next.alertId;
    tellAlert(item, moment, emitter);
  }
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
  "DQ-01",
  "DQ-02",
  "DQ-03",
  "EXP-07",
  "CTR-01",
  "COL-01",
  "PAY-07",
  "PAY-08",
  "EXP-05",
  "EXP-06",
  "MDL-01",
  "MDL-02",
]);

/** True for a rule that is judged anew at each evaluation. */
export function isGauge(ruleId: string): boolean {
  return gauges.has(ruleId);
}

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
    endMaintenance(customer, alert, moment, emitter);
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

/** What still holds when a maintenance window ends is told then. */
function endMaintenance(
  customer: Customer,
  alert: OpenAlert,
  moment: Moment,
  emitter: Emitter,
): void {
  if (alert.quiet !== "maintenance") return;
  if (maintenanceEnd(alert, customer.state.segment, moment) !== null) return;
  alert.quiet = null;
  tellAlert(alert, moment, emitter);
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
