/**
 * The fenced commit alone, in turn with pipelined SET of as many bytes by
 * redis-benchmark: states stored per second by each.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { logPartitions, totalFields } from "@riskwall/schemas/names";
import { emptyRegister } from "../../processor/src/core/partition-register.ts";
import { emptySums } from "../../processor/src/core/slot.ts";
import {
  connectRedis,
  createStateStore,
} from "../../processor/src/io/redis.ts";
import type {
  StateStore,
  StoredSubject,
} from "../../processor/src/io/ports.ts";
import { stack } from "../support/stack.ts";
import { withNamespace } from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import { roundsOf, type Figure } from "./figure.ts";
import { nowMs } from "./paced.ts";

const run = promisify(execFile);

const stateBytes = 700;
/** States of one commit, as of a full sub-batch of the processor. */
const statesPerCommit = 500;
const subjectsPerPartition = 2000;
const rounds = 3;
const pipelined = 64;

/** Commits a partition's sub-batches one after the other. */
async function commitPartition(
  store: StateStore,
  partition: number,
  commits: number,
): Promise<void> {
  const { lease, next } = await store.claim(partition, "bench");
  const bytes = Buffer.alloc(stateBytes, 7);
  for (let i = 0; i < commits; i += 1) {
    const from = (next ?? 0) + i * statesPerCommit;
    const answer = await store.commit({
      ...{ partition, lease, cluster: "bench", logic: 1 },
      from: i === 0 ? next : from,
      to: from + statesPerCommit,
      tail: { offset: from + statesPerCommit - 1, hash: "0".repeat(32) },
      register: emptyRegister(),
      subjects: Array.from(
        { length: statesPerCommit },
        (_, n): StoredSubject => ({
          subject: `C-${String((from + n) % subjectsPerPartition)}`,
          ...{ bytes, wake: from + n, score: 600 },
        }),
      ),
      sums: { ...emptySums(), totals: totalFields.map(() => 1) },
    });
    if (answer !== "OK") throw new Error(`the commit was answered ${answer}`);
  }
}

/** States stored per second, all partitions side by side on one connection. */
async function commitRate(namespace: string, states: number): Promise<number> {
  const redis = connectRedis(stack().redisUrl);
  const store = createStateStore(redis, namespace);
  const commits = Math.ceil(states / statesPerCommit / logPartitions);
  const started = nowMs();
  await Promise.all(
    Array.from({ length: logPartitions }, async (_, partition) =>
      commitPartition(store, partition, commits),
    ),
  );
  const seconds = (nowMs() - started) / 1000;
  redis.disconnect();
  return (commits * statesPerCommit * logPartitions) / seconds;
}

/** SET per second; null where the program is absent. */
async function setRate(states: number): Promise<number | null> {
  const { hostname, port } = new URL(stack().redisUrl);
  try {
    const { stdout } = await run("redis-benchmark", [
      ...["-h", hostname, "-p", port, "-P", String(pipelined), "--csv"],
      ...["-t", "set", "-d", String(stateBytes)],
      ...[
        "-n",
        String(states),
        "-r",
        String(subjectsPerPartition * logPartitions),
      ],
    ]);
    const rate = /^"SET","([\d.]+)"/m.exec(stdout)?.[1];
    if (rate === undefined) throw new Error(`redis-benchmark said ${stdout}`);
    return Number(rate);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

export const commitScript: Benchmark = {
  name: "commit",
  run: async ({ full }) => {
    const states = full ? 1_000_000 : 200_000;
    return withNamespace(async ({ namespace }) => {
      await commitRate(namespace, states / 10);
      const commits: number[] = [];
      const sets: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        commits.push(await commitRate(namespace, states));
        const rate = await setRate(states);
        if (rate !== null) sets.push(rate);
      }
      const own = roundsOf(commits);
      const what = `SET/s, redis-benchmark -P ${String(pipelined)}`;
      const note = `${String(statesPerCommit)} states of ${String(stateBytes)} B a commit, ${String(logPartitions)} partitions side by side, in turn with redis-benchmark, ${String(rounds)} rounds`;
      const figure: Figure = {
        name: "fenced commits alone",
        ...{ ...own, unit: "states/s", note },
      };
      if (sets.length === 0) {
        const absent = `${note}; redis-benchmark is absent`;
        return [{ ...figure, note: absent }];
      }
      const limit = { what, value: roundsOf(sets).value };
      return [
        { ...figure, limit },
        {
          name: "fenced commits against SET",
          value: (own.value / limit.value) * 100,
          unit: "%",
          target: { atLeast: 60 },
        },
      ];
    });
  },
};
