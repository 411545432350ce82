/**
 * An import: read and check every row, sort by customer and time on disk, send
 * piece by piece. The path in order: `readPhase`, then `sendPhase`.
 */
import { recordsOf, sift, type AcceptDeps } from "../accept.ts";
import { parseEvent, type ParseContext } from "../core/parse-event.ts";
import { doorId } from "../io/door.ts";
import type { ImportState, Plan, Progress } from "./import-state.ts";
import { createMapRow } from "./map-row.ts";
import type { Mapping } from "./mapping.ts";
import { readRows } from "./read-rows.ts";
import { createRejectsFile, type RejectsFile } from "./rejects-file.ts";
import { createRunWriter, mergeRuns, type Entry } from "./sorted-runs.ts";

/** Events of one append at most. */
export const pieceMaxEvents = 2000;

/** Hears how far the import is. */
export interface ImportWatcher {
  readonly onBytes: (bytes: number) => void;
  readonly onPlan: (plan: Plan, done: number) => void;
  readonly onSent: (events: number) => void;
  /** True when the user asked to stop; the piece being sent is finished. */
  readonly stopping: () => boolean;
}

export interface ImportDeps extends AcceptDeps {
  readonly context: () => ParseContext;
  /** Waits so that the rate stays below the one asked for. */
  readonly pace: (events: number) => Promise<void>;
  readonly watcher: ImportWatcher;
}

export interface ImportResult {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly rejects: string;
  readonly rows: number;
  readonly rounded: number;
  /** False when it was stopped: run it again to go on. */
  readonly finished: boolean;
  readonly floors: Readonly<Record<string, number>>;
}

/** Runs an import from wherever it stands. Throws `LogUnavailable`. */
export async function runImport(
  file: string,
  mapping: Mapping,
  state: ImportState,
  deps: ImportDeps,
): Promise<ImportResult | null> {
  const before = state.plan() === null ? null : state.progress();
  if (before?.finished === true) {
    // All of it was acknowledged before: nothing is sent again.
    return sumUp(state, {
      ...before,
      accepted: 0,
      duplicates: before.accepted + before.duplicates,
    });
  }
  const plan = state.plan() ?? (await readPhase(file, mapping, state, deps));
  if (plan === null) return null;
  deps.watcher.onPlan(plan, state.progress().done);
  return sumUp(state, await sendPhase(plan, state, deps));
}

function sumUp(state: ImportState, progress: Progress): ImportResult | null {
  const plan = state.plan();
  if (plan === null) return null;
  return {
    accepted: progress.accepted,
    duplicates: progress.duplicates,
    rejected: plan.rejected,
    rejects: state.rejectsFile,
    rows: plan.rows,
    rounded: plan.rounded,
    finished: progress.finished,
    floors: plan.floors,
  };
}

/** Reads the file into sorted runs; null when it was stopped on the way. */
async function readPhase(
  file: string,
  mapping: Mapping,
  state: ImportState,
  deps: ImportDeps,
): Promise<Plan | null> {
  state.clear();
  const rejects = createRejectsFile(state.rejectsFile);
  const runs = createRunWriter(state.folder);
  const mapRow = createMapRow(mapping);
  const context = deps.context();
  const floors: Record<string, number> = {};
  const sums = { rows: 0, events: 0, rounded: 0 };
  for await (const item of readRows(file, mapping, deps.watcher.onBytes)) {
    if (deps.watcher.stopping()) {
      await rejects.close();
      return null;
    }
    const { line, raw } = item;
    if (item.kind === "refused") {
      const { code, message } = item;
      await rejects.add({ line, eventId: null, code, path: "", message, raw });
      continue;
    }
    sums.rows += 1;
    const mapped = mapRow(item.values, item.row);
    for (const [index, { json, rounded }] of mapped.entries()) {
      sums.rounded += rounded;
      const parsed = parseEvent(json, context);
      if (parsed.kind === "problem") {
        const { id: eventId, problem } = parsed;
        await rejects.add({ line, eventId, ...problem, raw });
        continue;
      }
      const time = parsed.kind === "fx" ? context.now : parsed.value.time;
      const customer = parsed.kind === "fx" ? "" : parsed.value.customerId;
      floors[parsed.source] = Math.max(floors[parsed.source] ?? 0, time);
      runs.add([customer, time, item.row, index, json]);
      sums.events += 1;
    }
  }
  return closeReading(rejects, runs.finish(), sums, floors, state);
}

async function closeReading(
  rejects: RejectsFile,
  runs: number,
  sums: Pick<Plan, "rows" | "events" | "rounded">,
  floors: Plan["floors"],
  state: ImportState,
): Promise<Plan> {
  await rejects.close();
  const plan = { ...sums, runs, rejected: rejects.count(), floors };
  state.savePlan(plan);
  return plan;
}

async function* pieces(
  entries: AsyncIterable<Entry>,
  skip: number,
  firstTo: number | null,
): AsyncGenerator<Entry[]> {
  let at = 0;
  let piece: Entry[] = [];
  // A piece that was cut short is cut again at the same place.
  let end = firstTo ?? skip + pieceMaxEvents;
  for await (const entry of entries) {
    at += 1;
    if (at <= skip) continue;
    piece.push(entry);
    if (at < end) continue;
    yield piece;
    piece = [];
    end = at + pieceMaxEvents;
  }
  if (piece.length > 0) yield piece;
}

async function sendPhase(
  plan: Plan,
  state: ImportState,
  deps: ImportDeps,
): Promise<Progress> {
  let progress = state.progress();
  const { pending, done } = progress;
  const entries = mergeRuns(state.folder, plan.runs);
  for await (const piece of pieces(entries, done, pending?.to ?? null)) {
    if (deps.watcher.stopping()) return progress;
    progress = await sendPiece(piece, progress, state, deps);
    deps.watcher.onSent(piece.length);
    await deps.pace(piece.length);
  }
  const finished = { ...progress, pending: null, finished: true };
  state.saveProgress(finished);
  state.dropRuns();
  return finished;
}

async function sendPiece(
  piece: readonly Entry[],
  before: Progress,
  state: ImportState,
  deps: ImportDeps,
): Promise<Progress> {
  const context = deps.context();
  const events = piece.map((entry, index) => {
    const parsed = parseEvent(entry[4], context);
    if (parsed.kind === "problem") {
      // It passed when it was read, and time only makes it older.
      throw new Error(`checked event is refused now: ${parsed.problem.code}`);
    }
    return { index, event: parsed, mark: doorId(parsed.source, parsed.id) };
  });
  let repeated = before.pending?.repeated;
  if (repeated === undefined) {
    const sifted = await sift(events, deps.door);
    repeated = sifted.repeated.map(({ index }) => index);
    const pending = { to: before.done + piece.length, repeated };
    state.saveProgress({ ...before, pending });
  }
  const skip = new Set(repeated);
  const fresh = events.filter(({ index }) => !skip.has(index));
  await deps.appender.append(
    fresh.flatMap(({ event }) => recordsOf(event, deps.encoder)),
  );
  await deps.door.mark(fresh.map(({ mark }) => mark));
  const after: Progress = {
    done: before.done + piece.length,
    accepted: before.accepted + fresh.length,
    duplicates: before.duplicates + skip.size,
    pending: null,
    finished: false,
  };
  state.saveProgress(after);
  return after;
}
