/** A refusal as an RFC 9457 problem document with a stable code. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: Readonly<Record<string, unknown>>;
  /** Seconds for `Retry-After`, or null. */
  readonly retryAfterS: number | null;

  constructor(
    status: number,
    code: string,
    title: string,
    extra: Readonly<Record<string, unknown>> = {},
    retryAfterS: number | null = null,
  ) {
    super(title);
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.retryAfterS = retryAfterS;
  }

  document(requestId: string): object {
    const { status, code, message: title, extra } = this;
    return { type: "about:blank", status, code, title, requestId, ...extra };
  }
}

/** Seconds after which a caller may ask a part that is away again. */
export const awayRetryS = 2;

/** A part behind the dashboard does not answer: 503, its cause kept. */
export function partAway(part: string, cause: unknown): Problem {
  const problem = new Problem(
    503,
    `${part}_unavailable`,
    `The ${part} does not answer now`,
    {},
    awayRetryS,
  );
  problem.cause = cause;
  return problem;
}
