/**
 * Weight of evidence and logistic regression as in domain C3: quantile bins
 * merged until they are large and distinct, one column per input, Newton steps
 * with a ridge.
 */
import type { LateInput } from "../../../processor/src/core/forecast/late-inputs.ts";
import { lateInputs } from "../../../processor/src/core/forecast/late-inputs.ts";
import {
  binOf,
  type LateLogit,
} from "../../../processor/src/core/forecast/late-model.ts";

const binsMax = 20;
/** Share of the rows, and rows of either outcome, that a bin needs. */
const binMinShare = 0.02;
const binMinRows = 15;
/** Neighbours whose rates differ by less are one bin, standard errors. */
const distinctErrors = 2;
const ridge = 1;
const roundsMax = 50;
const converged = 1e-8;

export interface Example {
  readonly values: Readonly<Record<LateInput, number | null>>;
  readonly late: boolean;
}

interface Counts {
  readonly good: number[];
  readonly bad: number[];
}

function countBins(
  examples: readonly Example[],
  input: LateInput,
  edges: readonly number[],
): Counts {
  const good = new Array<number>(edges.length + 2).fill(0);
  const bad = [...good];
  for (const { values, late } of examples) {
    const at = binOf(values[input], edges);
    const side = late ? bad : good;
    side[at] = (side[at] ?? 0) + 1;
  }
  return { good, bad };
}

/** Index of the edge to take out next; -1 = all bins are good. */
function edgeToDrop(edges: readonly number[], counts: Counts): number {
  const good = (k: number): number => counts.good[k] ?? 0;
  const bad = (k: number): number => counts.bad[k] ?? 0;
  const size = (k: number): number => good(k) + bad(k);
  const rows = counts.good.reduce((sum, _, k) => sum + size(k), 0);
  for (let k = 0; k <= edges.length; k += 1) {
    const small =
      size(k) < binMinShare * rows ||
      good(k) < binMinRows ||
      bad(k) < binMinRows;
    if (small) return edges.length === 0 ? -1 : Math.min(k, edges.length - 1);
  }
  let closest = -1;
  let least = distinctErrors;
  for (let k = 0; k < edges.length; k += 1) {
    const both = (bad(k) + bad(k + 1)) / (size(k) + size(k + 1));
    const error = Math.sqrt(
      both * (1 - both) * (1 / size(k) + 1 / size(k + 1)),
    );
    const gap = Math.abs(bad(k) / size(k) - bad(k + 1) / size(k + 1)) / error;
    if (gap < least) [least, closest] = [gap, k];
  }
  return closest;
}

/** Three significant digits: edges are read by people. */
const short = (value: number): number => Number(value.toPrecision(3));

function edgesOf(examples: readonly Example[], input: LateInput): number[] {
  const known = examples.flatMap(({ values }) => values[input] ?? []);
  known.sort((a, b) => a - b);
  const quantiles = Array.from({ length: binsMax - 1 }, (_, i) =>
    short(known[Math.floor(((i + 1) * known.length) / binsMax)] ?? 0),
  );
  let edges = [...new Set(quantiles)].sort((a, b) => a - b);
  for (;;) {
    const drop = edgeToDrop(edges, countBins(examples, input, edges));
    if (drop < 0) return edges;
    edges = edges.toSpliced(drop, 1);
  }
}

interface Column {
  readonly input: LateInput;
  readonly edges: readonly number[];
  /** ln of the odds of "late" against all, per bin; the last is "unknown". */
  readonly evidence: readonly number[];
  /** Information value. */
  readonly information: number;
}

