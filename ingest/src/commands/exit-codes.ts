/** How a verb ends (contract 6). */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  partial: 3,
  notReachable: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An end of a verb that is no fault of the program. */
export class VerbFailed extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** What a part that does not answer is called, and which variable moves it. */
export async function reach<T>(
  what: string,
  variable: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VerbFailed(
      exitCodes.notReachable,
      `${what} cannot be reached (${variable}): ${why}`,
      cause,
    );
  }
}
