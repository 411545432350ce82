/**
 * `state backup`: RedisClient and ClickHouse cut at one log position per partition,
 * while everything runs. Each partition's state is copied inside Redis in one
 * script; then the historian is waited for, and rows below the cut are saved.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logPartitions, topicNames } from "@riskwall/schemas/names";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import type { StoredPlan } from "../history/tracks.ts";
import type { LogBounds } from "../io/kafka.ts";
import type { Areas } from "./areas.ts";
import { copiedTables, type HistoryCopy } from "./history-copy.ts";
import {
  hashFile,
  manifestName,
  stateFile,
  tableFile,
  type Manifest,
} from "./manifest.ts";
import { writeStateFile } from "./state-file.ts";

/** How long the historian may take to reach the cut. */
const historyMaxMs = 120_000;
const historyAskMs = 300;
/** Outputs of one record are fewer: every output of the record is meant. */
const everyOutput = 2 ** 31 - 1;

/** The folder holds something, or the historian does not come. */
export class BackupRefused extends Error {}

export interface BackupDeps {
  readonly namespace: string;
  readonly cluster: string;
  readonly redis: RedisClient;
  readonly areas: Areas;
  readonly history: HistoryCopy;
  /** What the broker holds of a topic now. */
  readonly bounds: (topic: string) => Promise<ReadonlyMap<number, LogBounds>>;
}

interface HistoryStand {
  /** `topic/partition` → the newest plan, done. */
  readonly plans: ReadonlyMap<string, StoredPlan>;
}

const keyOf = (topic: string, partition: number): string =>
  `${topic}/${String(partition)}`;

/** Asks for the plans until they fit. */
async function awaitHistory(
  deps: BackupDeps,
  fits: (stand: HistoryStand) => boolean,
): Promise<HistoryStand> {
  const began = performance.now();
  while (performance.now() - began < historyMaxMs) {
    const plans = await deps.history.plans();
    const stand = {
      plans: new Map(plans.map((p) => [keyOf(p.topic, p.partition), p])),
    };
    if (plans.every(({ done }) => done) && fits(stand)) return stand;
    await new Promise((go) => setTimeout(go, historyAskMs));
  }
  throw new BackupRefused(
    "history does not reach the log: is the historian up?",
  );
}

/** Where the historian stands in the outputs, before the state is cut. */
async function outputsBefore(deps: BackupDeps): Promise<HistoryStand> {
  return awaitHistory(deps, () => true);
}

/** True when history holds the log to the cut, and these ends of topics. */
function reaches(
  stand: HistoryStand,
  ends: ReadonlyMap<string, number>,
): boolean {
  return [...ends].every(
    ([key, end]) => (stand.plans.get(key)?.to ?? 0) >= end,
  );
}

async function endsOf(
  deps: BackupDeps,
  cut: readonly number[],
): Promise<ReadonlyMap<string, number>> {
  const topics = topicNames(deps.namespace);
  const { events, scores, alerts, decisions, late, deadletters } = topics;
  const ends = new Map(cut.map((end, p) => [keyOf(events, p), end]));
  for (const topic of [scores, alerts, decisions, late, deadletters]) {
    for (const [partition, { high }] of await deps.bounds(topic)) {
      ends.set(keyOf(topic, partition), high);
    }
  }
  return ends;
}

/**
 * Where a restored historian goes on. Of the outputs: where it stood before
 * the cut, dropping all that belongs to records below the cut.
 */
function plansOf(
  deps: BackupDeps,
  cut: readonly number[],
  before: HistoryStand,
  after: HistoryStand,
): Manifest["plans"] {
  const topics = topicNames(deps.namespace);
  const { events, scores, alerts, decisions, late, deadletters } = topics;
  return cut.flatMap((end, partition) => {
    const to = (stand: HistoryStand, topic: string): number =>
      stand.plans.get(keyOf(topic, partition))?.to ?? 0;
    const none = { posOffset: -1, posN: -1 };
    const taken = end === 0 ? none : { posOffset: end - 1, posN: everyOutput };
    return [
      { topic: events, partition, to: end, ...none },
      { topic: deadletters, partition, to: to(after, deadletters), ...none },
      ...[scores, alerts, decisions, late].map((topic) => ({
        ...{ topic, partition, to: to(before, topic) },
        ...taken,
      })),
    ];
  });
}

/**
 * Copies every partition's state; again where outputs beyond its position are
 * stored already, because the processor is between sending and committing.
 */
async function cutState(
  deps: BackupDeps,
  before: HistoryStand,
): Promise<number[]> {
  const { scores, alerts, decisions, late } = topicNames(deps.namespace);
  const cut: number[] = [];
  for (let partition = 0; partition < logPartitions; partition += 1) {
    const stored = Math.max(
      ...[scores, alerts, decisions, late].map(
        (topic) => before.plans.get(keyOf(topic, partition))?.posOffset ?? -1,
      ),
    );
    const began = performance.now();
    for (;;) {
      await deps.areas.clear(partition, "backup");
      const next = (await deps.areas.snapshot(partition)) ?? 0;
      if (next > stored) {
        cut.push(next);
        break;
      }
      if (performance.now() - began > historyMaxMs) {
        const text = `partition ${String(partition)} stands at ${String(next)}, before outputs of ${String(stored)}: let the processor catch up`;
        throw new BackupRefused(text);
      }
      await new Promise((go) => setTimeout(go, historyAskMs));
    }
  }
  return cut;
}

/** Saves a namespace to an empty folder; the manifest is written last. */
export async function backup(
  deps: BackupDeps,
  folder: string,
): Promise<Manifest> {
  const { namespace, cluster, history } = deps;
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new BackupRefused(`${folder} is not empty`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const before = await outputsBefore(deps);
  const cut = await cutState(deps, before);
  const files: Record<string, string> = {};
  const seal = async (name: string): Promise<void> => {
    files[name] = await hashFile(join(folder, name));
  };
  const subjects: number[] = [];
  let customers = 0;
  for (const partition of cut.keys()) {
    const name = stateFile(partition);
    const path = join(folder, name);
    const file = await writeStateFile(deps.redis, namespace, partition, path);
    subjects.push(file.subjects);
    customers += file.customers;
    await seal(name);
    await deps.areas.clear(partition, "backup");
  }
  const ends = await endsOf(deps, cut);
  const after = await awaitHistory(deps, (stand) => reaches(stand, ends));
  const plans = plansOf(deps, cut, before, after);
  const { deadletters } = topicNames(namespace);
  const letters = [...cut.keys()].map(
    (partition) => after.plans.get(keyOf(deadletters, partition))?.to ?? 0,
  );
  const tables: Record<string, number> = {};
  for (const table of copiedTables) {
    const name = tableFile(table);
    const cuts = { log: cut, letters };
    tables[table] = await history.save(table, cuts, join(folder, name));
    await seal(name);
  }
  const createdAt = new Date().toISOString();
  const manifest: Manifest = {
    ...{ version: 1, namespace, cluster, createdAt },
    ...{ cut, plans, subjects, customers, tables, files },
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  writeFileSync(join(folder, manifestName), text, { mode: 0o600 });
  return manifest;
}
