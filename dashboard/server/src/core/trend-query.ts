/** Trends: which metrics there are, and the one query each becomes. Pure. */
import { reportingZone } from "./zone.ts";

export const trendSteps = ["hour", "day", "week", "month"] as const;
export type TrendStep = (typeof trendSteps)[number];

/** Shortest length of a step, ms: bounds the number of points. */
export const stepMs: Readonly<Record<TrendStep, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 28 * 86_400_000,
};

/** Points of one series at most. */
export const pointsMax = 5000;
/** Series of one answer at most; the largest are kept. */
export const seriesMax = 50;

interface Metric {
  readonly table: string;
  readonly time: string;
  readonly value: string;
  readonly where: string;
  readonly by: Readonly<Record<string, string>>;
  readonly unit: "count" | "money" | "points" | "ratio";
  /** True when rows belong to a customer. */
  readonly customer: boolean;
}

const eventsBy = { type: "type", source: "source" };
const amountsBy = { ...eventsBy, currency: "currency" };
const scoresBy = { class: "class", segment: "segment" };

const counted = (
  table: string,
  where: string,
  by: Metric["by"],
  time = "occurred_at",
): Metric => ({
  table: `${table} FINAL`,
  time,
  value: "count()",
  where,
  by,
  unit: "count",
  customer: true,
});

const summed = (type: string): Metric => ({
  table: "events FINAL",
  time: "occurred_at",
  value: "sum(amount)",
  where: `type = '${type}'`,
  by: amountsBy,
  unit: "money",
  customer: true,
});

const ofPortfolio = (value: string, unit: Metric["unit"]): Metric => ({
  table: "portfolio_snapshots FINAL",
  time: "occurred_at",
  value: `argMax(${value}, occurred_at)`,
  where: "1",
  by: {},
  unit,
  customer: false,
});

/** A total in units of the reporting currency (two decimals). */
const total = (name: string): string =>
  `toDecimal128(totals['${name}'], 2) / 100`;

const metrics = {
  events: counted("events", "1", eventsBy),
  orders: counted("events", "type = 'order.placed'", amountsBy),
  orders_amount: summed("order.placed"),
  invoices_amount: summed("invoice.issued"),
  payments_amount: summed("payment.received"),
  complaints: counted("events", "type = 'complaint.opened'", eventsBy),
  alerts: counted(
    "alerts",
    "version = 1",
    { severity: "severity", rule: "rule_id" },
    "opened_at",
  ),
  score_mean: {
    ...counted("score_changes", "1", scoresBy),
    value: "round(avg(score), 1)",
    unit: "points",
  },
  score_changes: counted("score_changes", "1", scoresBy),
  score_falls: counted("score_changes", "score < score_from", scoresBy),
  decisions: counted("decisions", "`trigger` = 'order'", {
    outcome: "outcome",
    class: "class",
  }),
  decisions_held: counted(
    "decisions",
    "outcome = 'hold' AND `trigger` = 'order'",
    {
      class: "class",
    },
  ),
  dead_letters: counted("dead_letters", "1", {
    source: "source",
    type: "type",
    code: "code",
    stage: "stage",
  }),
  customers: ofPortfolio("totals['customers']", "count"),
  exposure: ofPortfolio(total("exposure"), "money"),
  overdue: ofPortfolio(total("overdue"), "money"),
  expected_loss: ofPortfolio(total("expectedLoss"), "money"),
  utilisation: ofPortfolio(
    "if(totals['limit'] > 0, round(totals['limitedExposure'] / totals['limit'], 4), 0)",
    "ratio",
  ),
} as const satisfies Readonly<Record<string, Metric>>;

export type TrendMetric = keyof typeof metrics;

/** Names that `metric` may take. */
export const trendMetrics: readonly string[] = Object.keys(metrics);

export function isTrendMetric(name: string): name is TrendMetric {
  return Object.hasOwn(metrics, name);
}

/** Break-downs that a metric knows. */
export function breakdowns(metric: TrendMetric): readonly string[] {
  return Object.keys(metrics[metric].by);
}

