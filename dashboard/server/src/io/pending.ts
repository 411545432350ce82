/** What waits a few minutes for its second half: in Redis, taken once. */
import { createHash } from "node:crypto";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { partAway } from "../problem.ts";

export interface Pending {
  put: (
    kind: string,
    id: string,
    value: string,
    seconds: number,
  ) => Promise<void>;
  /** The value, which is gone then; null when there is none. */
  take: (kind: string, id: string) => Promise<string | null>;
}

export function createPending(redis: RedisClient, namespace: string): Pending {
  const keyOf = (kind: string, id: string): string => {
    const hash = createHash("sha256").update(id).digest("hex");
    return `{${namespace}:dash}:${kind}:${hash}`;
  };
  const orAway = async <Value>(work: Promise<Value>): Promise<Value> =>
    work.catch((error: unknown) => {
      throw partAway("redis", error);
    });
  return {
    put: async (kind, id, value, seconds) => {
      await orAway(redis.set(keyOf(kind, id), value, "EX", seconds));
    },
    take: async (kind, id) => orAway(redis.getdel(keyOf(kind, id))),
  };
}
