/** Output records as the views that the API, history and the wall share. */
import { formatMinor } from "./money.ts";
import type {
  Alert,
  Decision,
  OpenAlert,
  Reason,
  ScoreChange,
} from "./records.ts";
import type {
  AlertView,
  DecisionView,
  ReasonView,
  RiskClass,
  ScoreChangeView,
} from "./views.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

/** A reason with its number. */
export function reasonView(reason: Reason): ReasonView {
  return {
    code: reason.code,
    textZh: reason.textZh,
    textEn: reason.textEn,
    number: reason.number,
    points: reason.points,
  };
}

/** An alert, from its record or from the state that holds it. */
export function alertView(alert: OpenAlert | Alert): AlertView {
  const { currency } = alert;
  const money = (minor: number): string => formatMinor(minor, currency);
  return {
    alertId: alert.alertId,
    ruleId: alert.ruleId,
    ruleName: { zh: alert.nameZh, en: alert.nameEn },
    customerId: alert.customerId,
    customerName: alert.customerName,
    // Written by the fold from closed unions.
    severity: alert.severity as AlertView["severity"],
    state: alert.state as AlertView["state"],
    version: alert.version,
    actionVersion: alert.actionVersion,
    openedAt: iso(alert.openedAt),
    updatedAt: iso(alert.updatedAt),
    eventTime: iso(alert.eventTime),
    triggerEventIds: alert.triggerEventIds,
    reasons: alert.reasons.map(reasonView),
    explain: JSON.parse(alert.explain) as AlertView["explain"],
    titleZh: alert.titleZh,
    titleEn: alert.titleEn,
    suggestedAction: { zh: alert.suggestedZh, en: alert.suggestedEn },
    moneyAtRisk: money(alert.moneyAtRisk),
    currency,
    exposureBefore: money(alert.exposureBefore),
    exposureAfter: money(alert.exposureAfter),
    limit: alert.limit === null ? null : money(alert.limit),
    utilisationAfter:
      alert.utilisation === null ? null : (alert.utilisation / 1000).toFixed(3),
    score: alert.score,
    class: alert.class as RiskClass,
    pd: alert.pd,
    orderId: alert.orderId,
    invoiceId: alert.invoiceId,
    complaintId: alert.complaintId,
    parent: alert.parent,
    quiet: alert.quiet,
    assignee: alert.assignee,
    snoozedUntil: alert.snoozedUntil === null ? null : iso(alert.snoozedUntil),
    muted: alert.muted,
    rulesetVersion: alert.rulesetVersion,
    actions: alert.actions.map((action) => ({
      at: iso(action.at),
      actor: action.actor,
      action: action.action,
      note: action.note,
    })),
  };
}

/** A score change; the score's class and texts as they were then. */
export function scoreView(change: ScoreChange): ScoreChangeView {
  return {
    id: change.id,
    customerId: change.customerId,
    name: change.name,
    at: iso(change.at),
    from: change.from,
    score: change.score,
    class: change.class as RiskClass,
    classBefore: change.classBefore as RiskClass | null,
    base: change.base,
    points: change.points.map(({ code, value, bin, points }) => ({
      code,
      value,
      bin,
      points,
    })),
    capEffect: change.capEffect,
    cap: change.cap,
    pd: change.pd,
    reasons: change.reasons.map(reasonView),
    cause: change.cause,
    corrected: change.corrected,
    rulesetVersion: change.rulesetVersion,
    textZh: change.textZh,
    textEn: change.textEn,
  };
}

/** A decision on an order, with every rule hit. */
export function decisionView(decision: Decision): DecisionView {
  const money = (minor: number): string =>
    formatMinor(minor, decision.reportingCurrency);
  const { limit, exposureAfter } = decision;
  return {
    id: decision.id,
    orderId: decision.orderId,
    customerId: decision.customerId,
    name: decision.name,
    amount: formatMinor(decision.amount, decision.currency),
    currency: decision.currency,
    outcome: decision.outcome as DecisionView["outcome"],
    codes: decision.codes,
    hits: decision.hits.map((hit) => ({ ...hit })),
    trigger: decision.trigger,
    releaseCode: decision.releaseCode,
    score: decision.score,
    class: decision.class as RiskClass,
    exposureBefore: money(decision.exposureBefore),
    exposureAfter: money(exposureAfter),
    limit: limit === null ? null : money(limit),
    headroom: limit === null ? null : money(limit - exposureAfter),
    clearsZh: decision.clearsZh,
    clearsEn: decision.clearsEn,
    actor: decision.actor,
    reason: decision.reason,
    rulesetVersion: decision.rulesetVersion,
    decidedAt: iso(decision.decidedAt),
  };
}
