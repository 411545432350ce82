/** Ways the world fails the processor; callers read `retriable`, not text. */
export const errorCodes = {
  STATE_GAP: { retriable: false, cure: "state restore or state rebuild" },
  LOG_BEHIND_STATE: { retriable: false, cure: "state restore or rebuild" },
  OTHER_LOG: { retriable: false, cure: "point at the right log, or rebuild" },
  OTHER_CLUSTER: { retriable: false, cure: "point at the right cluster" },
  LOGIC_UNSUPPORTED: { retriable: false, cure: "run a build with that logic" },
  POISON: { retriable: false, cure: "riskwall dlq skip" },
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** A partition cannot go on by itself. */
export class OperationalError extends Error {
  readonly code: ErrorCode;
  readonly retriable: boolean;
  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, { cause });
    this.code = code;
    this.retriable = errorCodes[code].retriable;
  }
}
