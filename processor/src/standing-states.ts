/** States as they stand in Redis, with what is needed to fold a copy of them. */
import { setImmediate } from "node:timers/promises";
import { logPartitions, partitionKeys } from "@riskwall/schemas/names";
import { partitionOf } from "@riskwall/schemas/partition-of";
import { decodeHead, decodeState } from "@riskwall/schemas/state";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { openCustomer, type Customer } from "./core/customer.ts";
import type { Env } from "./core/env.ts";
import { mapTime } from "./core/partition-register.ts";
import { createPartition } from "./core/partition.ts";
import type { RuleSet } from "./core/rule-set.ts";
import type { StoredGroups } from "./core/groups.ts";
import { parseRegister, readGroups, registerFields } from "./io/redis.ts";
import { parseRuleBody } from "./rule-file.ts";

export interface StandingStatesDeps {
  readonly redis: RedisClient;
  readonly namespace: string;
  readonly shipped: RuleSet;
  readonly now: () => number;
}

export interface StandingPresent {
  readonly env: Env;
  /** Log time now, ms. */
  readonly now: number;
}

export interface Standing extends StandingPresent {
  /** A new copy at each call; null: no such customer. */
  readonly open: () => Customer | null;
}

export interface StandingStates {
  /** In the order of the ids. Rejects when Redis does not answer. */
  read: (customerIds: readonly string[]) => Promise<Standing[]>;
  /** Rules and log time for all customers: those of the first partition. */
  present: () => Promise<StandingPresent>;
}

/** Groups are read again after so long. */
const groupsMaxAgeMs = 1000;

export function createStandingStates(deps: StandingStatesDeps): StandingStates {
  /** Groups of a partition, read at most once in `groupsMaxAgeMs`. */
  const known = new Map<
    number,
    { at: number; groups: Promise<StoredGroups> }
  >();
  const groupsOf = async (partition: number): Promise<StoredGroups> => {
    const kept = known.get(partition);
    if (kept && deps.now() - kept.at < groupsMaxAgeMs) return kept.groups;
    const keys = partitionKeys(deps.namespace, partition);
    const groups = readGroups(deps.redis, keys);
    known.set(partition, { at: deps.now(), groups });
    // What failed is not kept; the caller is told.
    groups.catch(() => known.delete(partition));
    return groups;
  };

  const presentOf = (
    partition: number,
    [text, logTime]: readonly (string | null)[],
    groups: StoredGroups = { groups: {}, book: {} },
  ): StandingPresent => {
    const register = parseRegister(text, logTime);
    const now = Math.max(register.logTime, mapTime(deps.now(), register.clock));
    const env = createPartition({
      partition,
      register,
      subjects: [],
      groups,
      bootstrapRules: deps.shipped,
      parseRules: parseRuleBody,
    }).env();
    return { env, now };
  };

  const readPartition = async (
    partition: number,
    ids: readonly string[],
  ): Promise<(readonly [string, Standing])[]> => {
    const keys = partitionKeys(deps.namespace, partition);
    const [stored, states] = await Promise.all([
      deps.redis.hmget(keys.meta, ...registerFields),
      deps.redis.mgetBuffer(...ids.map(keys.customer)),
    ]);
    const grouped = states.some(
      (bytes) => bytes !== null && decodeHead(bytes).groupId !== null,
    );
    const present = grouped
      ? presentOf(partition, stored, await groupsOf(partition))
      : presentOf(partition, stored);
    return ids.map((id, i) => {
      const bytes = states[i] ?? null;
      const open = (): Customer | null =>
        bytes === null ? null : openCustomer(decodeState(bytes));
      return [id, { ...present, open }];
    });
  };

  return {
    present: async () => {
      const { meta } = partitionKeys(deps.namespace, 0);
      return presentOf(0, await deps.redis.hmget(meta, ...registerFields));
    },
    read: async (customerIds) => {
      const byPartition = Map.groupBy(new Set(customerIds), partitionOf);
      const read = await Promise.all(
        [...byPartition].map(async ([partition, ids]) =>
          readPartition(partition, ids),
        ),
      );
      const found = new Map(read.flat());
      return customerIds.flatMap((id) => found.get(id) ?? []);
    },
  };
}

/** Ids that Redis is asked for at a time, about. */
const scanCount = 500;
/** States between two pauses. */
const pieceStates = 50;

type Source = Pick<StandingStatesDeps, "redis" | "namespace">;

/** Subjects of one partition. */
interface Piece {
  readonly partition: number;
  readonly ids: readonly string[];
}

/**
 * Ids of all subjects, groups and the portfolio among them, in small pieces
 * between which other work goes on. One may come twice while it moves.
 */
export async function* standingIds({
  redis,
  namespace,
}: Source): AsyncGenerator<Piece> {
  for (let partition = 0; partition < logPartitions; partition += 1) {
    const { all } = partitionKeys(namespace, partition);
    let cursor = "0";
    do {
      const [next, rows] = await redis.zscan(all, cursor, "COUNT", scanCount);
      cursor = next;
      // Members and scores in turn.
      const ids = rows.filter((_, i) => i % 2 === 0);
      for (let i = 0; i < ids.length; i += pieceStates) {
        yield { partition, ids: ids.slice(i, i + pieceStates) };
        await setImmediate();
      }
    } while (cursor !== "0");
  }
}

/** All states as they are stored; see `standingIds`. */
export async function* standingBytes(source: Source): AsyncGenerator<Buffer[]> {
  for await (const { partition, ids } of standingIds(source)) {
    const keys = partitionKeys(source.namespace, partition);
    const found = await source.redis.mgetBuffer(...ids.map(keys.customer));
    yield found.flatMap((bytes) => bytes ?? []);
  }
}
