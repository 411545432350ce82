/**
 * Who is told of what a customer's step found (domain C10.10, F-35). Every
 * alert exists, with its state and its part in the score; hygiene only decides
 * about telling, and records each thing it keeps quiet:
 *
 *   cause        several alerts of one step: the gravest leads, others follow
 *   fdr          a statistical finding beyond Benjamini-Hochberg's line today
 *   maintenance  a window of the rule set covers it
 *   budget       enough graver alerts were told today
 *
 * Why nothing here removes an alert: docs/decisions/0012.
 */
import type { OpenAlert } from "@riskwall/schemas";
import type { Customer } from "./customer.ts";
import type { Emitter, Raised } from "./emit.ts";
import type { Moment } from "./env.ts";
import { pdOf } from "./scorecard.ts";
import { severityRank } from "./severity.ts";
import {
  countRank,
  countTail,
  dayOf,
  rankBucket,
  tailBucket,
  tailEdges,
  type Tally,
} from "./tally.ts";

export type QuietReason =
  "cause" | "cooldown" | "fdr" | "budget" | "maintenance" | "full";

/** What is recorded of something kept quiet. */
export interface Suppressed {
  readonly ruleId: string;
  readonly ref: string;
  readonly severity: string;
  readonly reason: QuietReason;
  readonly value: number;
  readonly threshold: number | null;
  readonly moneyAtRisk: number;
  readonly titleZh: string;
  readonly titleEn: string;
  readonly alertId: string | null;
  readonly parent: string | null;
}

export function recordSuppressed(
  customer: Customer,
  what: Suppressed,
  moment: Moment,
  emitter: Emitter,
): void {
  if (moment.muted) return;
  const { state } = customer;
  emitter.suppressed({
    appendedAt: moment.appendedAt,
    at: moment.now,
    customerId: state.id,
    customerName: state.name,
    segment: state.segment,
    currency: moment.env.rules.currency,
    rulesetVersion: moment.env.rules.version,
    ...what,
    moneyAtRisk: Math.max(0, Math.round(what.moneyAtRisk)),
  });
}

/**
 * Benjamini-Hochberg as the day goes: does this finding pass as one more of
 * the day, and at which line. Other findings count as the upper end of their
 * bucket, so the line is never above the exact one.
 */
export function falseDiscovery(
  tally: Tally,
  day: number,
  p: number,
  q: number,
): { readonly passes: boolean; readonly line: number } {
  const known = dayOf(tally, day);
  const tests = Math.max(1, known.tests);
  const own = tailBucket(p);
  let found = known.tails.slice(own + 1).reduce((sum, n) => sum + n, 0) + 1;
  const line = (q * found) / tests;
  if (p <= line) return { passes: true, line };
  for (let at = own; at >= 0; at -= 1) {
    found += known.tails[at] ?? 0;
    const here = (q * found) / tests;
    if ((tailEdges[at] ?? 1) <= here) return { passes: true, line: here };
  }
  return { passes: false, line };
}

/** End of the maintenance window that covers an alert now; null = none. */
export function maintenanceEnd(
  alert: Pick<OpenAlert, "ruleId">,
  segment: string,
  { env, now }: Moment,
): number | null {
  for (const window of env.rules.alerts.maintenance) {
    const isInside = now >= window.from && now < window.until;
    const rule =
      window.rules.length === 0 || window.rules.includes(alert.ruleId);
    const place =
      window.segments.length === 0 || window.segments.includes(segment);
    if (isInside && rule && place) return window.until;
  }
  return null;
}

/** money at risk × PD × confidence, minor units. */
function rankOf(customer: Customer, raised: Raised): number {
  const pd = pdOf(customer.state.score, raised.moment.env.rules);
  return raised.alert.moneyAtRisk * pd * raised.confidence;
}

/** The rank the budget of the day asks for, or null when it is not used up. */
function budgetLine(raised: Raised, rank: number, tally: Tally): number | null {
  const { today, env } = raised.moment;
  const { budget } = env.rules.alerts;
  const grade = severityRank(raised.alert.severity);
  if (budget === null || grade === 0) return null;
  if (grade > severityRank(budget.upTo)) return null;
  const own = rankBucket(rank);
  const { ranks } = dayOf(tally, today);
  const before = ranks.slice(own).reduce((sum, n) => sum + n, 0);
  countRank(tally, today, rank);
  return before < budget.analysts * budget.perDay ? null : 2 ** own;
}

