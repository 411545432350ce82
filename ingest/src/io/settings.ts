/** Follows the compacted settings topic: API keys and sources, whole. */
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { topicNames } from "@riskwall/schemas/names";
import type { Kafka } from "kafkajs";
import { z } from "zod";

const apiKey = z.object({
  id: z.string(),
  hash: z.string(),
  scopes: z.array(z.string()),
  sources: z.array(z.string()),
  revokedAt: z.string().nullable(),
});
export type ApiKey = z.infer<typeof apiKey>;

export interface Settings {
  /** The key of a bearer token, or null when it is none of ours. */
  keyOf: (token: string) => ApiKey | null;
  sources: () => readonly string[];
  stop: () => Promise<void>;
}

const tokenPattern = /^rw_(?:live|test)_([0-9a-f]{12})_([\w-]{20,80})$/;

/** Resolves once everything that is in the topic now has been read. */
export async function followSettings(
  kafka: Kafka,
  namespace: string,
  onSource: (source: string) => void,
): Promise<Settings> {
  const topic = topicNames(namespace).settings;
  const keys = new Map<string, ApiKey>();
  const sources = new Set<string>();
  const admin = kafka.admin();
  await admin.connect();
  const [bounds] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const end = Number(bounds?.high ?? 0);
  const low = Number(bounds?.low ?? 0);
  const consumer = kafka.consumer({
    groupId: `${namespace}.settings.${randomUUID()}`,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 200,
    readUncommitted: true,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((ready, fail) => {
    if (end <= low) ready();
    consumer
      .run({
        autoCommit: false,
        eachMessage: ({ message }) => {
          const key = message.key?.toString() ?? "";
          const value = message.value?.toString() ?? null;
          if (key.startsWith("apikey:")) {
            if (value === null) keys.delete(key.slice(7));
            else {
              const parsed = apiKey.safeParse(JSON.parse(value));
              if (parsed.success) keys.set(parsed.data.id, parsed.data);
            }
          } else if (key.startsWith("source:") && value !== null) {
            const source = key.slice(7);
            if (!sources.has(source)) {
              sources.add(source);
              onSource(source);
            }
          }
          if (Number(message.offset) + 1 >= end) ready();
          return Promise.resolve();
        },
      })
      .catch(fail);
  });
  return {
    keyOf: (token) => {
      const match = tokenPattern.exec(token);
      const found = match?.[1] === undefined ? undefined : keys.get(match[1]);
      if (!found || found.revokedAt !== null) return null;
      const hash = createHash("sha256")
        .update(match?.[2] ?? "")
        .digest();
      const wanted = Buffer.from(found.hash, "hex");
      return hash.length === wanted.length && timingSafeEqual(hash, wanted)
        ? found
        : null;
    },
    sources: () => [...sources],
    stop: async () => consumer.disconnect(),
  };
}
