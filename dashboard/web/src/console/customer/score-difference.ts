import type { PointsView } from "@riskwall/schemas";

/** What a score is made of. */
export interface ScoreParts {
  readonly score: number;
  readonly base: number;
  readonly points: readonly PointsView[];
  readonly capEffect: number;
}

/** One characteristic before and after a change. */
export interface PointsRow {
  readonly code: string;
  /** Null where there is no score before. */
  readonly valueBefore: string | null;
  readonly value: string;
  readonly before: number | null;
  readonly after: number;
  readonly delta: number;
}

export interface ScoreDifference {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly PointsRow[];
  /** What adds up to the difference, the largest losses first, none of zero. */
  readonly steps: readonly { readonly code: string; readonly delta: number }[];
}

/** Codes of steps that are no characteristic. */
export const otherSteps = {
  base: "base",
  cap: "cap",
  bounds: "bounds",
} as const;

/**
 * From a score to the next, characteristic by characteristic. Without a score
 * before it is explained from its base. The steps add up to `to - from` always:
 * what the bounds of the scale cut off is a step of its own.
 */
export function scoreDifference(
  before: ScoreParts | null,
  after: ScoreParts,
): ScoreDifference {
  const known = new Map(before?.points.map((item) => [item.code, item]));
  const rows = after.points.map((item): PointsRow => {
    const old = known.get(item.code);
    return {
      code: item.code,
      valueBefore: old?.value ?? null,
      value: item.value,
      before: before === null ? null : (old?.points ?? 0),
      after: item.points,
      delta: item.points - (old?.points ?? 0),
    };
  });
  const from = before?.score ?? after.base;
  const steps = [
    ...rows.map(({ code, delta }) => ({ code, delta })),
    { code: otherSteps.base, delta: after.base - (before?.base ?? after.base) },
    { code: otherSteps.cap, delta: after.capEffect - (before?.capEffect ?? 0) },
  ];
  const sum = steps.reduce((total, step) => total + step.delta, 0);
  const bounds = { code: otherSteps.bounds, delta: after.score - from - sum };
  return {
    ...{ from, to: after.score, rows },
    steps: [...steps, bounds]
      .filter((step) => step.delta !== 0)
      .sort((a, b) => a.delta - b.delta),
  };
}
