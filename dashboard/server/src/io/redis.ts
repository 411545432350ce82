/** What the dashboard reads of the present: states, totals, positions. */
import {
  logPartitions,
  partitionKeys,
  totalFields,
  type TotalField,
} from "@riskwall/schemas/names";
import {
  decodeHead,
  decodeState,
  type StateHead,
} from "@riskwall/schemas/state";
import type { CustomerState } from "@riskwall/schemas";
import { Redis } from "ioredis";
import { partitionOf } from "./kafka.ts";

export function connectRedis(url: string): Redis {
  return new Redis(url, {
    maxRetriesPerRequest: 1,
    commandTimeout: 5000,
    retryStrategy: (times) => Math.min(1000, 50 * times),
  });
}

export type Totals = Readonly<Record<TotalField, number>>;

export interface PartitionPlace {
  readonly partition: number;
  readonly next: number;
  readonly logTime: number;
  readonly rulesVersion: number;
}

export interface Present {
  totals: () => Promise<Totals>;
  places: () => Promise<PartitionPlace[]>;
  heads: (ids: readonly string[]) => Promise<StateHead[]>;
  state: (id: string) => Promise<CustomerState | null>;
  /** All customer ids of a partition. */
  ids: (partition: number) => Promise<string[]>;
}

const partitions = Array.from({ length: logPartitions }, (_, p) => p);

export function createPresent(redis: Redis, namespace: string): Present {
  const keysOf = (p: number): ReturnType<typeof partitionKeys> =>
    partitionKeys(namespace, p);
  const stateKey = (id: string): string => keysOf(partitionOf(id)).customer(id);
  return {
    totals: async () => {
      const rows = await Promise.all(
        partitions.map((p) => redis.hgetall(keysOf(p).totals)),
      );
      const sums = {} as Record<TotalField, number>;
      for (const name of totalFields) {
        sums[name] = rows.reduce((sum, row) => sum + Number(row[name] ?? 0), 0);
      }
      return sums;
    },
    places: async () =>
      Promise.all(
        partitions.map(async (partition) => {
          const [next, logTime, rules] = await redis.hmget(
            keysOf(partition).meta,
            "next",
            "T",
            "ruleset",
          );
          return {
            partition,
            next: Number(next ?? 0),
            logTime: Number(logTime ?? 0),
            rulesVersion: Number(rules ?? 0),
          };
        }),
      ),
    heads: async (ids) => {
      if (ids.length === 0) return [];
      const rows = await redis.mgetBuffer(...ids.map(stateKey));
      return rows.flatMap((bytes) => (bytes === null ? [] : decodeHead(bytes)));
    },
    state: async (id) => {
      const bytes = await redis.getBuffer(stateKey(id));
      return bytes === null ? null : decodeState(bytes);
    },
    ids: async (partition) => redis.zrange(keysOf(partition).all, "0", "-1"),
  };
}
