/** Time series from history: which metrics there are and how each is asked. */
import type { Past } from "./io/clickhouse.ts";
import { Problem } from "./problem.ts";

export const trendMetrics = [
  "events",
  "orders_amount",
  "payments_amount",
  "complaints",
  "alerts",
  "score_mean",
  "score_changes",
  "decisions_held",
  "dead_letters",
] as const;
export type TrendMetric = (typeof trendMetrics)[number];
export const trendSteps = { hour: 3600, day: 86_400 } as const;
/** Points of one series at most. */
const pointsMax = 5000;

interface Source {
  readonly table: string;
  readonly value: string;
  readonly where: string;
  readonly by: Readonly<Record<string, string>>;
  readonly unit: string;
}

const eventsBy = { type: "type", source: "source" };
const sources: Readonly<Record<TrendMetric, Source>> = {
  events: {
    table: "events",
    value: "count()",
    where: "1",
    by: eventsBy,
    unit: "count",
  },
  orders_amount: {
    table: "events",
    value: "sum(amount)",
    where: "type = 'order.placed'",
    by: { ...eventsBy, currency: "currency" },
    unit: "money",
  },
  payments_amount: {
    table: "events",
    value: "sum(amount)",
    where: "type = 'payment.received'",
    by: { ...eventsBy, currency: "currency" },
    unit: "money",
  },
  complaints: {
    table: "events",
    value: "count()",
    where: "type = 'complaint.opened'",
    by: eventsBy,
    unit: "count",
  },
  alerts: {
    table: "alerts",
    value: "count()",
    where: "version = 1",
    by: { severity: "severity", rule: "rule_id" },
    unit: "count",
  },
  score_mean: {
    table: "score_changes",
    value: "avg(score)",
    where: "1",
    by: { class: "class", segment: "segment" },
    unit: "points",
  },
  score_changes: {
    table: "score_changes",
    value: "count()",
    where: "1",
    by: { class: "class", segment: "segment" },
    unit: "count",
  },
  decisions_held: {
    table: "decisions",
    value: "count()",
    where: "outcome = 'hold'",
    by: { class: "class" },
    unit: "count",
  },
  dead_letters: {
    table: "dead_letters",
    value: "count()",
    where: "1",
    by: { source: "source", type: "code" },
    unit: "count",
  },
};

export interface TrendQuery {
  readonly metric: TrendMetric;
  readonly by: string;
  readonly from: number;
  readonly to: number;
  readonly step: keyof typeof trendSteps;
  readonly customer: string;
}

export interface Trend {
  readonly metric: string;
  readonly unit: string;
  readonly step: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [string, string | null])[];
  }[];
}

/** Runs a trend query; 422 on a break-down the metric does not have. */
export async function queryTrend(
  past: Past,
  query: TrendQuery,
): Promise<Trend> {
  const source = sources[query.metric];
  const seconds = trendSteps[query.step];
  if ((query.to - query.from) / 1000 / seconds > pointsMax) {
    throw new Problem(
      422,
      "range_too_long",
      `At most ${String(pointsMax)} steps`,
    );
  }
  const column = query.by === "none" ? "''" : source.by[query.by];
  if (column === undefined) {
    throw new Problem(
      422,
      "bad_breakdown",
      `by must be none or one of ${Object.keys(source.by).join(", ")}`,
    );
  }
  const rows = await past.rows<{
    at: number;
    name: string;
    value: string | number | null;
  }>(
    `SELECT toUnixTimestamp(${query.step === "day" ? "toStartOfDay" : "toStartOfHour"}(occurred_at, 'Asia/Shanghai')) AS at,
       toString(${column}) AS name, toString(${source.value}) AS value
     FROM ${source.table} FINAL
     WHERE occurred_at >= fromUnixTimestamp64Milli({from:Int64}) AND occurred_at < fromUnixTimestamp64Milli({to:Int64})
       AND ${source.where} AND ({customer:String} = '' OR customer_id = {customer:String})
     GROUP BY at, name ORDER BY name, at`,
    { step: seconds, from: query.from, to: query.to, customer: query.customer },
  );
  const series = new Map<string, (readonly [string, string | null])[]>();
  for (const row of rows) {
    const points = series.get(row.name) ?? [];
    const at = new Date(Number(row.at) * 1000).toISOString();
    points.push([at, row.value === null ? null : String(row.value)]);
    series.set(row.name, points);
  }
  return {
    metric: query.metric,
    unit: source.unit,
    step: query.step,
    series: [...series].map(([name, points]) => ({
      name: name === "" ? query.metric : name,
      points,
    })),
  };
}
