/**
 * How often signing in was tried. Three counters, each with its own window: a
 * full one pauses until its window ends. The one per user stops guessing from
 * many addresses; an administrator may lift it.
 */
import { createHash } from "node:crypto";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { partAway } from "../problem.ts";

/** Tries per user and address. */
export const attemptsMax = 10;
/** Tries per address, whatever the user. */
export const attemptsPerAddressMax = 50;
/** The window both are counted in. */
export const attemptsWindowS = 300;
/** Wrong tries per user, wherever from, before the user is locked. */
export const attemptsPerUserMax = 40;
/** How long a lock lasts. */
export const lockS = 900;
/** A code of two-factor sign-in counts once: how long it is remembered. */
const codeSeenS = 120;

export interface Attempts {
  /** Counts a try; seconds to wait, or 0. */
  take: (user: string, address: string) => Promise<number>;
  /** A try that was right: forgets what this address did for this user. */
  succeeded: (user: string, address: string) => Promise<void>;
  /** Counts a wrong try of a known user; true when it locked the user. */
  failed: (user: string) => Promise<boolean>;
  isLocked: (user: string) => Promise<boolean>;
  unlock: (user: string) => Promise<void>;
  /** True the first time a code of a user is shown. */
  firstUse: (user: string, code: string) => Promise<boolean>;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function createAttempts(
  redis: RedisClient,
  namespace: string,
): Attempts {
  const tag = `{${namespace}:dash}`;
  const triesKey = (what: string): string => `${tag}:tries:${sha256(what)}`;
  const lockKey = (user: string): string => `${tag}:lock:${sha256(user)}`;

  const count = async (key: string, seconds: number): Promise<number> => {
    const value = await redis.incr(key);
    if (value === 1) await redis.expire(key, seconds);
    return value;
  };

  const take = async (user: string, address: string): Promise<number> => {
    const counters = [
      [triesKey(`${user}\n${address}`), attemptsMax],
      [triesKey(address), attemptsPerAddressMax],
    ] as const;
    for (const [key, max] of counters) {
      const tries = await count(key, attemptsWindowS);
      if (tries > max) return Math.max(1, await redis.ttl(key));
    }
    const wrong = Number((await redis.get(lockKey(user))) ?? "0");
    if (wrong < attemptsPerUserMax) return 0;
    return Math.max(1, await redis.ttl(lockKey(user)));
  };

  const orAway = async <Value>(work: Promise<Value>): Promise<Value> =>
    work.catch((error: unknown) => {
      throw partAway("redis", error);
    });

  return {
    take: async (user, address) => orAway(take(user, address)),
    succeeded: async (user, address) => {
      await orAway(redis.del(triesKey(`${user}\n${address}`)));
    },
    failed: async (user) =>
      (await orAway(count(lockKey(user), lockS))) === attemptsPerUserMax,
    isLocked: async (user) =>
      Number((await orAway(redis.get(lockKey(user)))) ?? "0") >=
      attemptsPerUserMax,
    unlock: async (user) => {
      await orAway(redis.del(lockKey(user)));
    },
    firstUse: async (user, code) => {
      const key = `${tag}:code:${sha256(`${user}\n${code}`)}`;
      return (
        (await orAway(redis.set(key, "1", "EX", codeSeenS, "NX"))) === "OK"
      );
    },
  };
}
