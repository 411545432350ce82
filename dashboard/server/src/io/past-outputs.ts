/** Alerts and orders as history keeps them. */
import type { AlertView, DecisionView } from "@riskwall/schemas";
import { afterPlace, type Past, type Place } from "./past.ts";

/** Decisions of one order listed at most. */
const orderDecisionsMax = 200;

export interface AlertFilter {
  readonly states: readonly string[];
  readonly severities: readonly string[];
  readonly rules: readonly string[];
  readonly customer: string;
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
  const { states, severities, rules, customer } = filter;
  const rows = await past.rows<{ view: string }>(
    `SELECT view FROM (
       SELECT alert_id, opened_at, state, severity, view FROM alerts FINAL
       WHERE ${customer === "" ? "1" : "customer_id = {customer:String}"} AND ${among("rule_id", "rules", rules)}
       ORDER BY version DESC LIMIT 1 BY alert_id)
     WHERE ${among("state", "states", states)} AND ${among("severity", "severities", severities)} AND ${place.sql}
     ORDER BY opened_at DESC, alert_id DESC LIMIT {limit:UInt32}`,
    { ...place.params, states, severities, rules, customer, limit },
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
