/** Sends deltas to rooms and wakes long polls that wait for one. */
import { topicKey, type LiveDelta } from "@riskwall/schemas/live";

export interface Broadcast {
  send: (delta: LiveDelta) => void;
  /** Where deltas go; set once the socket server stands. */
  attach: (send: (room: string, delta: LiveDelta) => void) => void;
  /** Resolves at the next delta of a room, or when `ms` passed. */
  next: (room: string, ms: number) => Promise<void>;
}

export function createBroadcast(): Broadcast {
  const waiting = new Map<string, Set<() => void>>();
  let out: (room: string, delta: LiveDelta) => void = () => undefined;
  return {
    attach: (send) => {
      out = send;
    },
    send: (delta) => {
      const room = topicKey(delta.topic, delta.params);
      out(room, delta);
      for (const wake of waiting.get(room) ?? []) wake();
    },
    next: async (room, ms) =>
      new Promise((done) => {
        const set = waiting.get(room) ?? new Set();
        waiting.set(room, set);
        const wake = (): void => {
          clearTimeout(timer);
          set.delete(wake);
          if (set.size === 0) waiting.delete(room);
          done();
        };
        const timer = setTimeout(wake, ms);
        set.add(wake);
      }),
  };
}
