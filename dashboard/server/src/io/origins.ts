/** Where each figure and panel of the wall comes from: its query, what moves it. */
import type { BusinessType } from "@riskwall/schemas";
import type { FigureName, PanelFigure } from "@riskwall/schemas/names";

export interface Origin {
  /** Reads `value` and `at` as history has it last; null: it is not stored. */
  readonly query: string | null;
  /** Types of events that move it: these, any, alerts instead, or none. */
  readonly types: readonly BusinessType[] | "any" | "alerts" | "none";
}

const lastSnapshot = (value: string): string =>
  `SELECT toString(${value}) AS value, occurred_at AS at FROM portfolio_history ORDER BY occurred_at DESC LIMIT 1`;
const lastTotals = (value: string): string =>
  `SELECT toString(${value}) AS value, occurred_at AS at FROM portfolio_snapshots FINAL ORDER BY occurred_at DESC LIMIT 1`;

const receivables: readonly BusinessType[] = [
  ...(["invoice.issued", "invoice.credited", "invoice.written-off"] as const),
  ...(["payment.received", "payment.returned", "payment.refunded"] as const),
];
const decided: readonly BusinessType[] = [
  ...(["order.placed", "order.amended", "order.cancelled"] as const),
];
const exposure: readonly BusinessType[] = [
  ...decided,
  ...(["order.returned", "delivery.completed", "cover.set"] as const),
  ...receivables,
];

const keyFigures: Readonly<Record<Exclude<FigureName, PanelFigure>, Origin>> = {
  exposure: { query: lastSnapshot("exposure"), types: exposure },
  overdue: {
    query: lastSnapshot(
      "if(receivables > 0, round(toFloat64(overdue) / toFloat64(receivables), 4), 0)",
    ),
    types: receivables,
  },
  el: { query: lastSnapshot("expected_loss"), types: exposure },
  utilisation: {
    query: lastTotals(
      "if(totals['limit'] > 0, round(totals['limitedExposure'] / totals['limit'], 4), 0)",
    ),
    types: [...exposure, "customer.limit-set"],
  },
  highrisk: {
    query: lastTotals("totals['classD'] + totals['classE']"),
    types: [...exposure, "payment.promised", "complaint.opened"],
  },
  alerts: {
    query:
      "SELECT toString(uniqExact(alert_id)) AS value, now64(3) AS at FROM alerts WHERE version = 1 AND NOT muted AND opened_at >= now64(3) - INTERVAL 24 HOUR",
    types: "alerts",
  },
};

/** How every customer stood at its last score change. */
const standing = `(SELECT argMax(score, occurred_at) AS score, argMax(exposure, occurred_at) AS exposure,
  argMax(ifNull(credit_limit, 0), occurred_at) AS credit_limit, argMax(overdue, occurred_at) AS overdue,
  max(occurred_at) AS seen FROM score_changes FINAL GROUP BY customer_id)`;
const ofStanding = (value: string): string =>
  `SELECT toString(${value}) AS value, max(seen) AS at FROM ${standing} HAVING count() > 0`;
const counted = (value: string, from: string): string =>
  `SELECT toString(${value}) AS value, now64(3) AS at FROM ${from}`;
const heldNow = counted("countIf(outcome = 'hold')", "decisions_latest");

const panelOrigins: Readonly<Record<PanelFigure, Origin>> = {
  "panel-pulse": {
    query: counted(
      "count()",
      "events WHERE appended_at >= now64(3) - INTERVAL 30 MINUTE",
    ),
    types: "any",
  },
  "panel-map": { query: ofStanding("count()"), types: exposure },
  "panel-classes": {
    query: lastTotals(
      "totals['classA'] + totals['classB'] + totals['classC'] + totals['classD'] + totals['classE']",
    ),
    types: exposure,
  },
  "panel-ageing": { query: lastSnapshot("receivables"), types: receivables },
  "panel-overdueShare": { query: lastSnapshot("overdue"), types: receivables },
  "panel-utilisation": {
    query: ofStanding("countIf(credit_limit > 0 AND exposure > credit_limit)"),
    types: [...exposure, "customer.limit-set"],
  },
  "panel-riskiest": { query: ofStanding("min(score)"), types: exposure },
  "panel-moves": {
    query: counted(
      "count()",
      "score_changes FINAL WHERE occurred_at >= now64(3) - INTERVAL 24 HOUR",
    ),
    types: exposure,
  },
  "panel-feed": {
    query: counted(
      "countIf(state IN ('open', 'acknowledged', 'snoozed'))",
      "alerts_latest",
    ),
    types: "alerts",
  },
  "panel-handling": {
    query: counted("countIf(state = 'open')", "alerts_latest"),
    types: "alerts",
  },
  "panel-orders": {
    query: counted(
      "count()",
      "decisions FINAL WHERE decided_at >= now64(3) - INTERVAL 24 HOUR",
    ),
    types: decided,
  },
  "panel-outcomes": {
    query: counted(
      "if(count() > 0, round(countIf(outcome = 'hold') / count(), 4), 0)",
      "(SELECT outcome FROM decisions FINAL WHERE `trigger` = 'order' ORDER BY decided_at DESC LIMIT 100)",
    ),
    types: decided,
  },
  "panel-held": { query: heldNow, types: decided },
  "panel-holdCodes": { query: heldNow, types: decided },
  "panel-cash": {
    query: counted(
      "count()",
      "events FINAL WHERE type = 'payment.received' AND occurred_at >= now64(3) - INTERVAL 14 DAY",
    ),
    types: ["payment.received", "payment.promised"],
  },
  "panel-overdue": {
    query: ofStanding("countIf(overdue > 0)"),
    types: receivables,
  },
  "panel-services": { query: null, types: "none" },
  "panel-figures": {
    query: counted(
      "count()",
      "dead_letters FINAL WHERE occurred_at > now() - INTERVAL 1 DAY",
    ),
    types: "none",
  },
  "panel-flow": {
    query: counted(
      "round(count() / 60, 1)",
      "events WHERE appended_at >= now64(3) - INTERVAL 60 SECOND",
    ),
    types: "any",
  },
  "panel-partitions": {
    query: counted("sum(`to`)", "history_plan FINAL WHERE done"),
    types: "any",
  },
};

export const origins: Readonly<Record<FigureName, Origin>> = {
  ...keyFigures,
  ...panelOrigins,
};
