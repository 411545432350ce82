/** Follows the compacted settings topic and hands every entry on. */
import { randomUUID } from "node:crypto";
import { groupName, topicNames } from "@riskwall/schemas/names";
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
  const { kafka, admin, namespace, put, log } = deps;
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
        put(name, parseJson(name, value, log));
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

/** JSON of an entry; what is not JSON counts as removed. */
function parseJson(
  key: string,
  value: Buffer | null,
  log: Pick<Logger, "warn">,
): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value.toString());
  } catch (error) {
    log.warn({ key, error: String(error) }, "setting is not JSON");
    return null;
  }
}
