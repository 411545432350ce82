/** The queue of acts as the pages see it. */
import { shallowRef, type ShallowRef } from "vue";
import { identity } from "../api/session.ts";
import type { Act, ActBody, Queue } from "./act-queue.ts";
import { openQueueKeeper } from "./queue-keeper.ts";
import { createSender, type QueueStore } from "./queue-sender.ts";
import { sendAct } from "./send-act.ts";

/** What an act is about. */
export interface Target {
  readonly alertId: string;
  readonly customerName: string;
  readonly path: string;
}

export interface PhoneQueue {
  readonly acts: ShallowRef<Queue>;
  /** False where the browser has no place: then it is lost with the page. */
  readonly isKept: boolean;
  /** Does it now, or as soon as there is a way; false: too much waits. */
  readonly act: (target: Target, body: ActBody) => Promise<boolean>;
  readonly kick: () => void;
  readonly clear: () => void;
}

/** `randomUUID` needs a trusted page; this one works on plain HTTP, too. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function inMemory(): QueueStore {
  let queue: Queue = [];
  return {
    change: async (update) => {
      queue = update(queue);
      return Promise.resolve(queue);
    },
  };
}

/** IndexedDB, or memory where the browser refuses it (private windows). */
async function openStore(): Promise<{ store: QueueStore; isKept: boolean }> {
  try {
    return { store: await openQueueKeeper(), isKept: true };
  } catch (error) {
    console.info("acts are not kept", String(error));
    return { store: inMemory(), isKept: false };
  }
}

export async function openQueue(): Promise<PhoneQueue> {
  const { store, isKept } = await openStore();
  const acts = shallowRef<Queue>([]);
  const sender = createSender({
    ...{ store, send: sendAct, now: Date.now, random: Math.random },
    user: () => identity.value?.user ?? null,
    plan: (act, ms) => {
      const timer = setTimeout(act, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    onChange: (queue) => {
      acts.value = queue;
    },
  });
  await sender.kick();
  return {
    ...{ acts, isKept },
    act: async (target, body) => {
      const user = identity.value?.user ?? "";
      const act: Act = {
        ...{ ...target, key: newKey(), user, body, at: Date.now() },
      };
      return sender.add(act);
    },
    kick: () => void sender.kick(),
    clear: () => void sender.clear(),
  };
}
