/** What becomes of a delivery after a reply, and when it is tried again. Pure. */

/** Pauses before the next try; the last one repeats. */
export const backoffMs = [
  1000, 5000, 30_000, 120_000, 600_000, 1_800_000,
] as const;
/** Tries before a delivery is given up: most of a day. */
export const attemptsMax = 40;
/** A receiver may ask for a longer pause, but not for more than a day. */
export const retryAfterMaxMs = 86_400_000;

export type Outcome =
  | { readonly kind: "ok" }
  | {
      readonly kind: "retry";
      readonly why: string;
      /** What the receiver asked for, or null. */
      readonly afterMs: number | null;
      /** The channel as a whole is to be left alone for so long. */
      readonly coolMs?: number;
    }
  /** The receiver wants no more, ever. */
  | { readonly kind: "disable"; readonly why: string }
  /** The channel is set up wrongly: nothing will pass until somebody acts. */
  | { readonly kind: "config"; readonly why: string }
  /** This message is not taken; others may be. */
  | { readonly kind: "payload"; readonly why: string };

/** What a provider answered. */
export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Pause of a Retry-After header: seconds or a date; null when it says none. */
export function retryAfterMs(
  header: string | undefined,
  nowMs: number,
): number | null {
  if (header === undefined || header.trim() === "") return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds)
    ? seconds * 1000
    : Date.parse(header) - nowMs;
  if (Number.isNaN(ms) || ms <= 0) return null;
  return Math.min(ms, retryAfterMaxMs);
}

const configStatuses: ReadonlySet<number> = new Set([401, 403, 404]);
const againStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/** Classes of HTTP statuses. Redirects are failures, never followed. */
export function outcomeOfStatus(reply: Reply, nowMs: number): Outcome {
  const { status } = reply;
  if (status >= 200 && status < 300) return { kind: "ok" };
  const why = `status ${String(status)}`;
  if (status === 410) return { kind: "disable", why };
  if (configStatuses.has(status)) return { kind: "config", why };
  if (!againStatuses.has(status) && status < 500) {
    return { kind: "payload", why };
  }
  const afterMs = retryAfterMs(reply.headers["retry-after"], nowMs);
  if (status !== 429 || afterMs === null) {
    return { kind: "retry", why, afterMs };
  }
  return { kind: "retry", why, afterMs, coolMs: afterMs };
}

/**
 * Pause before try `attempts + 1`: full jitter, never less than the receiver
 * asked for. `random` in [0, 1).
 */
export function pauseMs(
  attempts: number,
  afterMs: number | null,
  random: number,
): number {
  const index = Math.min(attempts, backoffMs.length) - 1;
  const base = backoffMs[Math.max(0, index)] ?? backoffMs[0];
  return Math.max(afterMs ?? 0, Math.round(base * random));
}
