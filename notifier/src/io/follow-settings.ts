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

/** Resolves once all that is in the topic now was handed on; then follows. */
export async function followSettings(
  deps: FollowDeps,
): Promise<() => Promise<void>> {
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
  if (high <= low) read.resolve(undefined);
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      for (const { key, value } of batch.messages) {
        const name = key?.toString() ?? "";
        put(name, readEntry(name, value, deps));
      }
      if (Number(batch.lastOffset()) + 1 >= high) read.resolve(undefined);
      return Promise.resolve();
    },
  });
  await read.promise;
  return async () => consumer.disconnect();
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
