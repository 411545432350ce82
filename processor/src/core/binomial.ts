/** Tail of the binomial distribution, from + − × / alone. */
import { exactExp, exactLn } from "./exact-math.ts";

/** P(X ≥ k) of n trials with probability p, 0 < p < 1. */
export function binomialTail(n: number, k: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  let term = exactExp(n * exactLn(1 - p));
  let below = 0;
  for (let i = 0; i < k; i += 1) {
    below += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return Math.max(0, 1 - below);
}
