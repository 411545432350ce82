/** Rows as a table, and the file that adds up over runs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Table from "cli-table3";
import type { FaultRow } from "./run-fault.ts";

function quantile(values: readonly number[], q: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(q * sorted.length));
  const value = sorted[at];
  return value === undefined ? "–" : (value / 1000).toFixed(1);
}

export function faultTable(rows: readonly FaultRow[]): string {
  const table = new Table({
    head: [
      ...["No.", "What", "Seed", "Times", "Acknowledged", "Lost", "Doubled"],
      ...["Differing", "Repeats", "Recovery p50 s", "max s", "Verdict"],
    ],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const { findings } = row;
    const number = (value: number | undefined): string =>
      value === undefined ? "–" : String(value);
    table.push([
      ...[String(row.number), row.what, String(row.seed), String(row.times)],
      ...[String(row.acknowledged), number(findings?.lost)],
      ...[number(findings?.doubled), number(findings?.differing)],
      number(findings?.repeats),
      ...[quantile(row.recoveries, 0.5), quantile(row.recoveries, 1)],
      row.problems.length === 0 ? "survived" : row.problems.join("; "),
    ]);
  }
  return table.toString();
}

/** Adds rows to a file; a row of the same fault and seed is replaced. */
export function addToFile(file: string, rows: readonly FaultRow[]): void {
  const key = (row: FaultRow): string =>
    `${String(row.number)}/${String(row.seed)}`;
  // Written by this function alone.
  const before = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as FaultRow[])
    : [];
  const all = new Map([...before, ...rows].map((row) => [key(row), row]));
  const sorted = [...all.values()].sort(
    (a, b) => a.number - b.number || a.seed - b.seed,
  );
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
}
