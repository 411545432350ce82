/** What a person does: sent once, answered by the fold. */
import { api, ApiProblem } from "./api.ts";
import { lastAct, type Target, type Winner } from "./last-act.ts";

export interface ActionResult {
  readonly ok: boolean;
  /** Key of the word to show: applied, on its way, up to a second person. */
  readonly word: "done" | "pending" | "second" | "stale" | "failed";
  /** The server's own sentence; empty when all is well. */
  readonly message: string;
  readonly winner: Winner | null;
  /** HTTP status of a refusal, 0 when no answer came; 202 when it was taken. */
  readonly status: number;
  /** Code of a refusal; else empty. */
  readonly code: string;
  /** Seconds the server asks to wait before another try; 0 = none. */
  readonly retryAfterS: number;
  /** Version of the target after the action; null when it was not told. */
  readonly actionVersion: number | null;
}

/** Reads what was acted on again: a refusal does not always say who won. */
async function findWinner(actionPath: string): Promise<Winner | null> {
  const path = actionPath.replace(/\/actions$/, "");
  try {
    return lastAct(await api<Target>(path));
  } catch (error) {
    // Then the refusal alone is shown.
    if (error instanceof ApiProblem) return null;
    throw error;
  }
}

const takenByOther: ReadonlySet<string> = new Set([
  "STALE",
  "NOT_OPEN",
  "NOT_HELD",
]);

/** Sends an action; a refusal is a result, not a failure of this page. */
export async function sendAction(
  path: string,
  body: object,
  idempotencyKey?: string,
): Promise<ActionResult> {
  try {
    const answer = await api<{
      readonly pending?: boolean;
      readonly awaits?: string;
      readonly actionVersion?: number;
    }>(path, {
      method: "POST",
      body,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
    const taken = answer.pending === true ? "pending" : "done";
    const word = answer.awaits === undefined ? taken : "second";
    return {
      ...{ ok: true, word, message: "", winner: null },
      ...{ status: 202, code: "", retryAfterS: 0 },
      actionVersion: answer.actionVersion ?? null,
    };
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    const lost = takenByOther.has(error.code);
    const winner = lost ? await findWinner(path) : null;
    const word = lost ? "stale" : "failed";
    const { message, status, code, retryAfterS } = error;
    return {
      ...{ ok: false, word, message, winner },
      ...{ status, code, retryAfterS, actionVersion: null },
    };
  }
}
