/** Rows on stdout as a table, as JSON or one JSON per line. */
import Table from "cli-table3";
import { Option } from "commander";

const formats = ["table", "json", "ndjson"] as const;
export type Format = (typeof formats)[number];

/** `-o table|json|ndjson` of every verb that prints rows. */
export function outputOption(): Option {
  return new Option("-o, --output <format>").choices(formats).default("table");
}

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
}

/** Text of rows in a format; a table without borders that copies well. */
export function printRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  format: Format,
): string {
  if (format === "json") return `${JSON.stringify(rows, null, 2)}\n`;
  if (format === "ndjson") {
    return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  }
  const table = new Table({
    head: columns.map((column) => column.head),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row)));
  return `${table.toString()}\n`;
}
