/**
 * Where the product stands: the states of a partition with the position each
 * of them belongs to. Pieces are read in one transaction with `next`, so every
 * piece is whole at its own position while events go on.
 */
import type { CustomerState } from "@riskwall/schemas";
import { isCustomer, partitionKeys } from "@riskwall/schemas/names";
import { decodeState } from "@riskwall/schemas/state";
import type { RedisClient } from "@riskwall/schemas/redis-client";

/** Customers of one transaction. */
const pieceMax = 500;

/** States that hold at `next`: null where the key is missing. */
export interface Piece {
  readonly next: number;
  readonly states: ReadonlyMap<string, CustomerState | null>;
}

export interface Stand {
  readonly partition: number;
  /** Position of the list of customers. */
  readonly listedAt: number;
  readonly listed: ReadonlySet<string>;
  readonly pieces: readonly Piece[];
  /** Offsets that a person let pass. */
  readonly skips: readonly number[];
}

/** Greatest position among what was read. */
export function furthest(stand: Stand): number {
  return Math.max(stand.listedAt, ...stand.pieces.map((piece) => piece.next));
}

type Replies = [Error | null, unknown][] | null;

function reply(replies: Replies, index: number): unknown {
  const [error, value] = replies?.[index] ?? [null, null];
  if (error) throw error;
  return value;
}

function positionOf(value: unknown): number {
  return value === null ? 0 : Number(value);
}

/** Reads a partition's stand. Rejects when Redis does not answer. */
export async function readStand(
  redis: RedisClient,
  namespace: string,
  partition: number,
): Promise<Stand> {
  const keys = partitionKeys(namespace, partition);
  const head = await redis
    .multi()
    .hget(keys.meta, "next")
    .hget(keys.meta, "skip")
    .zrange(keys.all, "0", "-1")
    .exec();
  const skips = reply(head, 1);
  const names = (reply(head, 2) as string[]).filter(isCustomer);
  const pieces: Piece[] = [];
  for (let i = 0; i < names.length; i += pieceMax) {
    const piece = names.slice(i, i + pieceMax);
    const replies = await redis
      .multi()
      .hget(keys.meta, "next")
      .mgetBuffer(...piece.map(keys.customer))
      .exec();
    const values = reply(replies, 1) as (Buffer | null)[];
    pieces.push({
      next: positionOf(reply(replies, 0)),
      states: new Map(
        piece.map((name, at) => {
          const bytes = values[at] ?? null;
          return [name, bytes === null ? null : decodeState(bytes)] as const;
        }),
      ),
    });
  }
  return {
    partition,
    listedAt: positionOf(reply(head, 0)),
    listed: new Set(names),
    pieces,
    skips:
      typeof skips === "string" ? (JSON.parse(skips) as readonly number[]) : [],
  };
}
