/**
 * What an import keeps on disk so that it can be stopped at any moment and run
 * again without counting, or sending, anything twice:
 *
 *   reading   → no plan.json: nothing was sent, a new run reads from the start
 *   sending   → plan.json, sorted runs, progress.json
 *   finished  → progress.json says so; the runs are gone
 */
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const planSchema = z.object({
  rows: z.number(),
  events: z.number(),
  runs: z.number(),
  rejected: z.number(),
  rounded: z.number(),
  /** Greatest event time of each source, ms. */
  floors: z.record(z.string(), z.number()),
});
export type Plan = z.infer<typeof planSchema>;

const progressSchema = z.object({
  /** Entries of the sorted stream that are done. */
  done: z.number(),
  accepted: z.number(),
  duplicates: z.number(),
  /**
   * The piece being sent: written before the append, with the verdict, so that
   * a piece cut short is sent again and counted as it was going to be.
   */
  pending: z
    .object({ to: z.number(), repeated: z.array(z.number()) })
    .nullable(),
  finished: z.boolean(),
});
export type Progress = z.infer<typeof progressSchema>;

export const noProgress: Progress = {
  done: 0,
  accepted: 0,
  duplicates: 0,
  pending: null,
  finished: false,
};

/** Another process works on the same import. */
export class ImportBusy extends Error {
  readonly code = "import_busy";
}

export interface ImportState {
  readonly folder: string;
  readonly rejectsFile: string;
  readonly plan: () => Plan | null;
  readonly progress: () => Progress;
  /** Throws away what a broken reading left. */
  readonly clear: () => void;
  readonly savePlan: (plan: Plan) => void;
  readonly saveProgress: (progress: Progress) => void;
  readonly dropRuns: () => void;
  readonly unlock: () => void;
}

/** Identity of an import: content, mapping and where it goes. */
export async function importKey(
  file: string,
  parts: readonly string[],
): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) {
    // A stream without an encoding gives buffers.
    hash.update(chunk as Buffer);
  }
  for (const part of parts) hash.update(`\u0000${part}`);
  return hash.digest("hex").slice(0, 32);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and of another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function lock(file: string): void {
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, "utf8"));
    if (pid !== process.pid && isAlive(pid)) {
      throw new ImportBusy(`process ${String(pid)} is importing this file`);
    }
    rmSync(file);
  }
  writeFileSync(file, String(process.pid), { flag: "wx" });
}

function save(file: string, value: unknown): void {
  writeFileSync(`${file}.part`, JSON.stringify(value));
  renameSync(`${file}.part`, file);
}

function load<T>(file: string, schema: z.ZodType<T>): T | null {
  if (!existsSync(file)) return null;
  return schema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** Opens, and locks, the state of an import; throws `ImportBusy`. */
export function openImportState(parent: string, key: string): ImportState {
  const folder = join(parent, key);
  mkdirSync(folder, { recursive: true });
  const lockFile = join(folder, "lock");
  lock(lockFile);
  const planFile = join(folder, "plan.json");
  const progressFile = join(folder, "progress.json");
  const runs = (): string[] =>
    readdirSync(folder).filter((name) => name.startsWith("run-"));
  const dropRuns = (): void => {
    for (const name of runs()) rmSync(join(folder, name));
  };
  return {
    folder,
    rejectsFile: join(folder, "rejects.csv"),
    plan: () => load(planFile, planSchema),
    progress: () => load(progressFile, progressSchema) ?? noProgress,
    clear: () => {
      dropRuns();
      for (const file of [planFile, progressFile])
        rmSync(file, { force: true });
    },
    savePlan: (plan) => {
      save(planFile, plan);
    },
    saveProgress: (progress) => {
      save(progressFile, progress);
    },
    dropRuns,
    unlock: () => {
      rmSync(lockFile, { force: true });
    },
  };
}
