/** Sends waiting acts one after the other; stops where there is no way. */
import { backOffMs } from "../live/back-off.ts";
import {
  nextAct,
  tidied,
  withAct,
  withEnd,
  withoutEnded,
  type Act,
  type Queue,
  type QueuedAct,
  type Sent,
} from "./act-queue.ts";

/** Where the queue is kept: an update is one step, also beside other tabs. */
export interface QueueStore {
  readonly change: (update: (queue: Queue) => Queue) => Promise<Queue>;
}

/** An end, or that there is no way now; seconds the server asks to wait. */
export type Attempt =
  | { readonly kind: "ended"; readonly sent: Sent }
  | { readonly kind: "no-way"; readonly retryAfterS: number };

export interface SenderDeps {
  readonly store: QueueStore;
  readonly send: (act: QueuedAct) => Promise<Attempt>;
  /** Who is signed in; null: nothing is sent. */
  readonly user: () => string | null;
  readonly now: () => number;
  readonly random: () => number;
  /** Plans a call; answers how to give it up. */
  readonly plan: (act: () => void, ms: number) => () => void;
  readonly onChange: (queue: Queue) => void;
}

export interface Sender {
  /** Keeps an act and sends it when there is a way; false: the queue is full. */
  readonly add: (act: Act) => Promise<boolean>;
  /** There may be a way again: tries now; resolves when it has stopped. */
  readonly kick: () => Promise<void>;
  /** Takes ended acts off the screen. */
  readonly clear: () => Promise<void>;
}

export function createSender(deps: SenderDeps): Sender {
  const { store, now } = deps;
  /** One run at a time; whoever kicks meanwhile waits for its end. */
  let running: Promise<void> | null = null;
  let again = false;
  let failures = 0;
  let giveUp = (): void => undefined;

  const change = async (update: (queue: Queue) => Queue): Promise<Queue> => {
    const queue = await store.change(update);
    deps.onChange(queue);
    return queue;
  };

  /** Sends one; false when there is nothing to send, or no way. */
  const sendNext = async (): Promise<boolean> => {
    const queue = await change((held) => tidied(held, now()));
    const user = deps.user();
    const act = user === null ? null : nextAct(queue, user);
    if (act === null) return false;
    const attempt = await deps.send(act);
    if (attempt.kind === "no-way") {
      const wait = backOffMs(failures, deps.random());
      failures += 1;
      const ms = Math.max(wait, attempt.retryAfterS * 1000);
      giveUp = deps.plan(() => void kick(), ms);
      return false;
    }
    failures = 0;
    await change((held) => withEnd(held, act.key, attempt.sent, now()));
    return true;
  };

  const run = async (): Promise<void> => {
    while (again) {
      again = false;
      giveUp();
      while (await sendNext());
    }
  };
  const kick = async (): Promise<void> => {
    again = true;
    running ??= run().finally(() => {
      running = null;
    });
    await running;
  };

  return {
    add: async (act) => {
      let taken = true;
      await change((queue) => {
        const longer = withAct(queue, act);
        taken = longer !== null;
        return longer ?? queue;
      });
      if (taken) void kick();
      return taken;
    },
    kick,
    clear: async () => {
      await change(withoutEnded);
    },
  };
}
