/** Follows the compacted settings topic: users, tokens and webhooks, whole. */
import { randomUUID } from "node:crypto";
import { groupName, topicNames } from "@riskwall/schemas/names";
import { Unsealable, type Sealing } from "@riskwall/schemas/sealing";
import type { Logger } from "pino";
import { z } from "zod";
import { roles, type Identity } from "../access.ts";
import { nameMasks } from "../core/mask.ts";
import { createWallShelf, type WallShelf } from "../walls/wall-shelf.ts";
import { createCalendarFeeds, type CalendarFeeds } from "./calendar-feeds.ts";
import { createPushBrowsers, type PushBrowsers } from "./push-browsers.ts";
import {
  topicBounds,
  type Admin,
  type Kafka,
  type LogWriter,
} from "./kafka.ts";
import { isSecretOf } from "./token-hash.ts";

const user = z.object({
  user: z.string(),
  /** How the person is called; may be empty. */
  name: z.string().default(""),
  role: z.enum(roles),
  /** Null: signs in elsewhere only. */
  passwordHash: z.string().nullable(),
  /** Sessions hold only while it stays; empty in entries of first homes. */
  stamp: z.string().default(""),
  disabled: z.boolean().default(false),
  mustChange: z.boolean().default(false),
  totp: z
    .object({ secret: z.string(), recovery: z.array(z.string()) })
    .nullable()
    .default(null),
  external: z
    .object({ issuer: z.string(), subject: z.string() })
    .nullable()
    .default(null),
  createdAt: z.string().default(""),
  createdBy: z.string().default(""),
});
export type User = z.output<typeof user>;

const token = z.object({
  id: z.string(),
  name: z.string().default(""),
  hash: z.string(),
  scopes: z.array(z.string()).default([]),
  sources: z.array(z.string()).default([]),
  createdAt: z.string().default(""),
  createdBy: z.string().default(""),
  /** Absent or null: never. */
  expiresAt: z.string().nullable().default(null),
  revokedAt: z.string().nullable(),
  /** The prefix says whether a key is meant for tests. */
  test: z.boolean().default(false),
  /** Of a shared wall: what it does not see. Null: sees what a viewer sees. */
  mask: z
    .object({ names: z.enum(nameMasks), amounts: z.boolean() })
    .nullable()
    .default(null),
});
export type Token = z.output<typeof token>;

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

/** Links of one alert, or of all (`*`), made up to then are over. */
const endedLinks = z.object({ endedAt: z.string(), endedBy: z.string() });
export type EndedLinks = z.output<typeof endedLinks>;

export interface Settings {
  user: (name: string) => User | null;
  users: () => readonly User[];
  /** API keys of the gateway. */
  keys: () => readonly Token[];
  key: (id: string) => Token | null;
  /** Tokens of walls. */
  wallTokens: () => readonly Token[];
  wallToken: (id: string) => Token | null;
  /** Sources that have an inbox. */
  sources: () => readonly string[];
  /** Identity of a wall token or of a key that may read; else null. */
  byToken: (text: string) => Identity | null;
  webhooks: () => readonly Webhook[];
  webhook: (id: string) => Webhook | null;
  readonly calendars: Omit<CalendarFeeds, "put">;
  readonly browsers: Omit<PushBrowsers, "put">;
  /** Links in messages that were ended before their time. */
  readonly endedLinks: () => ReadonlyMap<string, EndedLinks>;
  readonly walls: Omit<WallShelf, "put">;
}

export interface SettingsStore extends Settings {
  /** Takes one entry of the topic; an entry of no known shape is removed. */
  put: (key: string, value: unknown) => void;
}

/** All of a user that decides what the person may do now. */
function rightsOf(person: User | undefined): string {
  if (!person) return "";
  const { role, disabled, mustChange, stamp, passwordHash } = person;
  return JSON.stringify([role, disabled, mustChange, stamp, passwordHash]);
}

const tokenPattern = /^rw_(wall|live|test)_([0-9a-f]{12})_([\w-]{20,80})$/;

export interface SettingsOptions {
  readonly now?: () => number;
  /** Told whose rights may have changed: a user's name, or `wall:id`, `key:id`. */
  readonly onRights?: (who: string) => void;
}

