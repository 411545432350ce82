/**
 * `state rebuild`: every partition from offset 0 of the archive, then from the
 * broker, to where the live state stands; compared there; made the live one
 * when wanted. The processor may run: reads never stop, and whoever holds a
 * partition is fenced by the exchange and claims again at the same offset.
 */
import { isCustomer, logPartitions } from "@riskwall/schemas/names";
import type { Codec } from "@riskwall/schemas/codec";
import { batchRecordsMax } from "../config.ts";
import type { LogBounds } from "../io/kafka.ts";
import type { StateStore } from "../io/ports.ts";
import { pieceMax, sameState, type Areas } from "./areas.ts";
import type { Archive } from "./archive.ts";
import type { LogTail } from "./log-tail.ts";
import {
  LogHole,
  startRebuilding,
  type Rebuilding,
  type RebuildingDeps,
} from "./rebuilding.ts";

/** Exchanges tried while the live state moves on. */
const promoteTries = 100;
/** Partitions folded at once: reading one overlaps folding another. */
const atOnce = 3;

/** The live state moved back while it was compared: Redis lost its tail. */
export class StateWentBack extends Error {}
/** The live state moved on at every try. */
export class NeverStill extends Error {}

export interface RebuildDeps {
  /** Of the area `rebuild`. */
  readonly store: StateStore;
  readonly areas: Areas;
  readonly archive: Pick<Archive, "ends" | "outputs" | "pages" | "skips">;
  readonly codec: Codec;
  readonly cluster: string;
  readonly batchRecords: number;
  readonly cachePerPartition: number;
  /** What the broker holds of the log now. */
  readonly bounds: () => Promise<ReadonlyMap<number, LogBounds>>;
  readonly follow: (from: ReadonlyMap<number, number>) => Promise<LogTail>;
  readonly onProgress: (folded: number, wanted: number) => void;
  readonly warn: (text: string) => void;
}

export interface RebuildResult {
  readonly records: number;
  readonly customers: number;
  readonly compared: number;
  /** Customers, and sums as `partition N: name`, that differ from the live. */
  readonly differing: readonly string[];
  readonly switched: boolean;
}

/** Where a partition is rebuilt to. */
interface Goal {
  readonly partition: number;
  readonly low: number;
  /** Exclusive. */
  readonly to: number;
  /** False where the live state is lost: nothing to compare with. */
  readonly live: boolean;
}

/**
 * Without a live state, the goal is where outputs are certainly complete: what
 * comes after is folded by the processor, with outputs; readers drop repeats.
 */
async function goalOf(
  deps: RebuildDeps,
  partition: number,
  bounds: LogBounds,
  known: number,
): Promise<Goal> {
  const { low } = bounds;
  const next = await deps.areas.next(partition, "live");
  if (next !== null) return { partition, low, to: next, live: true };
  const complete = Math.max(0, known - batchRecordsMax);
  if (low > known) {
    const text = `partition ${String(partition)}: the state is lost and the broker begins at ${String(low)}; outputs of ${String(complete)} to ${String(low - 1)} cannot be made again if they were not`;
    deps.warn(text);
  }
  const to = Math.max(low, complete);
  return { partition, low, to, live: false };
}

async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface Part {
  readonly goal: Goal;
  readonly made: Rebuilding;
}

/** Folds what the archive has below the goal; checks that the rest is there. */
async function foldArchive(
  deps: RebuildDeps,
  { goal, made }: Part,
  end: number,
): Promise<void> {
  const { partition, low, to } = goal;
  const until = Math.min(end, to);
  for await (const page of deps.archive.pages(partition, 0, until)) {
    await made.fold(page);
  }
  const next = made.next();
  if (next < until || (next < to && next < low)) {
    const text = `partition ${String(partition)}: the archive ends at ${String(next)}, the broker begins at ${String(low)}`;
    throw new LogHole(text);
  }
}

async function foldTo(
  tail: LogTail,
  made: Rebuilding,
  to: number,
): Promise<void> {
  while (made.next() < to) {
    await made.fold(await tail.take(made.partition, to));
  }
}

/** Brings the rebuilt partition to where the live one stood when it was read. */
async function meet(
  tail: LogTail,
  made: Rebuilding,
  next: number | null,
): Promise<void> {
  if (next === null || next < made.next()) {
    const text = `partition ${String(made.partition)}: the live state went back to ${String(next)} from ${String(made.next())}; run again`;
    throw new StateWentBack(text);
  }
  await foldTo(tail, made, next);
}

