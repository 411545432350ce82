/** The `max` rows of latest instant, newest first; equal ones by id. */
export function newestFirst<Row>(
  rows: Iterable<Row>,
  at: (row: Row) => string,
  max: number,
): Row[] {
  return [...rows]
    .map((row) => ({ row, ms: Date.parse(at(row)) }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, max)
    .map((item) => item.row);
}
