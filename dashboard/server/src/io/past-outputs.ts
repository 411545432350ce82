/** Alerts and orders as history keeps them. */
import type {
  AlertView,
  DecisionView,
  SuppressedView,
} from "@riskwall/schemas";
import { padMoney } from "../core/money-text.ts";
import { afterPlace, type Past, type Place } from "./past.ts";

/** Decisions of one order listed at most. */
const orderDecisionsMax = 200;

/** Later than any instant stored, ms. */
const endOfTime = Date.UTC(2200, 0, 1);

export interface AlertFilter {
  readonly states: readonly string[];
  readonly severities: readonly string[];
  readonly rules: readonly string[];
  readonly customer: string;
  readonly classes: readonly string[];
  /** Names of assignees; `-` is nobody. */
  readonly owners: readonly string[];
  /** Opened from (inclusive) to (exclusive), ms; null = open end. */
  readonly from: number | null;
  readonly to: number | null;
}

/** A condition and its parameter, left out when the list is empty. */
function among(
  column: string,
  name: string,
  values: readonly string[],
): string {
  return values.length === 0 ? "1" : `has({${name}:Array(String)}, ${column})`;
}

/** Newest version of each alert that fits, newest opening first. */
export async function readAlerts(
  past: Past,
  filter: AlertFilter,
  after: Place | null,
  limit: number,
): Promise<AlertView[]> {
  const place = afterPlace("opened_at", "alert_id", after);
  const { states, severities, rules, customer, classes, owners } = filter;
  const [from, to] = [filter.from ?? 0, filter.to ?? endOfTime];
  const rows = await past.rows<{ view: string }>(
    `SELECT view FROM (
       SELECT alert_id, opened_at, state, severity, view FROM alerts FINAL
       WHERE ${customer === "" ? "1" : "customer_id = {customer:String}"} AND ${among("rule_id", "rules", rules)}
       ORDER BY version DESC LIMIT 1 BY alert_id)
     WHERE ${among("state", "states", states)} AND ${among("severity", "severities", severities)}
       AND ${among("JSONExtractString(view, 'class')", "classes", classes)}
       AND ${among("if(JSONExtractString(view, 'assignee') = '', '-', JSONExtractString(view, 'assignee'))", "owners", owners)}
       AND opened_at >= fromUnixTimestamp64Milli({from:Int64}) AND opened_at < fromUnixTimestamp64Milli({to:Int64})
       AND ${place.sql}
     ORDER BY opened_at DESC, alert_id DESC LIMIT {limit:UInt32}`,
    {
      ...{ ...place.params, states, severities, rules, customer, limit },
      ...{ classes, owners, from, to },
    },
  );
  return rows.map(parseAlert);
}

function parseAlert(row: { readonly view: string }): AlertView {
  // Written by the historian from the view itself.
  return JSON.parse(row.view) as AlertView;
}

/** Alerts that ended since an instant, the latest first. */
export async function readClosedAlerts(
  past: Past,
  sinceMs: number,
  limit: number,
): Promise<AlertView[]> {
  const rows = await past.rows<{ view: string }>(
    `SELECT view FROM (
       SELECT state, updated_at, view FROM alerts FINAL
       WHERE alert_id IN (SELECT alert_id FROM alerts WHERE updated_at >= fromUnixTimestamp64Milli({since:Int64}))
       ORDER BY version DESC LIMIT 1 BY alert_id)
     WHERE state NOT IN ('open', 'acknowledged', 'snoozed')
     ORDER BY updated_at DESC LIMIT {limit:UInt32}`,
    { since: sinceMs, limit },
  );
  return rows.map(parseAlert);
}

/** What people said about the alerts of a rule. */
export interface RuleVerdicts {
  readonly ruleId: string;
  readonly raised: number;
  /** Alerts whose last verdict was good: useful, or confirmed. */
  readonly useful: number;
  /** Alerts whose last verdict was bad: not useful, or a false alarm. */
  readonly useless: number;
}

/** Verdicts by rule on alerts opened since an instant, the most raised first. */
export async function readVerdicts(
  past: Past,
  sinceMs: number,
): Promise<RuleVerdicts[]> {
  const rows = await past.rows<{
    rule_id: string;
    raised: number;
    useful: number;
    useless: number;
  }>(
    `SELECT rule_id, count() AS raised, countIf(verdict IN ('useful', 'confirm')) AS useful,
       countIf(verdict IN ('useless', 'dismiss')) AS useless
     FROM (
       SELECT rule_id, state,
         arrayLast(a -> a IN ('useful', 'useless', 'confirm', 'dismiss'),
           arrayMap(x -> JSONExtractString(x, 'action'), JSONExtractArrayRaw(view, 'actions'))) AS said,
         multiIf(said != '', said, state = 'confirmed', 'confirm', state = 'dismissed', 'dismiss', '') AS verdict
       FROM (SELECT alert_id, rule_id, state, view FROM alerts FINAL
             WHERE opened_at >= fromUnixTimestamp64Milli({since:Int64}) AND NOT muted
             ORDER BY version DESC LIMIT 1 BY alert_id))
     GROUP BY rule_id ORDER BY raised DESC, rule_id`,
    { since: sinceMs },
  );
  return rows.map((row) => ({
    ruleId: row.rule_id,
    raised: Number(row.raised),
    useful: Number(row.useful),
    useless: Number(row.useless),
  }));
}

