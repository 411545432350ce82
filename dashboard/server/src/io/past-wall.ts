/** What the wall shows of the hours and weeks before this server started. */
import type { AgeingView, CashDays } from "@riskwall/schemas";
import { padMoney } from "../core/money-text.ts";
import { addSums, ageingView } from "../core/portfolio-view.ts";
import type { SparkSample } from "../core/sparks.ts";
import { reportingZone } from "../core/zone.ts";
import type { Past } from "./past.ts";

const dayMs = 86_400_000;
/** Weeks of ageing shown at most. */
export const weeksMax = 8;
/** Openings of alerts remembered at most, for the count of a day. */
const openingsMax = 100_000;

export interface PulseRow {
  readonly at: number;
  readonly events: number;
  /** minor units of the reporting currency */
  readonly orderAmount: number;
  readonly alerts: number;
}

/**
 * Value of a decided order in reporting minor units: what it added when it was
 * allowed, its own amount when it is in that currency, else unknown (0).
 */
const orderValue = `toInt64(100 * if(outcome = 'allow',
  toDecimal64OrZero(JSONExtractString(view, 'exposureAfter'), 2) - toDecimal64OrZero(JSONExtractString(view, 'exposureBefore'), 2),
  if(currency = {currency:String}, toDecimal64(amount, 2), toDecimal64(0, 2))))`;

/** Later than any instant stored, ms. */
const endOfTime = Date.UTC(2200, 0, 1);

/** Five-second buckets of a span, by broker append time. */
export async function readPulse(
  past: Past,
  sinceMs: number,
  currency: string,
  untilMs = endOfTime,
): Promise<PulseRow[]> {
  const bucket =
    "toInt64(intDiv(toUnixTimestamp64Milli(appended_at), 5000) * 5000)";
  const after =
    "appended_at >= fromUnixTimestamp64Milli({since:Int64}) AND appended_at <= fromUnixTimestamp64Milli({until:Int64})";
  const rows = await past.rows<{
    at: number;
    events: number;
    amount: number;
    alerts: number;
  }>(
    `SELECT at, sum(e) AS events, sum(a) AS amount, sum(x) AS alerts FROM (
       SELECT ${bucket} AS at, count() AS e, toInt64(0) AS a, toUInt64(0) AS x FROM events WHERE ${after} GROUP BY at
       UNION ALL SELECT ${bucket} AS at, 0, sum(${orderValue}), 0
         FROM decisions WHERE ${after} AND \`trigger\` = 'order' AND NOT muted GROUP BY at
       UNION ALL SELECT ${bucket} AS at, 0, 0, count() FROM alerts WHERE ${after} AND version = 1 AND NOT muted GROUP BY at
     ) GROUP BY at ORDER BY at`,
    { since: sinceMs, until: untilMs, currency },
  );
  return rows.map((row) => ({
    at: Number(row.at),
    events: Number(row.events),
    orderAmount: Number(row.amount),
    alerts: Number(row.alerts),
  }));
}

/** Alerts opened in the day that ends at an instant; muted ones do not count. */
export async function countOpenings(past: Past, atMs: number): Promise<number> {
  const [row] = await past.rows<{ n: number }>(
    `SELECT uniqExact(alert_id) AS n FROM alerts WHERE version = 1 AND NOT muted
       AND opened_at >= fromUnixTimestamp64Milli({since:Int64}) AND opened_at <= fromUnixTimestamp64Milli({at:Int64})`,
    { since: atMs - dayMs, at: atMs },
  );
  return Number(row?.n ?? 0);
}

/** The reporting zone is ahead of UTC by this, all year. */
const zoneAheadMs = 8 * 3_600_000;

