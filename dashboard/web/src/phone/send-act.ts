import { sendAction } from "../api/actions.ts";
import type { QueuedAct } from "./act-queue.ts";
import { isNoWay } from "./no-way.ts";
import type { Attempt } from "./queue-sender.ts";

/** Sends a queued act under its key. */
export async function sendAct(act: QueuedAct): Promise<Attempt> {
  const result = await sendAction(act.path, act.body, act.key);
  if (isNoWay(result)) {
    return { kind: "no-way", retryAfterS: result.retryAfterS };
  }
  const { ok, word, message, winner, actionVersion } = result;
  return { kind: "ended", sent: { ok, word, message, winner, actionVersion } };
}
