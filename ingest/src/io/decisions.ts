/** Decisions of the processor, for requests that wait for one. */
import { randomUUID } from "node:crypto";
import type { Codec } from "@riskwall/schemas/codec";
import type { Decision, NamedRecord } from "@riskwall/schemas";
import { groupName, topicNames } from "@riskwall/schemas/names";
import { createConsumer, type Kafka } from "./kafka.ts";

/** Requests waiting at the same time at most; further ones do not wait. */
export const waitingMax = 10_000;
/** A fetch of an idle topic comes back after so long. */
const fetchMaxMs = 100;

/** What the fold said of one event. */
export type FoldAnswer =
  | { readonly kind: "decision"; readonly decision: Decision }
  | {
      readonly kind: "dead-letter";
      readonly code: string;
      readonly message: string;
      readonly path: string;
    }
  /** Too late to be applied: kept in the late topic, never decided. */
  | { readonly kind: "late"; readonly reason: string };

export interface Wait {
  /** The answer, or null when the time passed or the wait was dropped. */
  readonly answer: Promise<FoldAnswer | null>;
  readonly drop: () => void;
}

export interface DecisionWaiter {
  /** Begins to wait; to be called before the event is appended. */
  readonly wait: (source: string, id: string, ms: number) => Wait;
}

export interface WaitingRoom extends DecisionWaiter {
  readonly offer: (record: NamedRecord) => void;
  readonly size: () => number;
}

/** Who waits for which (source, id); several may wait for one. */
export function createWaitingRoom(): WaitingRoom {
  const rooms = new Map<string, Set<(answer: FoldAnswer | null) => void>>();
  let size = 0;
  const keyOf = (source: string, id: string): string => `${source}\u0000${id}`;
  const tell = (source: string, id: string, answer: FoldAnswer): void => {
    for (const done of rooms.get(keyOf(source, id)) ?? []) done(answer);
  };
  return {
    size: () => size,
    wait: (source, id, ms) => {
      if (size >= waitingMax) {
        return { answer: Promise.resolve(null), drop: () => undefined };
      }
      const key = keyOf(source, id);
      const room = rooms.get(key) ?? new Set();
      rooms.set(key, room);
      size += 1;
      let leave = (): void => undefined;
      const answer = new Promise<FoldAnswer | null>((resolve) => {
        const done = (result: FoldAnswer | null): void => {
          if (!room.delete(done)) return;
          size -= 1;
          if (room.size === 0) rooms.delete(key);
          clearTimeout(timer);
          resolve(result);
        };
        const timer = setTimeout(done, ms, null);
        leave = (): void => {
          done(null);
        };
        room.add(done);
      });
      return { answer, drop: leave };
    },
    offer: (record) => {
      if (record.name === "Decision" && record.value.trigger === "order") {
        const { source, eventId } = record.value;
        tell(source, eventId, { kind: "decision", decision: record.value });
      } else if (
        record.name === "DeadLetter" &&
        record.value.stage === "fold"
      ) {
        const { source, eventId, code, message } = record.value;
        const path = record.value.path ?? "$";
        const answer = { kind: "dead-letter", code, message, path } as const;
        tell(source ?? "", eventId ?? "", answer);
      } else if (record.name === "Late") {
        const { source, eventId, reason } = record.value;
        tell(source, eventId, { kind: "late", reason });
      }
    },
  };
}

export interface DecisionFollower extends DecisionWaiter {
  /** True after the first fetch: no decision made from now on is missed. */
  readonly ready: () => boolean;
  readonly stop: () => Promise<void>;
}

/** Follows what the fold says from now on, in a group of its own. */
export async function followDecisions(
  kafka: Kafka,
  codec: Codec,
  namespace: string,
): Promise<DecisionFollower> {
  const topics = topicNames(namespace);
  const room = createWaitingRoom();
  const group = groupName(namespace, `ingest.${randomUUID()}`);
  const consumer = createConsumer(kafka, group, fetchMaxMs);
  let ready = false;
  consumer.on(consumer.events.FETCH, () => {
    ready = true;
  });
  await consumer.connect();
  await consumer.subscribe({
    topics: [topics.decisions, topics.deadletters, topics.late],
    fromBeginning: false,
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      if (room.size() === 0) return;
      for (const { value } of batch.messages) {
        if (value === null) continue;
        let decoded = codec.decode(value);
        if (decoded.kind === "unknown-id" && (await codec.learn(decoded.id))) {
          decoded = codec.decode(value);
        }
        if (decoded.kind === "record") room.offer(decoded.record);
      }
    },
  });
  return {
    wait: room.wait,
    ready: () => ready,
    stop: async () => consumer.disconnect(),
  };
}
