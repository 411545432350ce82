/** Metrics of `GET /api/trends`: how each can be broken down and drawn. */
export interface TrendMetric {
  readonly by: readonly string[];
  readonly kind: "sums" | "levels";
  readonly unit: "count" | "money" | "points" | "ratio";
}

const events = ["type", "source"] as const;
const amounts = ["currency", "source"] as const;
const scores = ["class", "segment"] as const;

const counted = (by: readonly string[]): TrendMetric => ({
  by,
  kind: "sums",
  unit: "count",
});
const summed: TrendMetric = { by: amounts, kind: "sums", unit: "money" };
const level = (unit: TrendMetric["unit"]): TrendMetric => ({
  by: [],
  kind: "levels",
  unit,
});

export const trendMetrics: Readonly<Record<string, TrendMetric>> = {
  events: counted(events),
  orders: counted(amounts),
  orders_amount: summed,
  invoices_amount: summed,
  payments_amount: summed,
  complaints: counted(events),
  alerts: counted(["severity", "rule"]),
  score_mean: { by: scores, kind: "levels", unit: "points" },
  score_changes: counted(scores),
  decisions: counted(["outcome", "class"]),
  decisions_held: counted(["class"]),
  dead_letters: counted(["source", "type", "code", "stage"]),
  customers: level("count"),
  exposure: level("money"),
  overdue: level("money"),
  expected_loss: level("money"),
  utilisation: level("ratio"),
};

export const trendSteps = ["hour", "day", "week", "month"] as const;

/** Ranges offered, in days. */
export const trendDays = [1, 7, 30, 90, 365, 1095] as const;

/** The finest step that keeps a range readable. */
export function stepFor(days: number): (typeof trendSteps)[number] {
  if (days <= 7) return "hour";
  if (days <= 90) return "day";
  return days <= 365 ? "week" : "month";
}
