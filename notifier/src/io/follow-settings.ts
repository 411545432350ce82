/** Follows the compacted settings topic and hands every entry on. */
import { randomUUID } from "node:crypto";
import { groupName, topicNames } from "@riskwall/schemas/names";
import { Unsealable, type Sealing } from "@riskwall/schemas/sealing";
import type { Logger } from "pino";
import {
  createConsumer,
  topicBounds,
  type Admin,
  type Kafka,
} from "./kafka.ts";

export interface FollowDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly namespace: string;
  /** An entry as it was meant; throws `Unsealable`. */
  readonly open: Sealing["open"];
  /** Null: removed. */
  readonly put: (key: string, value: unknown) => void;
  readonly log: Pick<Logger, "warn">;
}

export interface Following {
  /** Resolves true once the entry at an offset was handed on; false if late. */
  reached: (offset: number) => Promise<boolean>;
  stop: () => Promise<void>;
}

/** Longest wait for an entry that somebody has just written. */
const reachMs = 3000;

/** Resolves once all that is in the topic now was handed on; then follows. */
export async function followSettings(deps: FollowDeps): Promise<Following> {
  const { kafka, admin, namespace, put } = deps;
  const topic = topicNames(namespace).settings;
  const { low, high } = (await topicBounds(admin, topic)).get(0) ?? {
    low: 0,
    high: 0,
  };
  const group = groupName(namespace, `settings.${randomUUID()}`);
  const consumer = createConsumer(kafka, group);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const read = Promise.withResolvers<undefined>();
  let next = 0;
  const waiting = new Set<() => void>();
  if (high <= low) read.resolve(undefined);
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      for (const { key, value } of batch.messages) {
        const name = key?.toString() ?? "";
        put(name, readEntry(name, value, deps));
      }
      next = Number(batch.lastOffset()) + 1;
      if (next >= high) read.resolve(undefined);
      for (const look of waiting) look();
      return Promise.resolve();
    },
  });
  await read.promise;
  return {
    reached: async (offset) =>
      new Promise((done) => {
        const finish = (is: boolean): void => {
          clearTimeout(timer);
          waiting.delete(look);
          done(is);
        };
        const look = (): void => {
          if (next > offset) finish(true);
        };
        const timer = setTimeout(finish, reachMs, false);
        waiting.add(look);
        look();
      }),
    stop: async () => consumer.disconnect(),
  };
}

/** An entry, opened; what is not JSON or does not open counts as removed. */
function readEntry(
  key: string,
  value: Buffer | null,
  { open, log }: Pick<FollowDeps, "open" | "log">,
): unknown {
  if (value === null) return null;
  try {
    return open(key, JSON.parse(value.toString()));
  } catch (error) {
    const known = error instanceof SyntaxError || error instanceof Unsealable;
    if (!known) throw error;
    // Not the error's text: JSON's has a piece of what it could not read.
    log.warn({ key, error: error.name }, "setting cannot be read");
    return null;
  }
}
