/** What the dashboard reads of the present, from Redis. */
import type { CustomerState } from "@riskwall/schemas";
import { logPartitions, partitionKeys } from "@riskwall/schemas/names";
import {
  decodeHead,
  decodeState,
  type StateHead,
} from "@riskwall/schemas/state";
import { openRedis, type RedisClient } from "@riskwall/schemas/redis-client";
import { z } from "zod";
import type { Scale } from "../core/customer-row.ts";
import type { RawSums } from "../core/portfolio-view.ts";
import { partAway } from "../problem.ts";
import { partitionOf } from "@riskwall/schemas/partition-of";

export function connectRedis(url: string): RedisClient {
  return openRedis(url, {
    maxRetriesPerRequest: 1,
    commandTimeout: 5000,
    retryStrategy: (times) => Math.min(1000, 50 * times),
  });
}

export interface Place {
  readonly partition: number;
  readonly next: number;
  /** Log time of the partition, ms; simulated in a simulated namespace. */
  readonly logTime: number;
  readonly rulesVersion: number;
}

/** What the rule set in force says about reading states. */
export interface Reading {
  readonly scale: Scale;
  /** True when log time is not the wall's time. */
  readonly simulated: boolean;
}

/** Sums of one partition as its last commit left them. */
export interface PartSums {
  readonly partition: number;
  readonly next: number;
  readonly totals: RawSums;
}

export interface Present {
  /** Integer sums of each partition, with the position they were cut at. */
  sums: () => Promise<PartSums[]>;
  places: () => Promise<Place[]>;
  reading: () => Promise<Reading>;
  /** Bytes of states, null where there is none, in the order asked. */
  states: (ids: readonly string[]) => Promise<(Buffer | null)[]>;
  heads: (ids: readonly string[]) => Promise<StateHead[]>;
  state: (id: string) => Promise<CustomerState | null>;
  exists: (id: string) => Promise<boolean>;
  /** Next offset of one partition. */
  next: (partition: number) => Promise<number>;
  /** One step over the subjects of a partition; cursor "0" starts and ends. */
  scan: (
    partition: number,
    cursor: string,
    count: number,
  ) => Promise<{ readonly cursor: string; readonly ids: string[] }>;
}

const partitions = Array.from({ length: logPartitions }, (_, p) => p);

/** PD = 1 / (1 + exp((score − offset) / factor)) (domain C3.5). */
export function scaleOf(
  currency: string,
  factor: number,
  offset: number,
): Scale {
  return {
    currency,
    pdOf: (score) => 1 / (1 + Math.exp((score - offset) / factor)),
  };
}

/** Of the rule set shipped with the product: 20:1 at 600, 40 points double. */
export const shippedScale = scaleOf(
  "CNY",
  57.707_801_635_558_54,
  427.122_876_417_783_3,
);

const registerShape = z.object({
  rulesBody: z.string().default(""),
  clock: z.object({ speed: z.number() }).nullable().default(null),
});
const bodyShape = z.object({
  currency: z.string(),
  score: z.object({ factor: z.number(), offset: z.number() }),
});

/** Reads the register of a partition; the shipped scale where it says none. */
export function parseReading(register: string | null): Reading {
  const parsed = registerShape.safeParse(JSON.parse(register ?? "{}"));
  if (!parsed.success) return { scale: shippedScale, simulated: false };
  const { rulesBody, clock } = parsed.data;
  const body = bodyShape.safeParse(
    rulesBody === "" ? null : JSON.parse(rulesBody),
  );
  return {
    scale: body.success
      ? scaleOf(
          body.data.currency,
          body.data.score.factor,
          body.data.score.offset,
        )
      : shippedScale,
    simulated: clock !== null,
  };
}

export function createPresent(redis: RedisClient, namespace: string): Present {
  const keysOf = (p: number): ReturnType<typeof partitionKeys> =>
    partitionKeys(namespace, p);
  const stateKey = (id: string): string => keysOf(partitionOf(id)).customer(id);
  const orAway = async <Value>(work: Promise<Value>): Promise<Value> =>
    work.catch((error: unknown) => {
      throw partAway("redis", error);
    });

  /** One MGET per hash tag, answers in the order asked. */
  const states = async (ids: readonly string[]): Promise<(Buffer | null)[]> => {
    const groups = new Map<number, number[]>();
    for (const [i, id] of ids.entries()) {
      const p = partitionOf(id);
      const group = groups.get(p);
      if (group) group.push(i);
      else groups.set(p, [i]);
    }
    const out: (Buffer | null)[] = ids.map(() => null);
    await Promise.all(
      [...groups.values()].map(async (group) => {
        const keys = group.map((i) => stateKey(ids[i] ?? ""));
        const rows = await redis.mgetBuffer(...keys);
        for (const [k, i] of group.entries()) out[i] = rows[k] ?? null;
      }),
    );
    return out;
  };

  /** Position and sums of one partition belong together: one transaction. */
  const cutOf = async (
    meta: string,
    totals: string,
  ): Promise<readonly [string | null, RawSums]> => {
    const rows = await redis.multi().hget(meta, "next").hgetall(totals).exec();
    const [nextError, next] = rows?.[0] ?? [new Error("no answer"), null];
    const [sumsError, sums] = rows?.[1] ?? [new Error("no answer"), null];
    if (nextError ?? sumsError) throw nextError ?? sumsError;
    // Written by the commit script and by nothing else.
    return [next as string | null, sums as RawSums];
  };

  return {
    states: async (ids) => orAway(states(ids)),
    heads: async (ids) => {
      const rows = await orAway(states(ids));
      return rows.flatMap((bytes) =>
        bytes === null ? [] : [decodeHead(bytes)],
      );
    },
    state: async (id) => {
      const bytes = await orAway(redis.getBuffer(stateKey(id)));
      return bytes === null ? null : decodeState(bytes);
    },
    exists: async (id) => (await orAway(redis.exists(stateKey(id)))) === 1,
    sums: async () =>
      orAway(
        Promise.all(
          partitions.map(async (partition) => {
            const { meta, totals } = keysOf(partition);
            const [next, sums] = await cutOf(meta, totals);
            return { partition, next: Number(next ?? 0), totals: sums };
          }),
        ),
      ),
    places: async () =>
      orAway(
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
      ),
    reading: async () =>
      parseReading(await orAway(redis.hget(keysOf(0).meta, "register"))),
    next: async (partition) =>
      Number((await redis.hget(keysOf(partition).meta, "next")) ?? 0),
    scan: async (partition, cursor, count) => {
      const [after, rows] = await redis.zscan(
        keysOf(partition).all,
        cursor,
        "COUNT",
        count,
      );
      return { cursor: after, ids: rows.filter((_, i) => i % 2 === 0) };
    },
  };
}
