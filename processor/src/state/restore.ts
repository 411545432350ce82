/**
 * `state restore`: RedisClient and ClickHouse as a backup holds them. Processor and
 * historian are stopped meanwhile; started again, they go on at the cut and
 * catch up from the log.
 */
import { join } from "node:path";
import { groupName, logPartitions, topicNames } from "@riskwall/schemas/names";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import type { Admin, LogBounds } from "../io/kafka.ts";
import type { Areas } from "./areas.ts";
import type { HistoryCopy } from "./history-copy.ts";
import {
  BackupUnusable,
  readManifest,
  stateFile,
  tableFile,
  type Manifest,
} from "./manifest.ts";
import { loadStateFile } from "./state-file.ts";

/** Something is in the way: said before anything is changed. */
export class RestoreRefused extends Error {}

export interface RestoreDeps {
  readonly namespace: string;
  readonly cluster: string;
  readonly redis: RedisClient;
  readonly areas: Areas;
  readonly history: HistoryCopy;
  readonly admin: Pick<Admin, "describeGroups">;
  readonly bounds: (topic: string) => Promise<ReadonlyMap<number, LogBounds>>;
}

async function checkStopped(deps: RestoreDeps): Promise<void> {
  const names = ["processor", "historian"];
  const ids = names.map((name) => groupName(deps.namespace, name));
  const { groups } = await deps.admin.describeGroups(ids);
  const running = names.filter((_, i) => (groups[i]?.members.length ?? 0) > 0);
  if (running.length === 0) return;
  throw new RestoreRefused(`stop first: ${running.join(", ")}`);
}

async function checkLog(deps: RestoreDeps, manifest: Manifest): Promise<void> {
  const { namespace, cluster, cut } = manifest;
  if (namespace !== deps.namespace || cluster !== deps.cluster) {
    const text = `the backup is of namespace ${namespace} on cluster ${cluster}`;
    throw new BackupUnusable(text);
  }
  const bounds = await deps.bounds(topicNames(namespace).events);
  for (const [partition, next] of cut.entries()) {
    const { low, high } = bounds.get(partition) ?? { low: 0, high: 0 };
    if (low <= next && next <= high) continue;
    const text = `partition ${String(partition)}: the backup ends at ${String(next)}, the log holds ${String(low)} to ${String(high)}`;
    throw new BackupUnusable(text);
  }
}

async function clearTarget(deps: RestoreDeps, replace: boolean): Promise<void> {
  const partitions = [...Array(logPartitions).keys()];
  const nexts = await Promise.all(
    partitions.map(async (partition) => deps.areas.next(partition, "live")),
  );
  const held = nexts.some((next) => next !== null);
  if (!replace && (held || (await deps.history.rows()) > 0)) {
    const text = "Redis or ClickHouse hold this namespace: --replace drops it";
    throw new RestoreRefused(text);
  }
  for (const partition of partitions) {
    await deps.areas.clear(partition, "live");
    await deps.areas.clear(partition, "rebuild");
  }
  await deps.history.drop();
}

async function restoreHistory(
  { history }: RestoreDeps,
  folder: string,
  manifest: Manifest,
): Promise<void> {
  await history.migrate();
  for (const [table, rows] of Object.entries(manifest.tables)) {
    const found = await history.load(table, join(folder, tableFile(table)));
    if (found === rows) continue;
    const text = `${table}: ${String(found)} rows instead of ${String(rows)}`;
    throw new BackupUnusable(text);
  }
  await history.savePlans(manifest.plans);
}

async function restoreState(
  { redis, areas, namespace }: RestoreDeps,
  folder: string,
  manifest: Manifest,
): Promise<void> {
  for (const [partition, next] of manifest.cut.entries()) {
    const path = join(folder, stateFile(partition));
    const subjects = await loadStateFile(redis, namespace, partition, path);
    if (subjects !== manifest.subjects[partition]) {
      throw new BackupUnusable(`${path}: ${String(subjects)} subjects`);
    }
    if (next === 0) continue;
    const answer = await areas.promote(partition, next);
    if (answer === "OK") continue;
    const text = `partition ${String(partition)} is taken meanwhile (${answer})`;
    throw new RestoreRefused(text);
  }
}

/** Restores a namespace from a folder. Checks everything before it changes anything. */
export async function restore(
  deps: RestoreDeps,
  folder: string,
  options: { readonly replace: boolean },
): Promise<Manifest> {
  const manifest = await readManifest(folder);
  await checkLog(deps, manifest);
  await checkStopped(deps);
  await clearTarget(deps, options.replace);
  await restoreHistory(deps, folder, manifest);
  await restoreState(deps, folder, manifest);
  return manifest;
}
