/** Scores in bins of ten points, and statistics over them (domain C5). */
import { exactExp, exactLn } from "./exact-math.ts";

export const scoreMin = 300;
export const scoreStep = 10;
/** 300-309 … 840-850. */
export const scoreBins = 55;

export function scoreBin(score: number): number {
  const bin = Math.floor((score - scoreMin) / scoreStep);
  return Math.max(0, Math.min(scoreBins - 1, bin));
}

/** Score in the middle of a bin. */
export function midScore(bin: number): number {
  return scoreMin + bin * scoreStep + scoreStep / 2;
}

/** 95 % quantiles of chi-square by degrees of freedom, from 1 on. */
const chiSquare95 = [
  3.841, 5.991, 7.815, 9.488, 11.07, 12.592, 14.067, 15.507, 16.919,
] as const;
const groupsMax = 10;

export interface Drift {
  readonly psi: number;
  /** What chance alone may make of the index at these sample sizes. */
  readonly bound: number;
  /** Scores of the baseline and now. */
  readonly before: number;
  readonly now: number;
  /** Share of the baseline and now in each decile of the baseline. */
  readonly deciles: readonly {
    readonly from: number;
    readonly before: number;
    readonly now: number;
  }[];
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, n) => sum + n, 0);
}

/** First bin of each decile of the baseline; fewer where scores crowd. */
function decileEdges(baseline: readonly number[]): number[] {
  const all = total(baseline);
  const edges = [0];
  let seen = 0;
  baseline.forEach((n, bin) => {
    const before = Math.floor((seen * groupsMax) / all);
    seen += n;
    const after = Math.floor((seen * groupsMax) / all);
    if (after > before && seen < all) edges.push(bin + 1);
  });
  return edges;
}

/**
 * Population stability index over the deciles of a baseline; counts of one
 * half stand in for empty ones. Null where one of both has no scores, or all
 * of the baseline is in one bin.
 */
export function scoreDrift(
  baseline: readonly number[],
  present: readonly number[],
): Drift | null {
  const before = total(baseline);
  const now = total(present);
  if (before === 0 || now === 0) return null;
  const edges = decileEdges(baseline);
  if (edges.length < 2) return null;
  const sum = (counts: readonly number[], i: number): number =>
    total(counts.slice(edges[i], edges[i + 1]));
  let psi = 0;
  const deciles = edges.map((edge, i) => {
    const expected = Math.max(0.5, sum(baseline, i)) / before;
    const actual = Math.max(0.5, sum(present, i)) / now;
    psi += (actual - expected) * exactLn(actual / expected);
    return {
      from: scoreMin + edge * scoreStep,
      before: sum(baseline, i) / before,
      now: sum(present, i) / now,
    };
  });
  const chi = chiSquare95[edges.length - 2] ?? 0;
  return { psi, bound: chi * (1 / before + 1 / now), before, now, deciles };
}

export interface Calibration {
  readonly intercept: number;
  readonly slope: number;
}

const rounds = 50;
const settledAt = 1e-8;

/**
 * logit(y) = intercept + slope × logit(p) by Newton steps over bins with `n`
 * outcomes each, `bad` of them bad; null where it does not settle.
 */
export function calibrate(
  bins: readonly {
    readonly logit: number;
    readonly n: number;
    readonly bad: number;
  }[],
): Calibration | null {
  let intercept = 0;
  let slope = 1;
  for (let round = 0; round < rounds; round += 1) {
    let [g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0];
    for (const { logit, n, bad } of bins) {
      const p = 1 / (1 + exactExp(-(intercept + slope * logit)));
      const weight = n * p * (1 - p);
      const rest = bad - n * p;
      g0 += rest;
      g1 += rest * logit;
      h00 += weight;
      h01 += weight * logit;
      h11 += weight * logit * logit;
    }
    const det = h00 * h11 - h01 * h01;
    if (!(det > 1e-9)) return null;
    const d0 = (h11 * g0 - h01 * g1) / det;
    const d1 = (h00 * g1 - h01 * g0) / det;
    intercept += d0;
    slope += d1;
    if (Math.abs(d0) + Math.abs(d1) < settledAt) return { intercept, slope };
  }
  return null;
}
