/** Where a figure of the wall comes from: its query in history, its last events. */
import type {
  BusinessType,
  FigureEvent,
  FigureOrigin,
} from "@riskwall/schemas";
import type { FigureName } from "@riskwall/schemas/names";
import type { Past } from "./past.ts";

/** Events shown of a figure. */
const eventsMax = 5;
/** They are looked for among the last events appended in so many hours. */
const eventHours = 24;

const lastSnapshot = (value: string): string =>
  `SELECT toString(${value}) AS value, occurred_at AS at FROM portfolio_history ORDER BY occurred_at DESC LIMIT 1`;
const lastTotals = (value: string): string =>
  `SELECT toString(${value}) AS value, occurred_at AS at FROM portfolio_snapshots FINAL ORDER BY occurred_at DESC LIMIT 1`;

const receivables: readonly BusinessType[] = [
  ...(["invoice.issued", "invoice.credited", "invoice.written-off"] as const),
  ...(["payment.received", "payment.returned", "payment.refunded"] as const),
];
const exposure: readonly BusinessType[] = [
  ...(["order.placed", "order.amended", "order.cancelled"] as const),
  ...(["order.returned", "delivery.completed", "cover.set"] as const),
  ...receivables,
];

interface Origin {
  /** Reads `value` and `at` of the figure as history has it last. */
  readonly query: string;
  /** Types of events that move it; null where any alert does. */
  readonly types: readonly BusinessType[] | null;
}

const figureOrigins: Readonly<Record<FigureName, Origin>> = {
  exposure: { query: lastSnapshot("exposure"), types: exposure },
  overdue: {
    query: lastSnapshot(
      "if(receivables > 0, round(toFloat64(overdue) / toFloat64(receivables), 4), 0)",
    ),
    types: receivables,
  },
  el: { query: lastSnapshot("expected_loss"), types: exposure },
  utilisation: {
    query: lastTotals(
      "if(totals['limit'] > 0, round(totals['limitedExposure'] / totals['limit'], 4), 0)",
    ),
    types: [...exposure, "customer.limit-set"],
  },
  highrisk: {
    query: lastTotals("totals['classD'] + totals['classE']"),
    types: [...exposure, "payment.promised", "complaint.opened"],
  },
  alerts: {
    query:
      "SELECT toString(uniqExact(alert_id)) AS value, now64(3) AS at FROM alerts WHERE version = 1 AND NOT muted AND opened_at >= now64(3) - INTERVAL 24 HOUR",
    types: null,
  },
};

async function lastEvents(
  past: Past,
  types: readonly string[] | null,
): Promise<FigureEvent[]> {
  const [table, id, type, time, only] =
    types === null
      ? [
          "alerts",
          "alert_id",
          "rule_id",
          "opened_at",
          "version = 1 AND NOT muted",
        ]
      : [
          ...["events", "event_id", "type", "occurred_at"],
          "has({types:Array(String)}, type)",
        ];
  return past.rows<FigureEvent>(
    `SELECT ${String(id)} AS id, ${String(type)} AS type, customer_id AS customerId, ${String(time)} AS at
     FROM ${String(table)} WHERE ${String(only)} AND appended_at >= now64(3) - INTERVAL {hours:UInt16} HOUR
     ORDER BY appended_at DESC LIMIT {limit:UInt8}`,
    { types: types ?? [], hours: eventHours, limit: eventsMax },
  );
}

/** Answers with what history has now; `history` is null before any snapshot. */
export async function readFigureOrigin(
  past: Past,
  name: FigureName,
): Promise<FigureOrigin> {
  const { query, types } = figureOrigins[name];
  const [rows, events] = await Promise.all([
    past.rows<{ value: string; at: string }>(query),
    lastEvents(past, types),
  ]);
  return { name, query, history: rows[0] ?? null, events };
}