/** One alert's newest version, or null. */
export async function readAlert(
  past: Past,
  alertId: string,
): Promise<AlertView | null> {
  const [row] = await past.rows<{ view: string }>(
    "SELECT view FROM alerts FINAL WHERE alert_id = {id:String} ORDER BY version DESC LIMIT 1",
    { id: alertId },
  );
  return row ? parseAlert(row) : null;
}

export interface SuppressedFilter {
  readonly reasons: readonly string[];
  readonly rules: readonly string[];
  readonly customer: string;
  /** From (inclusive) to (exclusive), ms; null = open end. */
  readonly from: number | null;
  readonly to: number | null;
}

/** What nobody was told of, newest first; one row more than a page. */
export async function readSuppressed(
  past: Past,
  filter: SuppressedFilter,
  after: Place | null,
  limit: number,
): Promise<SuppressedView[]> {
  const place = afterPlace("occurred_at", "id", after);
  const { reasons, rules, customer } = filter;
  const rows = await past.rows<{
    id: string;
    at: string;
    customer_id: string;
    customer_name: string;
    rule_id: string;
    ref: string;
    severity: string;
    reason: string;
    value: number;
    threshold: number | null;
    money: string;
    currency: string;
    alert_id: string;
    parent: string;
    title_zh: string;
    title_en: string;
    ruleset_version: number;
  }>(
    `SELECT id, occurred_at AS at, customer_id, customer_name, rule_id, ref, severity, reason, value, threshold,
       toString(money_at_risk) AS money, currency, alert_id, parent, title_zh, title_en, ruleset_version
     FROM suppressed_alerts FINAL
     WHERE ${customer === "" ? "1" : "customer_id = {customer:String}"} AND ${among("rule_id", "rules", rules)}
       AND ${among("reason", "reasons", reasons)}
       AND occurred_at >= fromUnixTimestamp64Milli({from:Int64}) AND occurred_at < fromUnixTimestamp64Milli({to:Int64})
       AND ${place.sql}
     ORDER BY occurred_at DESC, id DESC LIMIT {limit:UInt32}`,
    {
      ...{ ...place.params, reasons, rules, customer, limit },
      ...{ from: filter.from ?? 0, to: filter.to ?? endOfTime },
    },
  );
  return rows.map((row) => ({
    id: row.id,
    at: row.at,
    customerId: row.customer_id,
    customerName: row.customer_name,
    ruleId: row.rule_id,
    ref: row.ref,
    // Written by the fold from a closed union.
    severity: row.severity as SuppressedView["severity"],
    reason: row.reason,
    value: row.value,
    threshold: row.threshold,
    moneyAtRisk: padMoney(row.money, row.currency),
    currency: row.currency,
    alertId: row.alert_id === "" ? null : row.alert_id,
    parent: row.parent === "" ? null : row.parent,
    titleZh: row.title_zh,
    titleEn: row.title_en,
    rulesetVersion: row.ruleset_version,
  }));
}

/** Decisions of one order, newest first. */
export async function readOrder(
  past: Past,
  orderId: string,
): Promise<DecisionView[]> {
  const rows = await past.rows<{ view: string }>(
    `SELECT view FROM decisions FINAL WHERE order_id = {id:String}
     ORDER BY decided_at DESC, \`offset\` DESC, n DESC LIMIT {limit:UInt32}`,
    { id: orderId, limit: orderDecisionsMax },
  );
  // Written by the historian from the view itself.
  return rows.map((row) => JSON.parse(row.view) as DecisionView);
}

/** The latest decision of each of these orders, by order id. */
export async function readLatestDecisions(
  past: Past,
  customers: readonly string[],
  orders: readonly string[],
): Promise<ReadonlyMap<string, DecisionView>> {
  const rows = await past.rows<{ view: string }>(
    `SELECT view FROM decisions FINAL
     WHERE customer_id IN {customers:Array(String)} AND order_id IN {orders:Array(String)}
     ORDER BY decided_at DESC, \`offset\` DESC, n DESC LIMIT 1 BY order_id`,
    { customers, orders },
  );
  // Written by the historian from the view itself.
  const views = rows.map((row) => JSON.parse(row.view) as DecisionView);
  return new Map(views.map((view) => [view.orderId, view]));
}
