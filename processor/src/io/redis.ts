/** State store on Redis: claim, load and the one fenced commit. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  partitionKeys,
  totalFields,
  type PartitionKeys,
  type StateArea,
} from "@riskwall/schemas/names";
import { openRedis, type RedisClient } from "@riskwall/schemas/redis-client";
import type { StoredGroups } from "../core/groups.ts";
import {
  emptyRegister,
  skipsMax,
  type PartitionCounts,
  type PartitionRegister,
} from "../core/partition-register.ts";
import type { Claimed, Commit, CommitAnswer, StateStore } from "./ports.ts";

/** Subjects loaded by one MGET at most. */
const loadPiece = 1000;

/** A script beside this file, or of a path from here, sent whole only where Redis does not know it. */
export function script(
  redis: RedisClient,
  name: string,
): (
  keys: readonly string[],
  args: readonly (string | Buffer)[],
) => Promise<unknown> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const text = readFileSync(path, "utf8");
  const sha = createHash("sha1").update(text).digest("hex");
  return async (keys, args) => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!String(error).includes("NOSCRIPT")) throw error;
      return redis.eval(text, keys.length, ...keys, ...args);
    }
  };
}

/** A client that queues nothing while Redis is away: callers repeat. */
export function connectRedis(url: string): RedisClient {
  return openRedis(url, {
    maxRetriesPerRequest: 1,
    commandTimeout: 5000,
    retryStrategy: (times) => Math.min(1000, 50 * times),
  });
}

function flat(pairs: readonly (string | Buffer)[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    out[String(pairs[i])] = String(pairs[i + 1]);
  }
  return out;
}

/** Fields of `…:meta` that a register is read from. */
export const registerFields = ["register", "T"] as const;

/**
 * Register as stored in `…:meta`: field `register`, its log time in `T`, what
 * nearly every record changes in `counts`.
 */
export function parseRegister(
  text: string | null | undefined,
  logTime?: string | null,
  counts?: string | null,
): PartitionRegister {
  if (text === null || text === undefined) return emptyRegister();
  // Written by `commit` below and by nothing else.
  const stored = JSON.parse(text) as Partial<PartitionRegister>;
  const time = Number(logTime ?? stored.logTime ?? 0);
  const register = { ...emptyRegister(), ...stored, logTime: time };
  if (counts === null || counts === undefined) return register;
  return { ...register, counts: JSON.parse(counts) as PartitionCounts };
}

function parseSkips(text: string | null): readonly number[] {
  // Written by `addSkip` and by nothing else.
  return text === null ? [] : (JSON.parse(text) as readonly number[]);
}

/**
 * A register as it was committed under a lease. Almost no record changes it,
 * and the rule set in it is long: that is compared, not made into text again.
 */
interface Written {
  readonly lease: string;
  readonly rulesBody: string;
  /** All but `rulesBody`, `logTime` and `counts`. */
  readonly rest: string;
}

const apart = { logTime: undefined, counts: undefined };

function writtenOf(lease: string, register: PartitionRegister): Written {
  const { rulesBody } = register;
  const rest = JSON.stringify({ ...register, ...apart, rulesBody: undefined });
  return { lease, rulesBody, rest };
}

function registerText(register: PartitionRegister): string {
  return JSON.stringify({ ...register, ...apart });
}

export function createStateStore(
  redis: RedisClient,
  namespace: string,
  area: StateArea = "live",
): StateStore {
  const runClaim = script(redis, "./claim.lua");
  /** Per partition: what its register was when it was last committed. */
  const written = new Map<number, Written>();
  const runCommit = script(redis, "./commit.lua");
  return {
    claim: async (partition, member) => {
      const keys = partitionKeys(namespace, partition, area);
      const lease = randomBytes(16).toString("hex");
      const meta = flat(
        (await runClaim([keys.meta], [lease, member])) as string[],
      );
      return { lease, ...(await readClaim(redis, keys, meta)) };
    },
    load: async (partition, subjects) => {
      const keys = partitionKeys(namespace, partition, area);
      const out: (Buffer | null)[] = [];
      for (let i = 0; i < subjects.length; i += loadPiece) {
        const piece = subjects.slice(i, i + loadPiece).map(keys.customer);
        out.push(...(await redis.mgetBuffer(...piece)));
      }
      return out;
    },
    skips: async (partition) => {
      const { meta } = partitionKeys(namespace, partition, area);
      return parseSkips(await redis.hget(meta, "skip"));
    },
    addSkip: async (partition, offset) => {
      const { meta } = partitionKeys(namespace, partition, area);
      const [next = null, skip = null] = await redis.hmget(
        meta,
        "next",
        "skip",
      );
      const all = new Set([...parseSkips(skip), offset]);
      const kept = [...all].slice(-skipsMax);
      await redis.hset(meta, "skip", JSON.stringify(kept));
      return next === null ? null : Number(next);
    },
    commit: async (commit) => {
      const { partition, lease, register } = commit;
      const names = partitionKeys(namespace, partition, area);
      const now = writtenOf(lease, register);
      const last = written.get(partition);
      const isKnown =
        last?.lease === lease &&
        last.rest === now.rest &&
        last.rulesBody === now.rulesBody;
      const text = isKnown ? null : registerText(register);
      const { keys, args } = toScript(commit, names, text);
      const answer = String(await runCommit(keys, args)) as CommitAnswer;
      if (answer === "OK" || answer === "DONE") written.set(partition, now);
      return answer;
    },
  };
}