function columnOf(examples: readonly Example[], input: LateInput): Column {
  const edges = edgesOf(examples, input);
  const { good, bad } = countBins(examples, input, edges);
  const goods = examples.filter((row) => !row.late).length;
  const bads = examples.length - goods;
  const evidence = good.map((g, k) => {
    const b = bad[k] ?? 0;
    return g + b === 0 ? 0 : Math.log((b + 0.5) / bads / ((g + 0.5) / goods));
  });
  const information = evidence.reduce(
    (sum, weight, k) =>
      sum + ((bad[k] ?? 0) / bads - (good[k] ?? 0) / goods) * weight,
    0,
  );
  return { input, edges, evidence, information };
}

/** Solves a symmetric positive definite system by elimination. */
function solve(matrix: number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const n = rows.length;
  rows.forEach((pivot, c) => {
    for (const row of rows.slice(c + 1)) {
      const factor = (row[c] ?? 0) / (pivot[c] ?? 1);
      for (let k = c; k <= n; k += 1) {
        row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0);
      }
    }
  });
  const out = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r -= 1) {
    const row = rows[r] ?? [];
    let sum = row[n] ?? 0;
    for (let k = r + 1; k < n; k += 1) sum -= (row[k] ?? 0) * (out[k] ?? 0);
    out[r] = sum / (row[r] ?? 1);
  }
  return out;
}

/** Coefficients by Newton steps; the first is the intercept. */
function newton(
  rows: readonly (readonly number[])[],
  late: readonly boolean[],
): number[] {
  const width = (rows[0]?.length ?? 0) + 1;
  let beta = new Array<number>(width).fill(0);
  for (let round = 0; round < roundsMax; round += 1) {
    const slope = beta.map((b, j) => (j === 0 ? 0 : -ridge * b));
    const curve = beta.map((_, j) =>
      beta.map((__, k): number => (j === k && j > 0 ? ridge : 0)),
    );
    rows.forEach((row, i) => {
      const x = [1, ...row];
      const logit = x.reduce((sum, v, j) => sum + v * (beta[j] ?? 0), 0);
      const p = 1 / (1 + Math.exp(-logit));
      const miss = (late[i] ? 1 : 0) - p;
      const weight = p * (1 - p);
      for (let j = 0; j < width; j += 1) {
        const xj = x[j] ?? 0;
        slope[j] = (slope[j] ?? 0) + miss * xj;
        const line = curve[j] ?? [];
        for (let k = 0; k < width; k += 1) {
          line[k] = (line[k] ?? 0) + weight * xj * (x[k] ?? 0);
        }
      }
    });
    const step = solve(curve, slope);
    beta = beta.map((b, j) => b + (step[j] ?? 0));
    if (step.every((d) => Math.abs(d) < converged)) break;
  }
  return beta;
}

export interface FittedLogit {
  readonly logit: LateLogit;
  readonly information: Readonly<Partial<Record<LateInput, number>>>;
}

/**
 * Fits one outcome. An input whose coefficient has the wrong sign says the
 * opposite of what it says alone: it is left out and the rest fitted again.
 */
export function fitLogit(examples: readonly Example[]): FittedLogit {
  const late = examples.map((row) => row.late);
  let columns = lateInputs
    // It is a floor of the model, not one of its bins.
    .filter((input) => input !== "beyond15Share")
    .map((input) => columnOf(examples, input))
    .filter((column) => column.edges.length > 0);
  for (;;) {
    const rows = examples.map(({ values }) =>
      columns.map(({ input, edges, evidence }) => {
        return evidence[binOf(values[input], edges)] ?? 0;
      }),
    );
    const [intercept = 0, ...beta] = newton(rows, late);
    const kept = columns.filter((_, j) => (beta[j] ?? 0) > 0);
    if (kept.length < columns.length) {
      columns = kept;
      continue;
    }
    const bins = columns.map(({ input, edges, evidence }, j) => ({
      ...{ input, edges },
      weights: evidence.map((w) => short(w * (beta[j] ?? 0))),
    }));
    const information = Object.fromEntries(
      columns.map((column) => [column.input, column.information]),
    );
    return { logit: { intercept: short(intercept), bins }, information };
  }
}
