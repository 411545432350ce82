/** Where a figure of the wall comes from: its query in history, its last events. */
import type { FigureEvent, FigureOrigin } from "@riskwall/schemas";
import type { FigureName } from "@riskwall/schemas/names";
import { origins, type Origin } from "./origins.ts";
import type { Past } from "./past.ts";

/** Events shown of a figure. */
const eventsMax = 5;
/** They are looked for among the last events appended in so many hours. */
const eventHours = 24;

async function lastEvents(
  past: Past,
  types: Origin["types"],
): Promise<FigureEvent[]> {
  if (types === "none") return [];
  const [table, id, type, time, only] =
    types === "alerts"
      ? [
          "alerts",
          "alert_id",
          "rule_id",
          "opened_at",
          "version = 1 AND NOT muted",
        ]
      : [
          ...["events", "event_id", "type", "occurred_at"],
          types === "any" ? "1" : "has({types:Array(String)}, type)",
        ];
  return past.rows<FigureEvent>(
    `SELECT ${String(id)} AS id, ${String(type)} AS type, customer_id AS customerId, ${String(time)} AS at
     FROM ${String(table)} WHERE ${String(only)} AND appended_at >= now64(3) - INTERVAL {hours:UInt16} HOUR
     ORDER BY appended_at DESC LIMIT {limit:UInt8}`,
    {
      types: typeof types === "string" ? [] : types,
      ...{ hours: eventHours, limit: eventsMax },
    },
  );
}

/** Answers with what history has now; `history` is null before anything is stored. */
export async function readFigureOrigin(
  past: Past,
  name: FigureName,
): Promise<FigureOrigin> {
  const { query, types } = origins[name];
  const [rows, events] = await Promise.all([
    query === null ? [] : past.rows<{ value: string; at: string }>(query),
    lastEvents(past, types),
  ]);
  return { name, query, history: rows[0] ?? null, events };
}
