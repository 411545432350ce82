/** Waits between attempts to connect (ux 2.4 rule 6). Pure. */

export const firstRetryMs = 500;
export const retryMaxMs = 15_000;

/**
 * Full jitter over a doubling span: attempt 0 waits up to 0.5 s, later ones
 * up to 15 s. `random` is in [0, 1).
 */
export function backOffMs(attempt: number, random: number): number {
  const span = Math.min(retryMaxMs, firstRetryMs * 2 ** Math.min(attempt, 16));
  return Math.round(span * random);
}
