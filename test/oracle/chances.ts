/** Chances of counts (domain C10.4, C10.6), summed term by term. */

const windowDays = 180;

/** P(X ≥ n) in so many days after `baseline` events in 180 days. */
export function burstTail(baseline: number, n: number, days: number): number {
  const r = baseline + 0.5;
  const whole = windowDays + 3.5;
  const p = whole / (whole + days);
  let term = Math.pow(p, r);
  let below = 0;
  for (let k = 0; k < n; k += 1) {
    below += term;
    term *= ((k + r) / (k + 1)) * (1 - p);
  }
  return Math.max(0, 1 - below);
}

/** P(X ≥ k) of n trials. */
export function binomialTail(n: number, k: number, p: number): number {
  if (k <= 0) return 1;
  let term = Math.pow(1 - p, n);
  let below = 0;
  for (let i = 0; i < Math.min(k, n + 1); i += 1) {
    below += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return k > n ? 0 : Math.max(0, 1 - below);
}