/** Compares a partition, piece by piece, each at the position it was read at. */
async function comparePart(
  deps: RebuildDeps,
  tail: LogTail,
  { made }: Part,
): Promise<{ compared: number; differing: string[] }> {
  const { areas, store } = deps;
  const { partition } = made;
  const differing: string[] = [];
  const names = new Set([
    ...(await areas.subjects(partition, "live")),
    ...(await areas.subjects(partition, "rebuild")),
  ]);
  const all = [...names];
  for (let i = 0; i < all.length; i += pieceMax) {
    const piece = all.slice(i, i + pieceMax);
    const { next, states } = await areas.livePiece(partition, piece);
    await meet(tail, made, next);
    const rebuilt = await store.load(partition, piece);
    piece.forEach((name, at) => {
      const same = sameState(states[at] ?? null, rebuilt[at] ?? null);
      if (!same) differing.push(name);
    });
  }
  const live = await areas.sums(partition, "live");
  await meet(tail, made, live.next);
  const { sums } = await areas.sums(partition, "rebuild");
  for (const name of new Set([...live.sums.keys(), ...sums.keys()])) {
    if (live.sums.get(name) === sums.get(name)) continue;
    differing.push(`partition ${String(partition)}: ${name}`);
  }
  return { compared: all.filter(isCustomer).length, differing };
}

/** Folds on to the live position and exchanges, until both are the same. */
async function promotePart(
  deps: RebuildDeps,
  tail: LogTail,
  { made }: Part,
): Promise<void> {
  const { partition } = made;
  for (let tries = 0; tries < promoteTries; tries += 1) {
    // The owner, if any, is refused at its next commit and stands still
    // until it has claimed again: long enough to fold a few records.
    const next = await deps.areas.fence(partition);
    if (next !== null) await meet(tail, made, next);
    if (made.next() === 0) return;
    const answer = await deps.areas.promote(partition, made.next());
    if (answer === "OK") return;
  }
  const text = `partition ${String(partition)} moved on at every try: stop the processor and run again`;
  throw new NeverStill(text);
}

async function prepare(
  deps: RebuildDeps & Pick<RebuildingDeps, "onFolded">,
): Promise<Part[]> {
  const bounds = await deps.bounds();
  const outputs = await deps.archive.outputs();
  const parts: Part[] = [];
  for (let partition = 0; partition < logPartitions; partition += 1) {
    const held = bounds.get(partition);
    if (!held) throw new LogHole(`partition ${String(partition)} is unknown`);
    const goal = await goalOf(
      deps,
      partition,
      held,
      outputs.get(partition) ?? 0,
    );
    await deps.areas.clear(partition, "rebuild");
    const skips = [
      ...(await deps.archive.skips(partition)),
      ...(await deps.areas.skips(partition)),
    ];
    const made = await startRebuilding(deps, partition, skips);
    parts.push({ goal, made });
  }
  return parts;
}

/** Rebuilds a namespace. Rejects with what is missing, and changes nothing live then. */
export async function rebuild(
  deps: RebuildDeps,
  options: { readonly switch: boolean },
): Promise<RebuildResult> {
  let folded = 0;
  let wanted = 0;
  const counting = {
    ...deps,
    onFolded: (records: number): void => {
      folded += records;
      deps.onProgress(folded, Math.max(wanted, folded));
    },
  };
  const parts = await prepare(counting);
  wanted = parts.reduce((sum, { goal }) => sum + goal.to, 0);
  const ends = await deps.archive.ends();
  await inTurns(parts, async (part) =>
    foldArchive(deps, part, ends.get(part.goal.partition) ?? 0),
  );
  const from = new Map(
    parts.map(({ made }) => [made.partition, made.next()] as const),
  );
  const tail = await deps.follow(from);
  try {
    let compared = 0;
    const differing: string[] = [];
    for (const part of parts) {
      await foldTo(tail, part.made, part.goal.to);
      if (!part.goal.live) continue;
      const found = await comparePart(deps, tail, part);
      compared += found.compared;
      differing.push(...found.differing);
    }
    let customers = 0;
    for (const { made } of parts) {
      const names = await deps.areas.subjects(made.partition, "rebuild");
      customers += names.filter(isCustomer).length;
    }
    for (const part of parts) {
      if (options.switch) await promotePart(deps, tail, part);
      else await deps.areas.clear(part.made.partition, "rebuild");
    }
    const switched = options.switch;
    return { records: folded, customers, compared, differing, switched };
  } finally {
    await tail.stop();
  }
}