export function unitOf(metric: TrendMetric): Metric["unit"] {
  return metrics[metric].unit;
}

export interface TrendRange {
  /** ms, inclusive */
  readonly from: number;
  /** ms, exclusive */
  readonly to: number;
}

export interface TrendQuery extends TrendRange {
  readonly metric: TrendMetric;
  /** "none" or a break-down. */
  readonly by: string;
  readonly step: TrendStep;
  /** Empty = all. */
  readonly customer: string;
  /** Names of series; empty = all. */
  readonly only: readonly string[];
}

export interface TrendSql {
  readonly sql: string;
  readonly params: Readonly<
    Record<string, string | number | readonly string[]>
  >;
}

/** Customers behind a point listed at most. */
export const drillMax = 50;

interface Parts {
  readonly metric: Metric;
  /** Expression of the name of a row's series. */
  readonly name: string;
  readonly where: string;
  readonly params: TrendSql["params"];
}

/** What trend and drill have in common; null for an unknown break-down. */
function partsOf(query: TrendQuery): Parts | null {
  const metric: Metric = metrics[query.metric];
  const byCurrency = metric.unit === "money" && "currency" in metric.by;
  const asked = query.by === "none" ? null : metric.by[query.by];
  if (asked === undefined) return null;
  // Amounts of two currencies are never added: each is its own series.
  const columns = [
    ...(asked === null ? [] : [asked]),
    ...(byCurrency && query.by !== "currency" ? ["currency"] : []),
  ];
  const name =
    columns.length === 0
      ? "''"
      : columns.map((column) => `toString(${column})`).join(" || ' ' || ");
  const forCustomer = query.customer !== "" && metric.customer;
  const conditions = [
    `${metric.time} >= fromUnixTimestamp64Milli({from:Int64})`,
    `${metric.time} < fromUnixTimestamp64Milli({to:Int64})`,
    metric.where,
    ...(forCustomer ? ["customer_id = {customer:String}"] : []),
    ...(query.only.length > 0 && columns.length > 0
      ? [`has({only:Array(String)}, ${name})`]
      : []),
  ];
  const { from, to, customer, only } = query;
  return {
    metric,
    name,
    where: conditions.join(" AND "),
    params: { from, to, customer, only },
  };
}

/** The query of a trend, or null for a break-down the metric lacks. */
export function trendSql(query: TrendQuery): TrendSql | null {
  const parts = partsOf(query);
  if (parts === null) return null;
  const { metric, name, where, params } = parts;
  return {
    sql: `SELECT toUnixTimestamp(toDateTime(${bucketOf(query.step, metric.time)}, '${reportingZone}')) AS at,
       ${name} AS name, toString(${metric.value}) AS value
     FROM ${metric.table} WHERE ${where}
     GROUP BY at, name ORDER BY at, name LIMIT ${String(pointsMax * seriesMax)}`,
    params,
  };
}

/** The customers behind a point, the largest first; null where there are none. */
export function drillSql(query: TrendQuery): TrendSql | null {
  const parts = partsOf(query);
  if (parts === null || !parts.metric.customer) return null;
  const { metric, where, params } = parts;
  return {
    sql: `SELECT customer_id, toString(${metric.value}) AS value, count() AS n
     FROM ${metric.table} WHERE ${where} AND customer_id != ''
     GROUP BY customer_id ORDER BY ${metric.value} DESC, customer_id LIMIT ${String(drillMax)}`,
    params,
  };
}

const bucketFunctions: Readonly<Record<TrendStep, string>> = {
  hour: "toStartOfHour",
  day: "toStartOfDay",
  week: "toMonday",
  month: "toStartOfMonth",
};

function bucketOf(step: TrendStep, time: string): string {
  return `${bucketFunctions[step]}(${time}, '${reportingZone}')`;
}

/** The span of equal length before, or the same span a year earlier. */
export function comparedRange(
  range: TrendRange,
  compare: "previous" | "year",
): TrendRange {
  const shift =
    compare === "previous" ? range.to - range.from : 365 * stepMs.day;
  return { from: range.from - shift, to: range.to - shift };
}
