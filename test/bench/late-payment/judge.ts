/** Figures of merit of forecasts (domain C5, C8). */
import { areaUnderCurve } from "../../support/real-data.ts";

export interface Judged {
  /** Greater = likelier late. */
  readonly score: number;
  readonly late: boolean;
}

/** Chance that a late one has the greater score, ties counted half. */
export function aucOf(rows: readonly Judged[]): number {
  return areaUnderCurve(
    rows.map(({ score, late }) => ({ score: -score, bad: late })),
  );
}

/** Mean squared error of a chance. */
export function brierOf(rows: readonly Judged[]): number {
  const sum = rows.reduce(
    (total, { score, late }) => total + (score - (late ? 1 : 0)) ** 2,
    0,
  );
  return sum / rows.length;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