interface Verdict {
  readonly reason: QuietReason;
  readonly value: number;
  readonly threshold: number | null;
}

/** Benjamini-Hochberg of a statistical finding; counts it. */
function judgeChance(raised: Raised, tally: Tally): Verdict | null {
  const { p, moment, alert } = raised;
  const { fdr } = moment.env.rules.alerts;
  if (p === null || moment.muted || !fdr.rules.has(alert.ruleId)) return null;
  const { passes, line } = falseDiscovery(tally, moment.today, p, fdr.q);
  countTail(tally, moment.today, p);
  return passes ? null : { reason: "fdr", value: p, threshold: line };
}

/** Gravest first: severity, money at risk, order of raising. */
function leaderOf(list: readonly Raised[]): Raised | undefined {
  return list.reduce<Raised | undefined>((best, item) => {
    if (best === undefined) return item;
    const by =
      severityRank(item.alert.severity) - severityRank(best.alert.severity) ||
      item.alert.moneyAtRisk - best.alert.moneyAtRisk;
    return by > 0 ? item : best;
  }, undefined);
}

/**
 * Ends a customer's step: groups what it raised by cause, judges what is told,
 * and writes both into the snapshots the step emits.
 */
export function settleRaised(customer: Customer, emitter: Emitter): void {
  const { raised } = emitter;
  if (raised.length === 0) return;
  const open = raised.filter(({ alert }) =>
    customer.state.alerts.includes(alert),
  );
  raised.length = 0;
  const chances = new Map(
    open.map((item) => [item, judgeChance(item, emitter.tally)]),
  );
  const fresh = open.filter((item) => item.isNew);
  const passing = fresh.filter((item) => (chances.get(item) ?? null) === null);
  const leader = leaderOf(passing) ?? leaderOf(fresh);
  const told = new Set<OpenAlert>();
  for (const item of open) {
    const { alert, isNew } = item;
    const wasTold = !isNew && alert.parent === null && alert.quiet === null;
    if (wasTold) continue;
    if (isNew) {
      alert.parent =
        leader === undefined || leader === item ? null : leader.alert.alertId;
    } else leaveLeader(customer, alert);
    const verdict = judge(customer, item, chances.get(item) ?? null, emitter);
    alert.quiet =
      verdict === null || verdict.reason === "cause" ? null : verdict.reason;
    if (verdict !== null) note(customer, item, verdict, emitter);
    else if (alert.parent === null && !alert.muted) told.add(alert);
  }
  emitter.restate(
    open.map(({ alert }) => alert),
    told,
  );
}

/** An alert that became graver than the one that leads it speaks for itself. */
function leaveLeader(customer: Customer, alert: OpenAlert): void {
  if (alert.parent === null) return;
  const leader = customer.state.alerts.find(
    (item) => item.alertId === alert.parent,
  );
  const isGraver =
    leader === undefined ||
    severityRank(alert.severity) > severityRank(leader.severity);
  if (isGraver) alert.parent = null;
}

function judge(
  customer: Customer,
  raised: Raised,
  chance: Verdict | null,
  emitter: Emitter,
): Verdict | null {
  const { alert, moment } = raised;
  if (moment.muted) return null;
  if (alert.parent !== null) {
    return raised.isNew
      ? { reason: "cause", value: raised.value, threshold: null }
      : null;
  }
  const end = maintenanceEnd(alert, customer.state.segment, moment);
  if (end !== null) {
    return { reason: "maintenance", value: raised.value, threshold: end };
  }
  if (chance !== null) return chance;
  const rank = rankOf(customer, raised);
  const line = budgetLine(raised, rank, emitter.tally);
  return line === null
    ? null
    : { reason: "budget", value: rank, threshold: line };
}

function note(
  customer: Customer,
  { alert, moment }: Raised,
  { reason, value, threshold }: Verdict,
  emitter: Emitter,
): void {
  const { ruleId, ref, severity, moneyAtRisk, titleZh, titleEn } = alert;
  const { alertId, parent } = alert;
  const about = { ruleId, ref, severity, moneyAtRisk, titleZh, titleEn };
  recordSuppressed(
    customer,
    { ...about, alertId, parent, reason, value, threshold },
    moment,
    emitter,
  );
}