/** Cash received by day in one currency, today included, oldest first. */
export async function readCashDays(
  past: Past,
  currency: string,
  days: number,
  nowMs: number,
): Promise<CashDays["days"]> {
  const midnight = nowMs - ((nowMs + zoneAheadMs) % dayMs);
  const first = midnight - (days - 1) * dayMs;
  const rows = await past.rows<{ day: string; received: string }>(
    `SELECT toString(toDate(hour, {zone:String})) AS day, toString(sum(amount)) AS received
     FROM events_hourly WHERE type = 'payment.received' AND currency = {currency:String}
       AND hour >= toDateTime({since:Int64}, 'UTC')
     GROUP BY day`,
    { zone: reportingZone, currency, since: Math.floor(first / 1000) },
  );
  const found = new Map(rows.map(({ day, received }) => [day, received]));
  return Array.from({ length: days }, (_, i) => {
    const at = new Date(first + i * dayMs + zoneAheadMs);
    const day = at.toISOString().slice(0, 10);
    return { day, received: padMoney(found.get(day) ?? "0", currency) };
  });
}

/** Opening instants of alerts since one, in order; muted ones do not count. */
export async function readOpenings(
  past: Past,
  sinceMs: number,
): Promise<{ readonly alertId: string; readonly at: number }[]> {
  const rows = await past.rows<{ alert_id: string; at: number }>(
    `SELECT DISTINCT alert_id, toUnixTimestamp64Milli(opened_at) AS at FROM alerts
     WHERE version = 1 AND NOT muted AND opened_at >= fromUnixTimestamp64Milli({since:Int64})
     ORDER BY at LIMIT {limit:UInt32}`,
    { since: sinceMs, limit: openingsMax },
  );
  return rows.map((row) => ({ alertId: row.alert_id, at: Number(row.at) }));
}

/** Snapshots of the totals in the day that ends at an instant, with the alerts of a day at each. */
export async function readSparks(
  past: Past,
  nowMs: number,
): Promise<SparkSample[]> {
  const [snapshots, openings] = await Promise.all([
    past.rows<{ at: number; totals: Readonly<Record<string, number>> }>(
      `SELECT toUnixTimestamp64Milli(occurred_at) AS at, totals FROM portfolio_snapshots
       WHERE occurred_at >= fromUnixTimestamp64Milli({since:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({until:Int64})
       ORDER BY at LIMIT 1 BY at`,
      { since: nowMs - dayMs, until: nowMs },
    ),
    readOpenings(past, nowMs - 2 * dayMs),
  ]);
  let first = 0;
  let last = 0;
  return snapshots.map(({ at: text, totals }) => {
    const at = Number(text);
    while ((openings[last]?.at ?? Infinity) <= at) last += 1;
    while ((openings[first]?.at ?? Infinity) <= at - dayMs) first += 1;
    return { at, sums: addSums([totals]), alerts24h: last - first };
  });
}

/** Ageing at the end of each of the last weeks, oldest first. */
export async function readAgeingWeeks(
  past: Past,
  currency: string,
  untilMs = endOfTime,
): Promise<(AgeingView & { readonly week: string })[]> {
  const rows = await past.rows<{
    week: string;
    totals: Readonly<Record<string, number>>;
  }>(
    `SELECT toString(toMonday(occurred_at, {zone:String})) AS week, argMax(totals, occurred_at) AS totals
     FROM portfolio_snapshots WHERE occurred_at <= fromUnixTimestamp64Milli({until:Int64}) GROUP BY week ORDER BY week DESC LIMIT {weeks:UInt32}`,
    { zone: reportingZone, weeks: weeksMax, until: untilMs },
  );
  return rows
    .map((row) => ({
      week: row.week,
      ...ageingView(addSums([row.totals]), currency),
    }))
    .reverse();
}

/** Dead letters of the last day. */
export async function countDeadLetters(past: Past): Promise<number> {
  const [row] = await past.rows<{ n: number }>(
    "SELECT count() AS n FROM dead_letters FINAL WHERE occurred_at > now() - INTERVAL 1 DAY",
  );
  return Number(row?.n ?? 0);
}

/** First offset of each partition of the log that history does not hold. */
export async function readStored(
  past: Past,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const rows = await past.rows<{ partition: number; to: number }>(
    "SELECT `partition`, `to` FROM history_plan FINAL WHERE topic = {topic:String} AND done",
    { topic },
  );
  return new Map(rows.map((row) => [row.partition, Number(row.to)]));
}
