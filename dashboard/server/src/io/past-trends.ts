/** Time series from history, with the span they are compared with. */
import {
  breakdowns,
  comparedRange,
  drillSql,
  seriesMax,
  trendSql,
  unitOf,
  type TrendQuery,
} from "../core/trend-query.ts";
import { Problem } from "../problem.ts";
import type { Past } from "./past.ts";

/** Instant of the bucket's start (RFC 3339) and value as decimal text. */
export type TrendPoint = readonly [string, string | null];

export interface TrendSeries {
  readonly name: string;
  readonly points: readonly TrendPoint[];
  /** The same series of the compared span, at its own instants. */
  readonly compared?: readonly TrendPoint[];
}

export interface Trend {
  readonly metric: string;
  readonly by: string;
  readonly unit: string;
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly compare: string | null;
  readonly series: readonly TrendSeries[];
  /** True when smaller series were left out. */
  readonly truncated: boolean;
}

type Points = Map<string, TrendPoint[]>;

async function readPoints(past: Past, query: TrendQuery): Promise<Points> {
  const built = trendSql(query);
  if (built === null) {
    const known = ["none", ...breakdowns(query.metric)].join(", ");
    throw new Problem(422, "bad_breakdown", `by is one of ${known}`, {
      path: "by",
    });
  }
  const rows = await past.rows<{ at: number; name: string; value: string }>(
    built.sql,
    built.params,
  );
  const series: Points = new Map();
  for (const row of rows) {
    const points = series.get(row.name) ?? [];
    points.push([new Date(Number(row.at) * 1000).toISOString(), row.value]);
    series.set(row.name, points);
  }
  return series;
}

export interface DrillRow {
  readonly customerId: string;
  /** Decimal text. */
  readonly value: string;
  /** Records behind the value. */
  readonly records: number;
}

/** Customers behind a span of a metric; a 422 problem where there are none. */
export async function readDrill(
  past: Past,
  query: TrendQuery,
): Promise<DrillRow[]> {
  const built = drillSql(query);
  if (built === null) {
    const title =
      "This metric has no customers behind it, or no such break-down";
    throw new Problem(422, "no_drill", title, { path: "metric" });
  }
  const rows = await past.rows<{
    customer_id: string;
    value: string;
    n: number;
  }>(built.sql, built.params);
  return rows.map((row) => ({
    customerId: row.customer_id,
    value: row.value,
    records: Number(row.n),
  }));
}

export interface Annotation {
  readonly at: string;
  readonly kind: "rules" | "limit";
  /** Amount and currency of a limit; empty for rules. */
  readonly text: string;
}

/** Annotations of one answer at most. */
const annotationsMax = 100;

/** New rule sets, and limits of the customer asked for, oldest first. */
export async function readAnnotations(
  past: Past,
  query: {
    readonly from: number;
    readonly to: number;
    /** Empty: limits are too many to mark. */
    readonly customer: string;
  },
): Promise<Annotation[]> {
  const inside = (time: string): string =>
    `${time} >= fromUnixTimestamp64Milli({from:Int64}) AND ${time} < fromUnixTimestamp64Milli({to:Int64})`;
  const rows = await past.rows<{
    at: number;
    kind: Annotation["kind"];
    text: string;
  }>(
    `SELECT at, kind, text FROM (
     SELECT toUnixTimestamp64Milli(min(appended_at)) AS at, 'rules' AS kind, '' AS text
       FROM log FINAL WHERE name = 'RuleSet' AND ${inside("appended_at")} GROUP BY value
     UNION ALL
     SELECT toUnixTimestamp64Milli(occurred_at) AS at, 'limit' AS kind,
       concat(toString(assumeNotNull(amount)), ' ', currency) AS text
       FROM events FINAL WHERE type = 'customer.limit-set' AND customer_id = {customer:String}
       AND ${inside("occurred_at")})
     ORDER BY at LIMIT {limit:UInt32}`,
    { ...query, limit: annotationsMax },
  );
  return rows.map(({ at, kind, text }) => ({
    ...{ kind, text },
    at: new Date(Number(at)).toISOString(),
  }));
}

export async function readTrend(
  past: Past,
  query: TrendQuery,
  compare: "previous" | "year" | null,
): Promise<Trend> {
  const [points, before] = await Promise.all([
    readPoints(past, query),
    compare === null
      ? null
      : readPoints(past, { ...query, ...comparedRange(query, compare) }),
  ]);
  const names = [...new Set([...points.keys(), ...(before?.keys() ?? [])])];
  const size = (name: string): number =>
    (points.get(name) ?? []).reduce((sum, [, v]) => sum + Number(v ?? 0), 0);
  names.sort((a, b) => size(b) - size(a) || (a < b ? -1 : 1));
  const series = names.slice(0, seriesMax).map((name): TrendSeries => ({
    name: name === "" ? query.metric : name,
    points: points.get(name) ?? [],
    ...(before === null ? {} : { compared: before.get(name) ?? [] }),
  }));
  return {
    metric: query.metric,
    by: query.by,
    unit: unitOf(query.metric),
    step: query.step,
    from: new Date(query.from).toISOString(),
    to: new Date(query.to).toISOString(),
    compare,
    series,
    truncated: names.length > seriesMax,
  };
}
