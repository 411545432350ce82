/** Decisions of the processor, for requests that wait for one. */
import { randomUUID } from "node:crypto";
import type { Codec } from "@riskwall/schemas/codec";
import type { Decision } from "@riskwall/schemas";
import { topicNames } from "@riskwall/schemas/names";
import type { Kafka } from "kafkajs";

/** Requests waiting at the same time at most. */
export const waitingMax = 10_000;

export type Answer =
  | { readonly kind: "decision"; readonly decision: Decision }
  | {
      readonly kind: "dead-letter";
      readonly code: string;
      readonly message: string;
    };

export interface DecisionWaiter {
  /** The answer to (source, id), or null when `ms` passed. */
  wait: (source: string, id: string, ms: number) => Promise<Answer | null>;
  ready: () => boolean;
  stop: () => Promise<void>;
}

export async function followDecisions(
  kafka: Kafka,
  codec: Codec,
  namespace: string,
): Promise<DecisionWaiter> {
  const topics = topicNames(namespace);
  const waiting = new Map<string, (answer: Answer) => void>();
  const keyOf = (source: string, id: string): string => `${source}\u0000${id}`;
  const consumer = kafka.consumer({
    groupId: `${namespace}.ingest.${randomUUID()}`,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 100,
    minBytes: 1,
    readUncommitted: true,
  });
  let ready = false;
  consumer.on(consumer.events.FETCH, () => {
    ready = true;
  });
  await consumer.connect();
  await consumer.subscribe({
    topics: [topics.decisions, topics.deadletters],
    fromBeginning: false,
  });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 12,
    eachMessage: ({ message }) => {
      if (waiting.size === 0 || message.value === null)
        return Promise.resolve();
      const decoded = codec.decode(message.value);
      if (decoded.kind !== "record") return Promise.resolve();
      const { record } = decoded;
      if (record.name === "Decision" && record.value.trigger === "order") {
        const { source, eventId } = record.value;
        waiting.get(keyOf(source, eventId))?.({
          kind: "decision",
          decision: record.value,
        });
      } else if (
        record.name === "DeadLetter" &&
        record.value.stage === "fold"
      ) {
        const { source, eventId, code, message: words } = record.value;
        waiting.get(keyOf(source ?? "", eventId ?? ""))?.({
          kind: "dead-letter",
          code,
          message: words,
        });
      }
      return Promise.resolve();
    },
  });
  return {
    ready: () => ready,
    wait: async (source, id, ms) => {
      if (waiting.size >= waitingMax) return null;
      const key = keyOf(source, id);
      return new Promise((done) => {
        const timer = setTimeout(() => {
          waiting.delete(key);
          done(null);
        }, ms);
        waiting.set(key, (answer) => {
          clearTimeout(timer);
          waiting.delete(key);
          done(answer);
        });
      });
    },
    stop: async () => consumer.disconnect(),
  };
}
