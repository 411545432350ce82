/**
 * The wall as it stood at an instant. Only what history keeps exactly: alerts,
 * decisions and score changes by the append time of the record that caused
 * them, sums by the last snapshot. What no table holds is not answered.
 */
import type {
  AlertView,
  DecisionView,
  PortfolioRows,
  ScoreChangeView,
  WallMoment,
} from "@riskwall/schemas";
import { closedMax, closedWindowMs } from "../core/alert-book.ts";
import { totalsView } from "../core/portfolio-view.ts";
import { bucketMs, bucketsMax, createPulse } from "../core/pulse.ts";
import { sparkView } from "../core/sparks.ts";
import { scoreItem, type ScoreRow } from "./past-customer.ts";
import {
  countOpenings,
  readAgeingWeeks,
  readPulse,
  readSparks,
} from "./past-wall.ts";
import type { Past } from "./past.ts";

/** Rows of decisions and score changes, as the live topics hold. */
const listMax = 100;
/** Open alerts answered at most. */
const openMax = 5000;
const until = "appended_at <= fromUnixTimestamp64Milli({at:Int64})";

async function readAlertsAt(past: Past, at: number): Promise<AlertView[]> {
  const rows = await past.rows<{ view: string }>(
    `WITH newest AS (
       SELECT alert_id, version, state, updated_at FROM alerts FINAL WHERE ${until}
       ORDER BY version DESC LIMIT 1 BY alert_id),
     listed AS (
       SELECT alert_id, version FROM newest WHERE state IN ('open', 'acknowledged', 'snoozed')
       ORDER BY updated_at DESC LIMIT {openMax:UInt32}
       UNION ALL
       SELECT alert_id, version FROM newest WHERE state NOT IN ('open', 'acknowledged', 'snoozed')
         AND updated_at >= fromUnixTimestamp64Milli({closedSince:Int64})
       ORDER BY updated_at DESC LIMIT {closedMax:UInt32})
     SELECT view FROM alerts FINAL WHERE (alert_id, version) IN (SELECT alert_id, version FROM listed)
     ORDER BY opened_at DESC, alert_id DESC LIMIT 1 BY alert_id`,
    { at, openMax, closedMax, closedSince: at - closedWindowMs },
  );
  // Written by the historian from the view itself.
  return rows.map((row) => JSON.parse(row.view) as AlertView);
}

async function readDecisionsAt(
  past: Past,
  at: number,
): Promise<DecisionView[]> {
  const rows = await past.rows<{ view: string }>(
    `SELECT view FROM decisions FINAL WHERE ${until}
     ORDER BY decided_at DESC, \`offset\` DESC, n DESC LIMIT {limit:UInt32}`,
    { at, limit: listMax },
  );
  // Written by the historian from the view itself.
  return rows.map((row) => JSON.parse(row.view) as DecisionView);
}

async function readScoresAt(
  past: Past,
  at: number,
): Promise<ScoreChangeView[]> {
  const rows = await past.rows<ScoreRow>(
    `SELECT * FROM score_changes FINAL WHERE ${until}
     ORDER BY occurred_at DESC, \`offset\` DESC, n DESC LIMIT {limit:UInt32}`,
    { at, limit: listMax },
  );
  return rows.map(scoreItem);
}

/** Totals, sparklines and weeks from the last snapshot before an instant. */
async function readTotalsAt(
  past: Past,
  at: number,
  currency: string,
): Promise<{
  readonly totalsAt: number | null;
  readonly rows: Partial<PortfolioRows>;
}> {
  const samples = await readSparks(past, at);
  const last = samples.at(-1);
  if (last === undefined) return { totalsAt: null, rows: {} };
  const alerts24h = await countOpenings(past, at);
  const context = { currency, alerts24h, watermark: last.at };
  return {
    totalsAt: last.at,
    rows: {
      totals: totalsView(last.sums, context),
      sparks: sparkView(samples, at, currency),
      ageingByWeek: await readAgeingWeeks(past, currency, at),
    },
  };
}

async function readPulseAt(
  past: Past,
  at: number,
  currency: string,
): Promise<PortfolioRows["pulse"]> {
  const pulse = createPulse();
  const since = at - bucketMs * bucketsMax;
  for (const row of await readPulse(past, since, currency, at)) {
    const { at: bucket, ...amounts } = row;
    pulse.add(bucket, amounts);
  }
  return pulse.points(at, currency);
}

export async function readMoment(
  past: Past,
  at: number,
  currency: string,
): Promise<WallMoment> {
  const [alerts, orders, scores, totals, pulse] = await Promise.all([
    readAlertsAt(past, at),
    readDecisionsAt(past, at),
    readScoresAt(past, at),
    readTotalsAt(past, at, currency),
    readPulseAt(past, at, currency),
  ]);
  const { totalsAt, rows } = totals;
  return {
    at: new Date(at).toISOString(),
    totalsAt: totalsAt === null ? null : new Date(totalsAt).toISOString(),
    portfolio: { ...rows, pulse },
    ...{ alerts, orders, scores },
  };
}
