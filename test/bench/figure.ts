/** What a benchmark hands over, and how it is judged. Pure. */

/** `atLeast`: more is better; `atMost`: less is better. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** The same machine's own limit, measured in the same run. */
interface Limit {
  readonly what: string;
  readonly value: number;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `ev/s`, `ms`, `s`, `B`, `MiB`, `µs/ev`, `%`, `records` … */
  readonly unit: string;
  /** Least and greatest of the rounds whose median `value` is. */
  readonly range?: readonly [number, number];
  /** Values behind a percentile or a median. */
  readonly samples?: number;
  readonly target?: Target;
  readonly limit?: Limit;
  /** Conditions: warm-up, population, rounds. */
  readonly note?: string;
}

export type Verdict = "reached" | "missed" | null;

/** Null where there is no target: the figure is for information. */
export function verdictOf(figure: Figure): Verdict {
  const { target, value } = figure;
  if (target === undefined) return null;
  const reached =
    "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
  return reached ? "reached" : "missed";
}

/** Value as a multiple of the limit; null without one. */
export function ratioOf(figure: Figure): number | null {
  const { limit } = figure;
  return limit === undefined || limit.value === 0
    ? null
    : figure.value / limit.value;
}

/** Median of the rounds, with the least and the greatest as range. */
export function roundsOf(values: readonly number[]): {
  readonly value: number;
  readonly range: readonly [number, number];
  readonly samples: number;
} {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)];
  const high = sorted[Math.ceil(middle)];
  const first = sorted[0];
  const last = sorted.at(-1);
  if (
    low === undefined ||
    high === undefined ||
    first === undefined ||
    last === undefined
  ) {
    throw new Error("no round was measured");
  }
  return {
    value: (low + high) / 2,
    range: [first, last],
    samples: sorted.length,
  };
}
