/** What a person does: sent once, answered by the fold. */
import { api, ApiProblem } from "./api.ts";

export interface ActionResult {
  readonly ok: boolean;
  /** Key of the word to show: applied, on its way, somebody else was first. */
  readonly word: "done" | "pending" | "stale" | "failed";
  /** The server's own sentence; empty when all is well. */
  readonly message: string;
}

/** Sends an action; a refusal is a result, not a failure of this page. */
export async function sendAction(
  path: string,
  body: object,
): Promise<ActionResult> {
  try {
    const answer = await api<{ readonly pending?: boolean }>(path, {
      method: "POST",
      body,
    });
    const word = answer.pending === true ? "pending" : "done";
    return { ok: true, word, message: "" };
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    const word = error.code === "STALE" ? "stale" : "failed";
    return { ok: false, word, message: error.message };
  }
}
