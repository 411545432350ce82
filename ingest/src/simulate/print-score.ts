/** Scores of rules as a table for people. Pure. */
import { missedBars, type RuleScore } from "./score.ts";

const columns = [
  ["planted", 8],
  ["found", 6],
  ["raised", 7],
  ["right", 6],
  ["follow", 7],
  ["false", 6],
  ["told", 5],
  ["recall", 7],
  ["precision", 10],
  ["median-s", 9],
  ["slowest-s", 10],
] as const;

const two = (value: number | null): string =>
  value === null ? "–" : value.toFixed(2);

export function scoreTable(rows: readonly RuleScore[]): string {
  const head = columns.map(([name, width]) => name.padStart(width)).join("");
  const lines = rows.map((row) => {
    const cells = [
      ...[row.planted, row.found, row.raised, row.right].map(String),
      ...[row.following, row.false, row.falseTold].map(String),
      ...[two(row.recall), two(row.precision)],
      ...[two(row.medianSecondsToAlert), two(row.slowestSecondsToAlert)],
    ];
    const text = cells.map((cell, i) => cell.padStart(columns[i]?.[1] ?? 8));
    const missed = missedBars(row);
    const mark = missed.length === 0 ? "" : `  missed: ${missed.join(", ")}`;
    return `${row.rule.padEnd(8)}${text.join("")}${mark}\n`;
  });
  return `${"rule".padEnd(8)}${head}\n${lines.join("")}`;
}