/** Settings in memory. Keys of both kinds of token cannot collide. */
export function createSettings({
  now = Date.now,
  onRights = () => undefined,
}: SettingsOptions = {}): SettingsStore {
  const users = new Map<string, User>();
  const tokens = new Map<string, Token>();
  const hooks = new Map<string, Webhook>();
  const calendars = createCalendarFeeds();
  const browsers = createPushBrowsers();
  const walls = createWallShelf();
  const sources = new Set<string>();
  const links = new Map<string, EndedLinks>();
  const keep = <Value>(
    map: Map<string, Value>,
    id: string,
    parsed: z.ZodSafeParseResult<Value>,
  ): void => {
    if (parsed.success) map.set(id, parsed.data);
    else map.delete(id);
  };
  const ofKind = (kind: string): Token[] =>
    [...tokens]
      .filter(([key]) => key.startsWith(`${kind}:`))
      .map(([, value]) => value);
  return {
    put: (key, value) => {
      const at = key.indexOf(":");
      const kind = key.slice(0, at);
      const id = key.slice(at + 1);
      if (kind === "user") {
        const before = rightsOf(users.get(id));
        keep(users, id, user.safeParse(value));
        if (rightsOf(users.get(id)) !== before) onRights(id);
      } else if (kind === "walltoken" || kind === "apikey") {
        keep(tokens, key, token.safeParse(value));
        onRights(`${kind === "apikey" ? "key" : "wall"}:${id}`);
      } else if (kind === "source") {
        if (value === null) sources.delete(id);
        else sources.add(id);
      } else if (kind === "calendar") calendars.put(id, value);
      else if (kind === "push") browsers.put(id, value);
      else if (kind === "wall") walls.put(id, value);
      else if (kind === "webhook") keep(hooks, id, webhook.safeParse(value));
      else if (kind === "alertlinks") {
        keep(links, id, endedLinks.safeParse(value));
      }
    },
    user: (name) => users.get(name) ?? null,
    users: () => [...users.values()],
    keys: () => ofKind("apikey"),
    wallTokens: () => ofKind("walltoken"),
    wallToken: (id) => tokens.get(`walltoken:${id}`) ?? null,
    key: (id) => tokens.get(`apikey:${id}`) ?? null,
    sources: () => [...sources],
    byToken: (text) => {
      const [, kind, id = "", secret = ""] = tokenPattern.exec(text) ?? [];
      if (kind === undefined) return null;
      const wall = kind === "wall";
      const found = tokens.get(wall ? `walltoken:${id}` : `apikey:${id}`);
      if (!found || found.revokedAt !== null) return null;
      if (found.expiresAt !== null && Date.parse(found.expiresAt) <= now()) {
        return null;
      }
      if (!wall && !found.scopes.includes("orders:read")) return null;
      if (!isSecretOf(found.hash, secret)) return null;
      const user = `${wall ? "wall" : "key"}:${id}`;
      const { mask } = found;
      return wall && mask !== null
        ? { user, role: "wall", mask }
        : { user, role: "reader" };
    },
    webhooks: () => [...hooks.values()],
    webhook: (id) => hooks.get(id) ?? null,
    ...{ calendars, browsers, walls },
    endedLinks: () => links,
  };
}

export interface Following {
  /** Resolves when the store holds what stands at this offset. */
  reached: (offset: number) => Promise<void>;
  stop: () => Promise<void>;
}

/** A write is waited for as long; then it is only a little late. */
const reachMs = 3000;

export interface FollowDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly namespace: string;
  readonly store: Pick<SettingsStore, "put">;
  /** An entry as it was meant; throws `Unsealable`. */
  readonly open: Sealing["open"];
  readonly log: Pick<Logger, "warn">;
}

/** Resolves once all that is in the topic now is in the store; then follows. */
export async function followSettings(deps: FollowDeps): Promise<Following> {
  const { kafka, admin, namespace, store } = deps;
  const topic = topicNames(namespace).settings;
  let next = 0;
  const waiting = new Set<() => void>();
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
          store.put(key, readEntry(key, message.value, deps));
          next = Number(message.offset) + 1;
          if (next >= end) ready();
          for (const look of waiting) look();
          return Promise.resolve();
        },
      })
      .catch(fail);
  });
  return {
    reached: async (offset) =>
      new Promise((done) => {
        const finish = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
          done();
        };
        const look = (): void => {
          if (next > offset) finish();
        };
        const timer = setTimeout(finish, reachMs);
        waiting.add(look);
        look();
      }),
    stop: async () => consumer.disconnect(),
  };
}

/** The writer whose settings are in force here once they are written. */
export function settledWriter<Writer extends Pick<LogWriter, "setting">>(
  writer: Writer,
  following: Pick<Following, "reached">,
): Writer {
  return {
    ...writer,
    setting: async (key, value) => {
      const offset = await writer.setting(key, value);
      await following.reached(offset);
      return offset;
    },
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
