/**
 * What a person did on the phone, in the order it was done. Pure: the queue
 * goes in, the changed queue comes out.
 *
 *   waiting ─taken by the server─▶ done
 *      ├─refused, or somebody was faster─▶ refused
 *      └─waited longer than a day─▶ refused (late)
 *
 * A failure of the way to the server leaves an act waiting: it is sent again
 * under the same key, which the server obeys once.
 */
import type { Winner } from "../api/last-act.ts";

/** Acts that may wait at the same time. */
export const waitingMax = 50;
/** Ended acts that are still shown. */
export const endedMax = 20;
/** Ended acts are shown this long. */
export const endedMs = 3_600_000;
/** An act is not sent later than this: the server forgets its key then. */
export const waitingMs = 23 * 3_600_000;

/** What the server is asked to do. */
export interface ActBody {
  readonly action: string;
  /** The version of the alert that the person saw. */
  readonly expected?: number;
  readonly reason?: string;
  readonly note?: string;
  readonly until?: string;
}

export interface Act {
  /** Idempotency key: the server does it once, however often it is sent. */
  readonly key: string;
  readonly user: string;
  readonly alertId: string;
  /** Whom it is about, for the person. */
  readonly customerName: string;
  readonly path: string;
  readonly body: ActBody;
  /** ms */
  readonly at: number;
}

export interface QueuedAct extends Act {
  readonly state: "waiting" | "done" | "refused";
  /** What became of it: a key of the words under `ask` or `phone.came`. */
  readonly word: string;
  /** The server's own words; empty when it said none. */
  readonly message: string;
  readonly winner: Winner | null;
  /** ms; null while it waits. */
  readonly endedAt: number | null;
}

export type Queue = readonly QueuedAct[];

/** How the sending of an act ended. */
export interface Sent {
  readonly ok: boolean;
  readonly word: string;
  readonly message: string;
  readonly winner: Winner | null;
  /** Version of the target after the act; null when it was not told. */
  readonly actionVersion: number | null;
}

/** The queue with a new act at its end; null when it is full. */
export function withAct(queue: Queue, act: Act): Queue | null {
  const waiting = queue.filter(({ state }) => state === "waiting");
  if (waiting.length >= waitingMax) return null;
  const fresh = { state: "waiting", word: "", message: "" } as const;
  return [...queue, { ...act, ...fresh, winner: null, endedAt: null }];
}

/** The act to be sent next for a person; null when none waits. */
export function nextAct(queue: Queue, user: string): QueuedAct | null {
  const mine = (act: QueuedAct): boolean =>
    act.state === "waiting" && act.user === user;
  return queue.find(mine) ?? null;
}

/** Acts of a person on an alert that have not been sent yet. */
export function waitingOn(queue: Queue, alertId: string): Queue {
  return queue.filter(
    (act) => act.state === "waiting" && act.alertId === alertId,
  );
}

/**
 * The queue after an act ended. A later act on the same target that expects
 * the version before it now expects the one after it: only this act of the
 * same person lies between them. Any greater step is somebody else's, and the
 * server says so.
 */
export function withEnd(
  queue: Queue,
  key: string,
  sent: Sent,
  now: number,
): Queue {
  const ended = queue.find((act) => act.key === key);
  if (ended === undefined) return queue;
  const { ok, word, message, winner, actionVersion } = sent;
  return queue.map((act) => {
    if (act.key === key) {
      const state = ok ? "done" : "refused";
      return { ...act, state, word, message, winner, endedAt: now };
    }
    const follows =
      ok &&
      actionVersion !== null &&
      act.state === "waiting" &&
      act.path === ended.path &&
      act.body.expected === actionVersion - 1;
    if (!follows) return act;
    return { ...act, body: { ...act.body, expected: actionVersion } };
  });
}

/** The queue without what is over: late acts are refused, old ends leave. */
export function tidied(queue: Queue, now: number): Queue {
  const judged = queue.map((act) =>
    act.state === "waiting" && now - act.at > waitingMs
      ? { ...act, state: "refused" as const, word: "late", endedAt: now }
      : act,
  );
  const shown = judged.filter(
    ({ endedAt }) => endedAt === null || now - endedAt <= endedMs,
  );
  const surplus = shown.filter(({ endedAt }) => endedAt !== null).length;
  let drop = Math.max(0, surplus - endedMax);
  const kept = shown.filter(({ endedAt }) => {
    if (endedAt === null || drop === 0) return true;
    drop -= 1;
    return false;
  });
  const same =
    kept.length === queue.length && kept.every((act, i) => act === queue[i]);
  return same ? queue : kept;
}

/** Takes ended acts off the screen. */
export function withoutEnded(queue: Queue): Queue {
  return queue.filter(({ state }) => state === "waiting");
}
