/**
 * The door's memory in Redis: which (source, id) were acknowledged before, and
 * answers to idempotency keys. It counts and saves work; the fold alone
 * guards correctness (architecture 4).
 */
import { createHash } from "node:crypto";
import { doorKeys } from "@riskwall/schemas/names";
import { Redis } from "ioredis";
import type { Logger } from "pino";

/** Ids per bucket; two buckets are kept. */
const bucketMax = 1_000_000;
const idempotencySeconds = 86_400;
const inFlightSeconds = 120;

export function connectRedis(url: string): Redis {
  return new Redis(url, {
    maxRetriesPerRequest: 0,
    commandTimeout: 2000,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(1000, 50 * times),
  });
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

export interface Door {
  /** Which of the ids were acknowledged before; all false when Redis is away. */
  known: (ids: readonly string[]) => Promise<boolean[]>;
  /** Remembers acknowledged ids; failures lose counting only. */
  mark: (ids: readonly string[]) => Promise<void>;
  /** Begins a request under an idempotency key. */
  begin: (
    key: string,
    bodyHash: string,
  ) => Promise<StoredAnswer | "started" | "in-flight" | "mismatch">;
  finish: (
    key: string,
    bodyHash: string,
    answer: StoredAnswer,
  ) => Promise<void>;
  abandon: (key: string) => Promise<void>;
}

/** 8 bytes of a hash as a set member. */
export function doorId(source: string, id: string): string {
  return createHash("sha1")
    .update(`${source}\u0000${id}`)
    .digest("base64")
    .slice(0, 11);
}

export function createDoor(redis: Redis, namespace: string, log: Logger): Door {
  const keys = doorKeys(namespace);
  let bucket = 0;
  const tolerate = async <T>(
    work: () => Promise<T>,
    without: T,
  ): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      log.warn({ error: String(error) }, "door: Redis is away, not counting");
      return without;
    }
  };
  const rotate = async (): Promise<void> => {
    if ((await redis.scard(keys.ids(bucket))) < bucketMax) return;
    bucket = 1 - bucket;
    await redis.del(keys.ids(bucket));
  };
  return {
    known: async (ids) =>
      tolerate(
        async () => {
          if (ids.length === 0) return [];
          const [a, b] = await Promise.all([
            redis.smismember(keys.ids(0), ...ids),
            redis.smismember(keys.ids(1), ...ids),
          ]);
          return ids.map((_, i) => a[i] === 1 || b[i] === 1);
        },
        ids.map(() => false),
      ),
    mark: async (ids) =>
      tolerate(async () => {
        if (ids.length === 0) return;
        await redis.sadd(keys.ids(bucket), ...ids);
        await rotate();
      }, undefined),
    begin: async (key, bodyHash) => {
      const name = keys.idempotency(key);
      const fresh = await redis.set(
        name,
        JSON.stringify({ bodyHash }),
        "EX",
        inFlightSeconds,
        "NX",
      );
      if (fresh === "OK") return "started";
      const text = await redis.get(name);
      if (text === null) return "in-flight";
      const stored = JSON.parse(text) as {
        bodyHash: string;
        answer?: StoredAnswer;
      };
      if (stored.bodyHash !== bodyHash) return "mismatch";
      return stored.answer ?? "in-flight";
    },
    finish: async (key, bodyHash, answer) => {
      const value = JSON.stringify({ bodyHash, answer });
      const name = keys.idempotency(key);
      await redis.set(name, value, "EX", idempotencySeconds);
    },
    abandon: async (key) => {
      await redis.del(keys.idempotency(key));
    },
  };
}
