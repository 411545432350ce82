/** Rows of a flush as the fewest inserts that are still exact. Pure. */
import type { Row, TableRow } from "./log-rows.ts";

/** Months that one insert may touch: each becomes a part of its own. */
export const insertMaxMonths = 50;

/** Rows grouped by table and span of months: one insert each. */
export type Inserts = Map<
  string,
  { readonly table: string; readonly rows: Row[] }
>;

/** Span of the row's month: an insert never touches more months than this. */
function spanOf(row: Row): number {
  const text = row["occurred_at"] ?? row["appended_at"];
  if (typeof text !== "string") return 0;
  const months = Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)) - 1;
  return Math.floor(months / insertMaxMonths);
}

/** Adds a row to the insert it belongs to. */
export function addRow(inserts: Inserts, { table, row }: TableRow): void {
  const key = `${table}-${String(spanOf(row))}`;
  const known = inserts.get(key);
  if (known) known.rows.push(row);
  else inserts.set(key, { table, rows: [row] });
}
