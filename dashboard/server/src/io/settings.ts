/** Follows the compacted settings topic: users, tokens and webhooks, whole. */
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Logger } from "pino";
import { z } from "zod";
import type { Identity } from "../access.ts";
import { topicBounds, type Admin, type Kafka } from "./kafka.ts";

const user = z.object({
  user: z.string(),
  role: z.literal("operator"),
  passwordHash: z.string(),
});
export type User = z.infer<typeof user>;

const token = z.object({
  id: z.string(),
  hash: z.string(),
  scopes: z.array(z.string()).default([]),
  revokedAt: z.string().nullable(),
});
type Token = z.infer<typeof token>;

export const severityNames = [
  "info",
  "low",
  "medium",
  "high",
  "critical",
] as const;

export const webhook = z.object({
  id: z.string(),
  url: z.string(),
  secret: z.string(),
  minSeverity: z.enum(severityNames).default("high"),
  enabled: z.boolean(),
  allowPrivate: z.boolean().default(false),
});
export type Webhook = z.infer<typeof webhook>;

export interface Settings {
  user: (name: string) => User | null;
  /** Identity of a wall token or of a key that may read; else null. */
  byToken: (text: string) => Identity | null;
  webhooks: () => readonly Webhook[];
  webhook: (id: string) => Webhook | null;
}

export interface SettingsStore extends Settings {
  /** Takes one entry of the topic; an entry of no known shape is removed. */
  put: (key: string, value: unknown) => void;
}

const tokenPattern = /^rw_(wall|live|test)_([0-9a-f]{12})_([\w-]{20,80})$/;

/** Settings in memory. Keys of both kinds of token cannot collide. */
export function createSettings(): SettingsStore {
  const users = new Map<string, User>();
  const tokens = new Map<string, Token>();
  const hooks = new Map<string, Webhook>();
  const keep = <Value>(
    map: Map<string, Value>,
    id: string,
    parsed: z.ZodSafeParseResult<Value>,
  ): void => {
    if (parsed.success) map.set(id, parsed.data);
    else map.delete(id);
  };
  return {
    put: (key, value) => {
      const at = key.indexOf(":");
      const kind = key.slice(0, at);
      const id = key.slice(at + 1);
      if (kind === "user") keep(users, id, user.safeParse(value));
      else if (kind === "walltoken" || kind === "apikey") {
        keep(tokens, key, token.safeParse(value));
      } else if (kind === "webhook") keep(hooks, id, webhook.safeParse(value));
    },
    user: (name) => users.get(name) ?? null,
    byToken: (text) => {
      const [, kind, id = "", secret = ""] = tokenPattern.exec(text) ?? [];
      if (kind === undefined) return null;
      const wall = kind === "wall";
      const found = tokens.get(wall ? `walltoken:${id}` : `apikey:${id}`);
      if (!found || found.revokedAt !== null) return null;
      if (!wall && !found.scopes.includes("orders:read")) return null;
      const hash = createHash("sha256").update(secret).digest();
      const wanted = Buffer.from(found.hash, "hex");
      const right =
        hash.length === wanted.length && timingSafeEqual(hash, wanted);
      return right
        ? { user: `${wall ? "wall" : "key"}:${id}`, role: "reader" }
        : null;
    },
    webhooks: () => [...hooks.values()],
    webhook: (id) => hooks.get(id) ?? null,
  };
}

/** Resolves once all that is in the topic now is in the store; then follows. */
export async function followSettings(
  kafka: Kafka,
  admin: Admin,
  namespace: string,
  store: SettingsStore,
  log: Logger,
): Promise<() => Promise<void>> {
  const topic = topicNames(namespace).settings;
  const { low, high } = await topicBounds(admin, topic);
  const end = high[0] ?? 0;
  const empty = end <= (low[0] ?? 0);
  const consumer = kafka.consumer({
    groupId: groupName(namespace, `settings.${randomUUID()}`),
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 200,
    readUncommitted: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 50 },
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((ready, fail) => {
    if (empty) ready();
    consumer
      .run({
        autoCommit: false,
        eachMessage: ({ message }) => {
          const key = message.key?.toString() ?? "";
          store.put(key, parseSetting(key, message.value, log));
          if (Number(message.offset) + 1 >= end) ready();
          return Promise.resolve();
        },
      })
      .catch(fail);
  });
  return async () => consumer.disconnect();
}

/** JSON of an entry; what is not JSON counts as removed. */
function parseSetting(key: string, value: Buffer | null, log: Logger): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value.toString());
  } catch (error) {
    log.warn({ key, error: String(error) }, "setting is not JSON");
    return null;
  }
}
