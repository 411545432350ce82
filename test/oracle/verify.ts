/**
 * Folds the log of every partition and compares each customer at the position
 * its state stands at.
 */
import type { CustomerState } from "@riskwall/schemas";
import { logPartitions } from "@riskwall/schemas/names";
import type { Redis } from "ioredis";
import {
  createChronicle,
  readEntry,
  type Chronicle,
  type Dossier,
  type LogEntry,
} from "./chronicle.ts";
import { compareCustomer } from "./compare.ts";
import type { Difference } from "./difference.ts";
import { readLog, type LogSource } from "./log-source.ts";
import { createMerges, type Merges } from "./merges.ts";
import { furthest, readStand, type Stand } from "./stand.ts";

export interface Verdict {
  readonly compared: number;
  /** Differences by customer; only customers that differ. */
  readonly differing: ReadonlyMap<string, readonly Difference[]>;
}

/** Runs work on a server; names the server where it does not answer. */
export type Reach = <T>(
  what: string,
  variable: string,
  work: () => Promise<T>,
) => Promise<T>;

/** Verifies a namespace. Rejects as `reach` does when a server is away. */
export async function verify(
  redis: Redis,
  source: LogSource,
  reach: Reach,
): Promise<Verdict> {
  const stands: Stand[] = [];
  for (let partition = 0; partition < logPartitions; partition += 1) {
    stands.push(
      await reach("Redis", "RISKWALL_REDIS_URL", async () =>
        readStand(redis, source.namespace, partition),
      ),
    );
  }
  const until = new Map(
    stands.map((stand) => [stand.partition, furthest(stand)] as const),
  );
  const log = await readLog(source, until, reach);
  return verifyStands(stands, log);
}

const absent = (field: string): Difference => ({
  field: "customer",
  oracle: field === "state" ? "present" : "absent",
  state: field === "state" ? "absent" : "present",
});

/** A partition that is read step by step. */
interface Reader {
  /** Reads to `end`, exclusive, and compares what stands on the way there. */
  readonly readTo: (end: number) => void;
  readonly end: number;
}

/**
 * All partitions at the positions of their stands. A merge hands papers from
 * one partition to another: then the other is read up to it first. What was
 * written by then was written after what it speaks of, so this ends.
 */
export function verifyStands(
  stands: readonly Stand[],
  log: ReadonlyMap<number, readonly LogEntry[]>,
): Verdict {
  const verdict = { compared: 0, differing: new Map<string, Difference[]>() };
  const merges = createMerges();
  const readers = new Map(
    stands.map((stand) => {
      const entries = log.get(stand.partition) ?? [];
      const reader = readerOf(stand, entries, merges, verdict);
      return [stand.partition, reader] as const;
    }),
  );
  merges.reach = (mergeId): void => {
    const [partition, offset] = mergeId.split("-").map(Number);
    const reader = readers.get(partition ?? -1);
    const end = (offset ?? 0) + 1;
    // A merge beyond the position of its partition's state was read too late.
    if (reader && end <= reader.end) reader.readTo(end);
  };
  for (const reader of readers.values()) reader.readTo(reader.end);
  return verdict;
}

interface Found {
  compared: number;
  readonly differing: Map<string, Difference[]>;
}

function readerOf(
  stand: Stand,
  entries: readonly LogEntry[],
  merges: Merges,
  into: Found,
): Reader {
  const chronicle = createChronicle(stand.skips, stand.partition, merges);
  // The list stands before or where the first piece stands.
  const stops = [
    {
      at: stand.listedAt,
      compare: () => {
        compareList(chronicle, stand, into);
      },
    },
    ...[...stand.pieces]
      .sort((a, b) => a.next - b.next)
      .map((piece) => ({
        at: piece.next,
        compare: () => {
          comparePiece(chronicle, piece.states, into);
        },
      })),
  ];
  const end = furthest(stand);
  return {
    end,
    readTo: (to) => {
      for (;;) {
        while (stops[0] && stops[0].at <= chronicle.next) {
          stops.shift()?.compare();
        }
        if (chronicle.next >= to) return;
        const entry = entries[chronicle.next];
        if (!entry) throw new Error("the log ends before the state");
        readEntry(chronicle, entry);
      }
    },
  };
}

/** Of whom nothing was applied, there is no customer. */
function isThere(dossier: Dossier | undefined): dossier is Dossier {
  if (!dossier) return false;
  return dossier.events.length > 0 || dossier.mergedInto !== null;
}

function compareList(chronicle: Chronicle, stand: Stand, into: Found): void {
  for (const [id, dossier] of chronicle.customers) {
    if (!isThere(dossier) || stand.listed.has(id)) continue;
    into.compared += 1;
    into.differing.set(id, [absent("state")]);
  }
}

function comparePiece(
  chronicle: Chronicle,
  states: ReadonlyMap<string, CustomerState | null>,
  into: Found,
): void {
  for (const [id, state] of states) {
    const known = chronicle.customers.get(id);
    const dossier = isThere(known) ? known : undefined;
    if (!dossier && state === null) continue;
    into.compared += 1;
    if (!dossier || state === null) {
      into.differing.set(id, [absent(dossier ? "state" : "log")]);
      continue;
    }
    const found = compareCustomer(dossier, state, chronicle);
    if (found.length > 0) into.differing.set(id, found);
  }
}
