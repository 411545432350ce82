/** The keys of a namespace as they were, to put an older Redis in place. */
import type { Redis } from "ioredis";

export type RedisCopy = ReadonlyMap<string, Buffer>;

async function keysOf(redis: Redis, namespace: string): Promise<string[]> {
  return redis.keys(`{${namespace}:*`);
}

export async function copyRedis(
  redis: Redis,
  namespace: string,
): Promise<RedisCopy> {
  const copy = new Map<string, Buffer>();
  for (const key of await keysOf(redis, namespace)) {
    const bytes = await redis.dumpBuffer(key);
    if (bytes) copy.set(key, bytes);
  }
  return copy;
}

/** Redis as it was: later keys are gone, older values are back, at once. */
export async function restoreRedis(
  redis: Redis,
  namespace: string,
  copy: RedisCopy,
): Promise<void> {
  const now = await keysOf(redis, namespace);
  const change = redis.multi();
  for (const key of now) change.del(key);
  for (const [key, bytes] of copy) change.restore(key, 0, bytes);
  await change.exec();
}
