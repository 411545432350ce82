import type { Figure } from "./figure.ts";

export interface BenchmarkOptions {
  /** The long form. */
  readonly full: boolean;
}

/** One entry of the list in `main.ts`. */
export interface Benchmark {
  /** As `--only` names it. */
  readonly name: string;
  /** Measures; rejects when that failed. A missed target is a figure. */
  readonly run: (options: BenchmarkOptions) => Promise<readonly Figure[]>;
}