/** Both hashes of a partition's groups. */
export async function readGroups(
  redis: RedisClient,
  keys: Pick<PartitionKeys, "groups" | "book">,
): Promise<StoredGroups> {
  const [groups, book] = await Promise.all([
    redis.hgetall(keys.groups),
    redis.hgetall(keys.book),
  ]);
  return { groups, book };
}

async function readClaim(
  redis: RedisClient,
  keys: PartitionKeys,
  meta: Readonly<Record<string, string>>,
): Promise<Omit<Claimed, "lease">> {
  const wakes = new Map<string, number>();
  const rows = await redis.zrange(keys.wake, "0", "-1", "WITHSCORES");
  for (let i = 0; i + 1 < rows.length; i += 2) {
    wakes.set(rows[i] ?? "", Number(rows[i + 1]));
  }
  const names = await redis.zrange(keys.all, "0", "-1");
  const { next, tail, cluster, logic, skip } = meta;
  return {
    next: next === undefined ? null : Number(next),
    tail:
      tail === undefined
        ? null
        : (JSON.parse(tail) as { offset: number; hash: string }),
    cluster: cluster ?? null,
    logic: logic === undefined ? null : Number(logic),
    register: parseRegister(meta["register"], meta["T"], meta["counts"]),
    skips: parseSkips(skip ?? null),
    subjects: names.map((name) => [name, wakes.get(name) ?? 0] as const),
    groups: await readGroups(redis, keys),
  };
}

function toScript(
  commit: Commit,
  names: PartitionKeys,
  registerText: string | null,
): { keys: string[]; args: (string | Buffer)[] } {
  const stores = commit.subjects.filter((item) => item.bytes !== null);
  const erased = commit.subjects.filter((item) => item.bytes === null);
  const { meta: metaKey, wake, all, totals, segments } = names;
  const keys = [metaKey, wake, all, totals, segments, names.groups, names.book];
  const { register } = commit;
  const meta: string[] = [
    ...["T", String(register.logTime)],
    ...["tail", JSON.stringify(commit.tail)],
    ...["cluster", commit.cluster],
    ...["logic", String(commit.logic)],
    ...["ruleset", String(register.rulesVersion)],
    ...["fx", String(register.fxVersion)],
    ...["counts", JSON.stringify(register.counts)],
    ...["urgent", String(register.urgent)],
    ...(registerText === null ? [] : ["register", registerText]),
  ];
  const args: (string | Buffer)[] = [
    commit.lease,
    commit.from === null ? "" : String(commit.from),
    String(commit.to),
    String(meta.length / 2),
    ...meta,
    String(stores.length),
  ];
  for (const item of stores) {
    keys.push(names.customer(item.subject));
    args.push(
      item.subject,
      item.bytes ?? "",
      String(item.wake),
      String(item.score),
    );
  }
  args.push(String(erased.length));
  for (const item of erased) {
    keys.push(names.customer(item.subject));
    args.push(item.subject);
  }
  const { sums } = commit;
  const named = totalFields.map((name, i) => [name, sums.totals[i] ?? 0]);
  for (const list of [named, [...sums.segments]]) {
    const changes = list.filter(([, change]) => change !== 0);
    args.push(String(changes.length));
    for (const [name, change] of changes)
      args.push(String(name), String(change));
  }
  for (const changes of [sums.groups, sums.book]) {
    args.push(String(changes.size));
    for (const [name, value] of changes) args.push(name, value ?? "");
  }
  return { keys, args };
}
