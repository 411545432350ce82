/**
 * A filled log is folded with the whole product running: from the end of the
 * warm-up to the last commit, or for the longest time that is measured. Then
 * the same log is read by kcat and by an empty kafkajs consumer.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient } from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";
import { stack, waitFor } from "../support/stack.ts";
import {
  hasReached,
  sum,
  withNamespace,
  withProduct,
  type BenchNamespace,
} from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import { roundsOf, type Figure } from "./figure.ts";
import { nowMs } from "./paced.ts";
import {
  byRole,
  cpuBetween,
  ownProcesses,
  productShares,
  type ProcessInfo,
} from "./processes.ts";
import { createTraffic, streamOf } from "./traffic.ts";

const run = promisify(execFile);

interface Scale {
  readonly customers: number;
  /** Records that are measured at most. */
  readonly records: number;
  readonly maxMs: number;
}
const short: Scale = { customers: 10_000, records: 150_000, maxMs: 25_000 };
const long: Scale = { customers: 100_000, records: 900_000, maxMs: 60_000 };
/** Live events per customer that belong to the warm-up. */
const warmEvents = 1;
const readRounds = 3;
const pollMs = 50;
const warmMaxMs = 240_000;
const historyMaxMs = 120_000;
const mebibyte = 1024 * 1024;

/** One look at how far everything is. */
interface Look {
  readonly ms: number;
  readonly committed: number;
  readonly scores: number;
  readonly outputs: number;
  readonly processes: readonly ProcessInfo[];
}

async function look(
  space: BenchNamespace,
  committed: readonly number[],
): Promise<Look> {
  const ms = nowMs();
  const processes = ownProcesses();
  const { scores, alerts, decisions } = space.topics;
  const ends = await Promise.all([scores, alerts, decisions].map(space.ends));
  return {
    ...{ ms, processes, committed: sum(committed) },
    scores: sum(ends[0] ?? []),
    outputs: sum(ends.flat()),
  };
}

/** Polls until `until` holds and looks then. */
async function lookWhen(
  space: BenchNamespace,
  until: (committed: readonly number[]) => boolean,
  timeoutMs: number,
): Promise<Look> {
  const committed = await waitFor(
    async () => {
      const positions = await space.committed();
      return until(positions) ? positions : null;
    },
    { timeoutMs, everyMs: pollMs },
  );
  return look(space, committed);
}

async function measure(
  space: BenchNamespace,
  warmUp: number,
  maxMs: number,
): Promise<{ readonly from: Look; readonly to: Look }> {
  const wanted = await space.ends(space.topics.events);
  const from = await lookWhen(
    space,
    (positions) => sum(positions) >= warmUp,
    warmMaxMs,
  );
  const to = await lookWhen(
    space,
    (positions) => hasReached(positions, wanted) || nowMs() - from.ms >= maxMs,
    maxMs + 10_000,
  );
  return { from, to };
}

/** Waits until the history has so many score changes; answers when, epoch ms. */
async function historyHas(
  space: BenchNamespace,
  scores: number,
): Promise<number> {
  const client = createClient({
    url: stack().clickhouseUrl,
    database: databaseName(space.namespace),
  });
  try {
    return await waitFor(
      async () => {
        const reply = await client.query({
          // Both kinds of record that the topic holds.
          query:
            "SELECT (SELECT count() FROM score_changes) + (SELECT count() FROM limit_changes) AS n",
          format: "JSONEachRow",
        });
        const [row] = await reply.json<{ n: string }>();
        return Number(row?.n ?? "0") >= scores ? nowMs() : null;
      },
      { timeoutMs: historyMaxMs },
    );
  } finally {
    await client.close();
  }
}

/** Records per second of kcat writing to /dev/null and of an empty eachBatch. */
async function readLimits(
  space: BenchNamespace,
): Promise<{ readonly kcat: number[]; readonly kafkajs: number[] }> {
  const topic = space.topics.events;
  const records = sum(await space.ends(topic));
  const kcat: number[] = [];
  const kafkajs: number[] = [];
  const shell = `exec kcat -C -q -e -X fetch.wait.max.ms=10 -b "$1" -t "$2" -o beginning > /dev/null`;
  const broker = stack().brokers[0] ?? "";
  for (let round = 0; round < readRounds; round += 1) {
    const started = nowMs();
    await run("sh", ["-c", shell, "sh", broker, topic]);
    kcat.push(records / ((nowMs() - started) / 1000));
    const { count, seconds } = await space.read(topic, () => undefined);
    kafkajs.push(count / seconds);
  }
  return { kcat, kafkajs };
}

function cpuFigures(from: Look, to: Look): Figure[] {
  const records = to.committed - from.committed;
  const seconds = cpuBetween(from.processes, to.processes);
  const perEvent = new Map(
    [...seconds].map(([role, used]) => [role, (used * 1e6) / records]),
  );
  const { total, text } = productShares(perEvent, 0);
  return [
    {
      name: "CPU per event, all processes",
      ...{ value: total, unit: "µs", note: text },
    },
    {
      name: "CPU per event, processor",
      ...{ value: perEvent.get("processor") ?? 0, unit: "µs" },
      target: { atMost: 25 },
    },
  ];
}

function memoryFigures(to: Look): Figure[] {
  const memory = byRole(to.processes, (info) => info.residentBytes / mebibyte);
  const { total, text } = productShares(memory, 0);
  return [
    {
      name: "resident memory, all processes",
      ...{ value: total, unit: "MiB", note: text },
    },
    {
      name: "resident memory, processor",
      ...{ value: memory.get("processor") ?? 0, unit: "MiB" },
    },
  ];
}

export const throughput: Benchmark = {
  name: "throughput",
  run: async ({ full }) => {
    const scale = full ? long : short;
    return withNamespace(async (space) => {
      const traffic = createTraffic(scale.customers);
      const introduced = await space.fill(traffic.introductions());
      const warm = scale.customers * warmEvents;
      await space.fill(streamOf(traffic, warm + scale.records));
      const { from, to, history } = await withProduct(space, async () => {
        const looks = await measure(space, introduced + warm, scale.maxMs);
        return { ...looks, history: await historyHas(space, looks.to.scores) };
      });
      const limits = await readLimits(space);
      const kafkajs = roundsOf(limits.kafkajs);
      const seconds = (to.ms - from.ms) / 1000;
      const events = to.committed - from.committed;
      const note = `${String(scale.customers)} customers, ${String(events)} events in ${seconds.toFixed(1)} s after a warm-up of ${String(introduced + warm)}`;
      const reads = {
        what: "records/s, kafkajs reading",
        value: kafkajs.value,
      };
      return [
        {
          name: "log to scores, alerts and state",
          value: events / seconds,
          unit: "ev/s",
          target: { atLeast: 15_000 },
          limit: reads,
          note,
        },
        {
          name: "outputs of these events",
          value: to.outputs - from.outputs,
          unit: "records",
          note: "score changes, alerts and decisions appended meanwhile",
        },
        {
          name: "history behind the last of these commits",
          value: (history - to.ms) / 1000,
          unit: "s",
          note: "until ClickHouse has as many score changes as the topic had",
        },
        ...cpuFigures(from, to),
        ...memoryFigures(to),
        {
          name: "kafkajs reading the same log, empty eachBatch",
          ...kafkajs,
          unit: "records/s",
          limit: {
            what: "records/s, kcat to /dev/null",
            value: roundsOf(limits.kcat).value,
          },
          note: `in turn with kcat (its start included), ${String(readRounds)} rounds each`,
        },
      ];
    });
  },
};
