/** What came in: by source, and the last of it one by one. */
import type { IncomingItem, SourceView } from "@riskwall/schemas";
import type { Past } from "./past.ts";

/** Sources listed at most. */
const sourcesMax = 500;
/** How far back the last items are looked for. */
const tailHours = 24;

/** What each source sent in the last day, the most recent first. */
export async function readSources(past: Past): Promise<SourceView[]> {
  const day = "now64(3) - INTERVAL 24 HOUR";
  const rows = await past.rows<{
    source: string;
    taken: number;
    minute: number;
    delay: number;
    rejected: number;
    late: number;
    last: number;
  }>(
    `SELECT source, sum(a) AS taken, sum(m) AS minute, max(d) AS delay, sum(r) AS rejected, sum(l) AS late,
       max(at) AS last FROM (
       SELECT source, count() AS a, countIf(appended_at >= now64(3) - INTERVAL 60 SECOND) AS m,
         toFloat64(quantile(0.95)(dateDiff('millisecond', occurred_at, appended_at))) AS d,
         toUInt64(0) AS r, toUInt64(0) AS l, max(toUnixTimestamp64Milli(appended_at)) AS at
         FROM events FINAL WHERE appended_at >= ${day} AND NOT historical GROUP BY source
       UNION ALL SELECT source, 0, 0, 0, count(), 0, max(toUnixTimestamp64Milli(occurred_at))
         FROM dead_letters FINAL WHERE occurred_at >= ${day} GROUP BY source
       UNION ALL SELECT source, 0, 0, 0, 0, count(), max(toUnixTimestamp64Milli(appended_at))
         FROM late FINAL WHERE appended_at >= ${day} GROUP BY source)
     GROUP BY source ORDER BY last DESC LIMIT {limit:UInt32}`,
    { limit: sourcesMax },
  );
  return rows.map((row) => ({
    source: row.source,
    taken24h: Number(row.taken),
    perSecond: Math.round((Number(row.minute) / 60) * 10) / 10,
    rejected24h: Number(row.rejected),
    late24h: Number(row.late),
    lastAt: new Date(Number(row.last)).toISOString(),
    delayP95Ms: Math.max(0, Math.round(Number(row.delay))),
  }));
}

export interface TailFilter {
  /** Empty = every source. */
  readonly source: string;
  /** Empty = whatever became of it. */
  readonly outcome: string;
  readonly limit: number;
}

/** The last items that came in, the newest first. */
export async function readTail(
  past: Past,
  { source, outcome, limit }: TailFilter,
): Promise<IncomingItem[]> {
  const since = "now64(3) - INTERVAL {hours:UInt16} HOUR";
  const from = source === "" ? "1" : "source = {source:String}";
  const newest = "ORDER BY at DESC LIMIT {limit:UInt16}";
  return past.rows<IncomingItem>(
    `SELECT at, outcome, source, type, id, customerId, code, message FROM (
       SELECT * FROM (SELECT appended_at AS at, 'taken' AS outcome, source, type, event_id AS id,
         customer_id AS customerId, '' AS code, '' AS message
         FROM events WHERE appended_at >= ${since} AND ${from} ${newest})
       UNION ALL SELECT * FROM (SELECT occurred_at AS at, 'rejected' AS outcome, source, type, event_id AS id,
         customer_id AS customerId, code, message
         FROM dead_letters FINAL WHERE occurred_at >= ${since} AND ${from} ${newest})
       UNION ALL SELECT * FROM (SELECT appended_at AS at, 'late' AS outcome, source, type, event_id AS id,
         customer_id AS customerId, reason AS code, '' AS message
         FROM late FINAL WHERE appended_at >= ${since} AND ${from} ${newest}))
     WHERE ${outcome === "" ? "1" : "outcome = {outcome:String}"} ORDER BY at DESC, id LIMIT {limit:UInt16}`,
    { source, outcome, limit, hours: tailHours },
  );
}
