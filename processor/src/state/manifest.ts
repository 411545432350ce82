/** What a backup folder holds, and whether it still holds it. */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

/** Written last: a folder without it is no backup. */
export const manifestName = "manifest.json";

/** The folder is no backup, not ours, or damaged. */
export class BackupUnusable extends Error {}

const manifestShape = z.object({
  version: z.literal(1),
  namespace: z.string(),
  /** Cluster id of the log that the positions are of. */
  cluster: z.string(),
  createdAt: z.string(),
  /** First offset of each partition of the log that is not in the backup. */
  cut: z.array(z.number().int().min(0)),
  /** Where the historian goes on: rows of `history_plan`. */
  plans: z.array(
    z.object({
      topic: z.string(),
      partition: z.number(),
      to: z.number(),
      posOffset: z.number(),
      posN: z.number(),
    }),
  ),
  /** Subjects of each partition's file. */
  subjects: z.array(z.number()),
  /** Of all subjects; absent in backups from before there were others. */
  customers: z.number().optional(),
  /** Rows of each table. */
  tables: z.record(z.string(), z.number()),
  /** SHA-256 of each file, hex. */
  files: z.record(z.string(), z.string()),
});
export type Manifest = z.output<typeof manifestShape>;

/** Name of the file of a partition's state. */
export function stateFile(partition: number): string {
  return `state-${String(partition).padStart(2, "0")}.ndjson.gz`;
}

/** Name of the file of a table's rows, in ClickHouse's format Native. */
export function tableFile(table: string): string {
  return `${table}.native.gz`;
}

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Reads the manifest of a folder and checks every file against it. */
export async function readManifest(folder: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    const text = readFileSync(join(folder, manifestName), "utf8");
    manifest = manifestShape.parse(JSON.parse(text));
  } catch (cause) {
    throw new BackupUnusable(`${folder} is no whole backup`, { cause });
  }
  for (const [name, hash] of Object.entries(manifest.files)) {
    const found = await hashFile(join(folder, name)).catch(() => null);
    if (found === hash) continue;
    const what = found === null ? "is missing" : "was changed";
    throw new BackupUnusable(`${join(folder, name)} ${what}`);
  }
  return manifest;
}
