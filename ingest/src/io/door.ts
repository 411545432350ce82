/**
 * The door's memory in Redis: which (source, id) were acknowledged before, and
 * answers to idempotency keys. It counts and saves work; the fold alone
 * guards correctness (architecture 4).
 */
import { hash } from "node:crypto";
import { doorKeys } from "@riskwall/schemas/names";
import { openRedis, type RedisClient } from "@riskwall/schemas/redis-client";
import type { Logger } from "pino";
import { z } from "zod";

/** Ids of one bucket; two are kept, the older is dropped when both are full. */
export const bucketMax = 1_000_000;
/** Ids of one command at most. */
const commandMaxIds = 2000;
const idempotencySeconds = 86_400;
/** A request in flight that has not been renewed for so long is dead. */
export const inFlightSeconds = 120;

export function connectRedis(url: string): RedisClient {
  return openRedis(url, {
    maxRetriesPerRequest: 0,
    commandTimeout: 2000,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(1000, 50 * times),
  });
}

const stored = z.object({
  hash: z.string().nullable(),
  answer: z.object({ status: z.number(), body: z.string() }).nullable(),
});

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

/** What is known of an idempotency key when a request begins under it. */
export type Begun =
  | { readonly kind: "started" }
  | { readonly kind: "in-flight" }
  | {
      readonly kind: "answered";
      readonly hash: string;
      readonly answer: StoredAnswer;
    };

export interface Door {
  /** Which of the ids were acknowledged before; all false without Redis. */
  readonly known: (ids: readonly string[]) => Promise<readonly boolean[]>;
  /** Remembers acknowledged ids; a failure loses counting only. */
  readonly mark: (ids: readonly string[]) => Promise<void>;
}

/** Requests by idempotency key. All reject when Redis is away. */
export interface RequestMemory {
  readonly begin: (key: string) => Promise<Begun>;
  /** Still at work. */
  readonly renew: (key: string) => Promise<void>;
  readonly finish: (
    key: string,
    hash: string,
    answer: StoredAnswer,
  ) => Promise<void>;
  readonly abandon: (key: string) => Promise<void>;
}

/** 66 bits of a hash: (source, id) as a set member. */
export function doorId(source: string, id: string): string {
  return hash("sha1", `${source}\u0000${id}`, "base64").slice(0, 11);
}

/**
 * The bucket written is the one that is not full; when both are, the older is
 * dropped. The sizes alone say which that is, so any process may do it.
 */
const markScript = `
local max = tonumber(ARGV[1])
local now, other = KEYS[1], KEYS[2]
if redis.call('SCARD', now) >= max then now, other = other, now end
redis.call('SADD', now, unpack(ARGV, 2))
if redis.call('SCARD', now) >= max then redis.call('UNLINK', other) end
return 0`;

function pieces(ids: readonly string[]): string[][] {
  const out: string[][] = [];
  for (let i = 0; i < ids.length; i += commandMaxIds) {
    out.push(ids.slice(i, i + commandMaxIds));
  }
  return out;
}

export function createDoor(
  redis: RedisClient,
  namespace: string,
  log: Pick<Logger, "warn">,
  max: number = bucketMax,
): Door {
  const keys = doorKeys(namespace);
  const buckets = [keys.ids(0), keys.ids(1)] as const;
  const uncounted = (error: unknown): void => {
    log.warn({ error: String(error) }, "door: Redis is away, not counting");
  };
  return {
    known: async (ids) => {
      try {
        const parts = await Promise.all(
          pieces(ids).map(async (part) => {
            const [a, b] = await Promise.all([
              redis.smismember(buckets[0], ...part),
              redis.smismember(buckets[1], ...part),
            ]);
            return part.map((_, i) => a[i] === 1 || b[i] === 1);
          }),
        );
        return parts.flat();
      } catch (error) {
        uncounted(error);
        return ids.map(() => false);
      }
    },
    mark: async (ids) => {
      try {
        for (const part of pieces(ids)) {
          await redis.eval(markScript, 2, ...buckets, max, ...part);
        }
      } catch (error) {
        uncounted(error);
      }
    },
  };
}

export function createRequestMemory(
  redis: RedisClient,
  namespace: string,
): RequestMemory {
  const nameOf = doorKeys(namespace).idempotency;
  const inFlight = JSON.stringify({ hash: null, answer: null });
  return {
    begin: async (key) => {
      const name = nameOf(key);
      const set = await redis.set(name, inFlight, "EX", inFlightSeconds, "NX");
      if (set === "OK") return { kind: "started" };
      const { hash, answer } = stored.parse(
        JSON.parse((await redis.get(name)) ?? inFlight),
      );
      return hash === null || answer === null
        ? { kind: "in-flight" }
        : { kind: "answered", hash, answer };
    },
    renew: async (key) => {
      await redis.expire(nameOf(key), inFlightSeconds);
    },
    finish: async (key, hash, answer) => {
      const value = JSON.stringify({ hash, answer });
      await redis.set(nameOf(key), value, "EX", idempotencySeconds);
    },
    abandon: async (key) => {
      await redis.del(nameOf(key));
    },
  };
}
