/** Rows of the topic `portfolio`, told apart by their key. */
import type { PortfolioRows } from "@riskwall/schemas";

type RowKey = keyof PortfolioRows;

const lists: ReadonlySet<RowKey> = new Set<RowKey>([
  "riskiest",
  "utilisation",
  "overdue",
  "map",
  "pulse",
  "ageingByWeek",
]);

function isRowOf<Key extends RowKey>(
  key: Key,
  row: unknown,
): row is PortfolioRows[Key] {
  return lists.has(key)
    ? Array.isArray(row)
    : typeof row === "object" && row !== null;
}

/** The row under a key; null when it has not come, or is none of that kind. */
export function portfolioRow<Key extends RowKey>(
  rows: ReadonlyMap<string, unknown>,
  key: Key,
): PortfolioRows[Key] | null {
  const row = rows.get(key);
  return isRowOf(key, row) ? row : null;
}
