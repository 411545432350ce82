/** The live and the rebuilt keys of a partition: read, compared, exchanged. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { partitionKeys, type StateArea } from "@riskwall/schemas/names";
import { decodeState } from "@riskwall/schemas/state";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { script } from "../io/redis.ts";

/** Subjects read in one transaction, or removed at once. */
export const pieceMax = 500;

/** States as they are at `next`, in the order asked for. */
export interface LivePiece {
  /** Null where nothing was ever folded. */
  readonly next: number | null;
  readonly states: readonly (Buffer | null)[];
}

/** `MOVED`: the live state stands elsewhere now; fold on and try again. */
export type Promotion = "OK" | "MOVED" | "OFFSET";

export interface Areas {
  readonly next: (partition: number, area: StateArea) => Promise<number | null>;
  /** Offsets that the live fold was told to pass. */
  readonly skips: (partition: number) => Promise<readonly number[]>;
  readonly subjects: (
    partition: number,
    area: StateArea,
  ) => Promise<readonly string[]>;
  readonly livePiece: (
    partition: number,
    subjects: readonly string[],
  ) => Promise<LivePiece>;
  /** Sums and groups of a partition, zeros left out, at `next` of its area. */
  readonly sums: (
    partition: number,
    area: StateArea,
  ) => Promise<{
    readonly next: number | null;
    readonly sums: ReadonlyMap<string, number | string>;
  }>;
  /** Removes an area, piece by piece. */
  readonly clear: (partition: number, area: StateArea) => Promise<void>;
  /** Copies the live area to `backup` at one position, which it answers. */
  readonly snapshot: (partition: number) => Promise<number | null>;
  /** Voids the claim of whoever holds a partition; answers `next`. */
  readonly fence: (partition: number) => Promise<number | null>;
  /** Makes the rebuilt area, which stands at `next`, the live one. */
  readonly promote: (partition: number, next: number) => Promise<Promotion>;
}

function replyOf(
  replies: readonly [Error | null, unknown][] | null,
  index: number,
): unknown {
  const [error, value] = replies?.[index] ?? [new Error("no answer"), null];
  if (error) throw error;
  return value;
}

const offsetOf = (text: unknown): number | null =>
  typeof text === "string" ? Number(text) : null;

/** True when two encoded states hold the same values. */
export function sameState(a: Buffer | null, b: Buffer | null): boolean {
  if (a === null || b === null) return a === b;
  return a.equals(b) || isDeepStrictEqual(decodeState(a), decodeState(b));
}

export function createAreas(redis: RedisClient, namespace: string): Areas {
  const runPromote = script(redis, "./promote.lua");
  const runSnapshot = script(redis, "./snapshot.lua");
  const keysOf = (partition: number, area: StateArea) =>
    partitionKeys(namespace, partition, area);
  /** Keys and customer prefixes of the live area and another, for a script. */
  const pairOf = (
    partition: number,
    area: StateArea,
  ): { keys: string[]; prefixes: string[] } => {
    const both = [keysOf(partition, "live"), keysOf(partition, area)];
    return {
      keys: both.flatMap((keys) => [
        ...[keys.meta, keys.wake, keys.all],
        ...[keys.totals, keys.segments, keys.groups, keys.book],
      ]),
      prefixes: both.map((keys) => keys.customer("")),
    };
  };
  const subjects: Areas["subjects"] = async (partition, area) =>
    redis.zrange(keysOf(partition, area).all, "0", "-1");
  return {
    subjects,
    next: async (partition, area) =>
      offsetOf(await redis.hget(keysOf(partition, area).meta, "next")),
    skips: async (partition) => {
      const text = await redis.hget(keysOf(partition, "live").meta, "skip");
      // Written by the state store and by nothing else.
      return text === null ? [] : (JSON.parse(text) as readonly number[]);
    },
    livePiece: async (partition, names) => {
      const keys = keysOf(partition, "live");
      const replies = await redis
        .multi()
        .hget(keys.meta, "next")
        .mgetBuffer(...names.map(keys.customer))
        .exec();
      return {
        next: offsetOf(replyOf(replies, 0)),
        states: replyOf(replies, 1) as (Buffer | null)[],
      };
    },
    sums: async (partition, area) => {
      const keys = keysOf(partition, area);
      const replies = await redis
        .multi()
        .hget(keys.meta, "next")
        .hgetall(keys.totals)
        .hgetall(keys.segments)
        .hgetall(keys.groups)
        .hgetall(keys.book)
        .exec();
      const sums = new Map<string, number | string>();
      for (const [index, kind] of [
        [1, "totals"],
        [2, "segments"],
      ] as const) {
        const fields = replyOf(replies, index) as Record<string, string>;
        for (const [name, value] of Object.entries(fields)) {
          if (Number(value) !== 0) sums.set(`${kind} ${name}`, Number(value));
        }
      }
      for (const [index, kind] of [
        [3, "groups"],
        [4, "book"],
      ] as const) {
        const fields = replyOf(replies, index) as Record<string, string>;
        for (const [name, value] of Object.entries(fields)) {
          sums.set(`${kind} ${name}`, value);
        }
      }
      return { next: offsetOf(replyOf(replies, 0)), sums };
    },
    clear: async (partition, area) => {
      const keys = keysOf(partition, area);
      const names = await subjects(partition, area);
      for (let i = 0; i < names.length; i += pieceMax) {
        const piece = names.slice(i, i + pieceMax);
        await redis.unlink(...piece.map(keys.customer));
      }
      const { meta, wake, all, totals, segments, groups, book } = keys;
      await redis.unlink(meta, wake, all, totals, segments, groups, book);
    },
    snapshot: async (partition) => {
      const { keys, prefixes } = pairOf(partition, "backup");
      return offsetOf(await runSnapshot(keys, prefixes));
    },
    fence: async (partition) => {
      const { meta } = keysOf(partition, "live");
      const replies = await redis
        .multi()
        .hset(meta, "lease", randomBytes(16).toString("hex"))
        .hget(meta, "next")
        .exec();
      replyOf(replies, 0);
      return offsetOf(replyOf(replies, 1));
    },
    promote: async (partition, next) => {
      const { keys, prefixes } = pairOf(partition, "rebuild");
      const lease = randomBytes(16).toString("hex");
      const args = [...prefixes, String(next), lease];
      return (await runPromote(keys, args)) as Promotion;
    },
  };
}
