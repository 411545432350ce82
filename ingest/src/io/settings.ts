/** Follows the compacted settings topic: API keys and sources, whole. */
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Logger } from "pino";
import { z } from "zod";
import { createConsumer, type Kafka } from "./kafka.ts";

const fetchMaxMs = 200;

const apiKey = z.object({
  id: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.string()),
  sources: z.array(z.string()),
  revokedAt: z.string().nullable(),
  /** Absent or null: never. */
  expiresAt: z.string().nullable().default(null),
});
export type ApiKey = z.infer<typeof apiKey>;

export interface Settings {
  /** The key of a bearer token, or null when it is none of ours. */
  readonly keyOf: (token: string) => ApiKey | null;
  /** Sources with an inbox. */
  readonly sources: () => readonly string[];
}

const tokenPattern = /^rw_(?:live|test)_([0-9a-f]{12})_([\w-]{20,80})$/;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

/** Settings as they are after a row of entries; pure but for hashing. */
export function createSettingsView(
  onSource: (source: string) => void,
  now: () => number = Date.now,
): Settings & {
  /** False when the entry is ours but not readable. */
  readonly apply: (key: string, value: string | null) => boolean;
} {
  const keys = new Map<string, ApiKey>();
  const sources = new Set<string>();
  const applyKey = (id: string, value: string | null): boolean => {
    keys.delete(id);
    if (value === null) return true;
    const parsed = apiKey.safeParse(parseJson(value));
    if (parsed.success) keys.set(id, parsed.data);
    return parsed.success;
  };
  const applySource = (source: string, value: string | null): boolean => {
    if (value === null) sources.delete(source);
    else if (!sources.has(source)) {
      sources.add(source);
      onSource(source);
    }
    return true;
  };
  return {
    apply: (key, value) => {
      if (key.startsWith("apikey:")) return applyKey(key.slice(7), value);
      if (key.startsWith("source:")) return applySource(key.slice(7), value);
      return true;
    },
    sources: () => [...sources],
    keyOf: (token) => {
      const [, id, secret] = tokenPattern.exec(token) ?? [];
      const found = id === undefined ? undefined : keys.get(id);
      if (!found || secret === undefined || found.revokedAt !== null) {
        return null;
      }
      const { expiresAt } = found;
      if (expiresAt !== null && Date.parse(expiresAt) <= now()) return null;
      const hash = createHash("sha256").update(secret).digest();
      const same = timingSafeEqual(hash, Buffer.from(found.hash, "hex"));
      return same ? found : null;
    },
  };
}

/** Resolves once everything that is in the topic now has been read. */
export async function followSettings(
  kafka: Kafka,
  namespace: string,
  onSource: (source: string) => void,
  log: Pick<Logger, "warn">,
): Promise<Settings & { readonly stop: () => Promise<void> }> {
  const topic = topicNames(namespace).settings;
  const view = createSettingsView(onSource);
  const { low, end } = await bounds(kafka, topic);
  const group = groupName(namespace, `settings.${randomUUID()}`);
  const consumer = createConsumer(kafka, group, fetchMaxMs);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const read = Promise.withResolvers<undefined>();
  if (end <= low) read.resolve(undefined);
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { key, value } of batch.messages) {
        const name = key?.toString() ?? "";
        if (!view.apply(name, value?.toString() ?? null)) {
          log.warn({ key: name }, "settings: entry is not readable");
        }
      }
      if (Number(batch.lastOffset()) + 1 >= end) read.resolve(undefined);
      return Promise.resolve();
    },
  });
  await read.promise;
  return {
    keyOf: view.keyOf,
    sources: view.sources,
    stop: async () => consumer.disconnect(),
  };
}

async function bounds(
  kafka: Kafka,
  topic: string,
): Promise<{ low: number; end: number }> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const [partition] = await admin.fetchTopicOffsets(topic);
    return {
      low: Number(partition?.low ?? 0),
      end: Number(partition?.high ?? 0),
    };
  } finally {
    await admin.disconnect();
  }
}
