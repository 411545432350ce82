/**
 * The pipeline without Kafka and Redis: decode, fold, encode outputs and
 * states, in one process, in turn with an empty kafkajs consumer of the same
 * log.
 */
import { logPartitions } from "@riskwall/schemas/names";
import { loadConfig } from "../../processor/src/config.ts";
import { createSink } from "../../processor/src/io/kafka.ts";
import type { OutputSink, StateStore } from "../../processor/src/io/ports.ts";
import {
  foldBatch,
  paceMin,
  type Claim,
  type PipelineDeps,
  type RawRecord,
} from "../../processor/src/pipeline.ts";
import { withNamespace, type BenchNamespace } from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import { roundsOf } from "./figure.ts";
import { createTraffic, streamOf } from "./traffic.ts";
import { freshFold } from "../support/fresh-fold.ts";

const rounds = 3;
const cachedPerPartition = Math.ceil(
  loadConfig({}).cacheCustomers / logPartitions,
);

/** Keeps states as Redis would, without a lease to lose. */
function memoryStore(): StateStore {
  const states = new Map<string, Buffer>();
  const absent = async (): Promise<never> =>
    Promise.reject(new Error("only a partition's owner asks that"));
  return {
    claim: absent,
    addSkip: absent,
    skips: async () => Promise.resolve([]),
    load: async (_, subjects) =>
      Promise.resolve(subjects.map((subject) => states.get(subject) ?? null)),
    commit: async ({ subjects }) => {
      for (const { subject, bytes } of subjects) {
        if (bytes === null) states.delete(subject);
        else states.set(subject, bytes);
      }
      return Promise.resolve("OK");
    },
  };
}

function depsOf(space: BenchNamespace): PipelineDeps {
  const { codec, kafka, namespace } = space;
  const { encode } = createSink(kafka.producer(), codec, namespace);
  const sink: OutputSink = { encode, send: async () => Promise.resolve() };
  return {
    ...{ store: memoryStore(), sink, codec },
    batchRecords: loadConfig({}).batchRecords,
    cachePerPartition: cachedPerPartition,
    elapsedMs: () => performance.now(),
    onFolded: () => undefined,
    beforeFold: () => undefined,
  };
}

/** Folds a partition from its first record. */
async function foldPartition(
  deps: PipelineDeps,
  partition: number,
  records: readonly RawRecord[],
): Promise<void> {
  const claim: Claim = {
    ...{ partition, lease: "bench", cluster: "bench", logic: 1 },
    fold: freshFold(partition),
    ...{ slots: new Map(), next: null, pace: paceMin },
  };
  let at = 0;
  while (at < records.length) {
    const piece = records.slice(at, at + deps.batchRecords);
    const once = async <T>(_: string, attempt: () => Promise<T>): Promise<T> =>
      attempt();
    at += (await foldBatch(deps, claim, piece, once)).folded;
  }
}

/** Records per second of a whole log, and CPU µs per record. */
async function foldRate(
  space: BenchNamespace,
  log: readonly (readonly RawRecord[])[],
): Promise<{ readonly rate: number; readonly cpuMicros: number }> {
  const deps = depsOf(space);
  const records = log.reduce((total, part) => total + part.length, 0);
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (const [partition, part] of log.entries()) {
    await foldPartition(deps, partition, part);
  }
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1000;
  return { rate: records / seconds, cpuMicros: (user + system) / records };
}

async function readLog(space: BenchNamespace): Promise<RawRecord[][]> {
  const log = Array.from({ length: logPartitions }, (): RawRecord[] => []);
  await space.read(space.topics.events, ({ batch }) => {
    const rows = batch.messages.map(({ offset, timestamp, value }) => ({
      offset: Number(offset),
      appendedAt: Number(timestamp),
      value,
    }));
    log[batch.partition]?.push(...rows);
  });
  return log;
}

export const foldAlone: Benchmark = {
  name: "fold",
  run: async ({ full }) => {
    const customers = full ? 100_000 : 10_000;
    const events = full ? 900_000 : 100_000;
    return withNamespace(async (space) => {
      const traffic = createTraffic(customers);
      await space.fill(traffic.introductions());
      await space.fill(streamOf(traffic, events));
      const log = await readLog(space);
      await foldRate(space, log.slice(0, 2));
      const folds: number[] = [];
      const cpu: number[] = [];
      const reads: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const { rate, cpuMicros } = await foldRate(space, log);
        folds.push(rate);
        cpu.push(cpuMicros);
        const read = await space.read(space.topics.events, () => undefined);
        reads.push(read.count / read.seconds);
      }
      const own = roundsOf(folds);
      const limit = {
        what: "records/s, kafkajs reading",
        value: roundsOf(reads).value,
      };
      return [
        {
          name: "decode, fold, encode in memory",
          ...{ ...own, unit: "ev/s", limit },
          note: `${String(customers)} customers, ${String(events)} events after their introductions, ${String(rounds)} rounds in turn with kafkajs; two partitions of warm-up left out`,
        },
        {
          name: "the same against kafkajs reading",
          value: (own.value / limit.value) * 100,
          unit: "%",
          target: { atLeast: 10 },
        },
        {
          name: "the same, CPU per event",
          ...{ ...roundsOf(cpu), unit: "µs" },
        },
      ];
    });
  },
};
