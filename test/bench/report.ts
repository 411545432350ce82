/** The results of a run as a table and as JSON. Pure. */
import Table from "cli-table3";
import { ratioOf, verdictOf, type Figure, type Target } from "./figure.ts";

export interface BenchResult {
  readonly benchmark: string;
  readonly seconds: number;
  readonly figures: readonly Figure[];
  /** Why nothing, or not all, was measured. */
  readonly failure: string | null;
  /** CPU seconds per second of all other processes of the machine. */
  readonly othersCpu: number;
}

const plain = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "" },
  ...{ right: "", "right-mid": "", middle: "  " },
};

/** Three significant digits below 100, none behind the point above. */
export function numberText(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function targetText(target: Target | undefined): string {
  if (target === undefined) return "";
  return "atLeast" in target
    ? `≥ ${numberText(target.atLeast)}`
    : `≤ ${numberText(target.atMost)}`;
}

function valueText(figure: Figure): string {
  const { value, unit, range } = figure;
  const spread = range
    ? ` (${numberText(range[0])}–${numberText(range[1])})`
    : "";
  return `${numberText(value)} ${unit}`.trimEnd() + spread;
}

function row(figure: Figure): string[] {
  const ratio = ratioOf(figure);
  const { limit } = figure;
  return [
    figure.name,
    valueText(figure),
    targetText(figure.target),
    verdictOf(figure) ?? "",
    limit ? `${numberText(limit.value)} ${limit.what}` : "",
    ratio === null ? "" : `${numberText(ratio)} ×`,
  ];
}

/** The results as text: a table, then the conditions of each figure. */
export function resultsText(results: readonly BenchResult[]): string {
  const parts: string[] = [];
  for (const result of results) {
    const others = numberText(result.othersCpu);
    parts.push(
      `\n${result.benchmark} (${numberText(result.seconds)} s; other processes of the machine used ${others} of its CPUs)`,
    );
    if (result.figures.length > 0) {
      const table = new Table({
        head: [
          "figure",
          "value",
          "target",
          "verdict",
          "limit of this run",
          "ratio",
        ],
        chars: plain,
        style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
      });
      table.push(...result.figures.map(row));
      parts.push(table.toString());
    }
    for (const { name, note } of result.figures) {
      if (note !== undefined) parts.push(`  ${name}: ${note}`);
    }
    if (result.failure !== null) parts.push(`  FAILED: ${result.failure}`);
  }
  return `${parts.join("\n")}\n`;
}

/** The same for a program, with verdict and ratio beside each figure. */
export function resultsJson(
  about: object,
  results: readonly BenchResult[],
): string {
  const rows = results.map(({ figures, ...result }) => ({
    ...result,
    figures: figures.map((figure) => ({
      ...figure,
      verdict: verdictOf(figure),
      ratio: ratioOf(figure),
    })),
  }));
  return `${JSON.stringify({ ...about, results: rows }, null, 2)}\n`;
}
