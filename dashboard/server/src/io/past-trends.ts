/** Time series from history, with the span they are compared with. */
import {
  breakdowns,
  comparedRange,
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
