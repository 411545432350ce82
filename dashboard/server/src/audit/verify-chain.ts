/**
 * Whether the audit log is as it was written. Pure but for hashing. Two copies
 * are compared record by record, then the chain is walked, then the heads that
 * were published while it grew are looked for in it.
 */
import { auditHash, chainStart, type AuditHead } from "@riskwall/schemas/audit";
import { z } from "zod";

export const faultKinds = [
  /** Not JSON, or no entry. */
  "unreadable",
  /** Its hash is not the hash of what it says. */
  "changed",
  /** The entry before it is gone, or was replaced. */
  "removed",
  /** A published head lies beyond the end, or is not of this chain. */
  "truncated",
  /** The copies of one record differ, or one copy lacks it. */
  "copies-differ",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Offset in the topic; null where there is no record. */
  readonly offset: number | null;
  readonly what: string;
}

export interface AuditRecord {
  readonly offset: number;
  readonly text: string;
}

export interface Verdict {
  readonly entries: number;
  readonly voids: number;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly faults: readonly Fault[];
}

const shape = z.looseObject({
  id: z.string(),
  seq: z.number().int(),
  prev: z.string(),
  hash: z.string(),
});
type Shape = z.output<typeof shape>;

function parse(text: string): Shape | null {
  try {
    const parsed = shape.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

interface Walk {
  seq: number;
  hash: string;
  entries: number;
  readonly faults: Fault[];
  /** Hash of each seq, for the published heads. */
  readonly hashes: Map<number, string>;
}

function step(walk: Walk, { offset, text }: AuditRecord): void {
  const entry = parse(text);
  const fault = (kind: FaultKind, what: string): void => {
    walk.faults.push({ kind, offset, what });
  };
  if (entry === null) {
    fault("unreadable", "is no entry of an audit log");
    return;
  }
  if (auditHash(entry) !== entry.hash) {
    fault("changed", `entry ${String(entry.seq)} is not what was written`);
  }
  const wanted = walk.seq + 1;
  // A slower server at the same place, or a send that was repeated.
  if (entry.seq < wanted) return;
  if (entry.seq > wanted) {
    const last = String(entry.seq - 1);
    fault("removed", `entries ${String(wanted)} to ${last} are missing`);
  } else if (entry.prev !== walk.hash) {
    const before = String(walk.seq);
    fault("removed", `entry ${before} is not the one that it was made after`);
  }
  walk.seq = entry.seq;
  walk.hash = entry.hash;
  walk.entries += 1;
  walk.hashes.set(entry.seq, entry.hash);
}

/** Records of both copies in one row, and where the copies differ. */
export function mergeCopies(
  topic: readonly AuditRecord[],
  copy: readonly AuditRecord[],
  /** Offsets from here on need not be in the copy yet. */
  copiedTo: number,
): { readonly records: AuditRecord[]; readonly faults: Fault[] } {
  const own = new Map(topic.map(({ offset, text }) => [offset, text]));
  const other = new Map(copy.map(({ offset, text }) => [offset, text]));
  const faults: Fault[] = [];
  const offsets = [...new Set([...own.keys(), ...other.keys()])].sort(
    (a, b) => a - b,
  );
  const differ = (offset: number, what: string): void => {
    faults.push({ kind: "copies-differ", offset, what });
  };
  const [first = 0] = own.keys();
  for (const offset of offsets) {
    const [here, there] = [own.get(offset), other.get(offset)];
    if (here === undefined && offset >= first) {
      differ(offset, "is in ClickHouse, but not in the topic");
    } else if (there === undefined && offset < copiedTo) {
      differ(offset, "is in the topic, but not in ClickHouse");
    } else if (here !== undefined && there !== undefined && here !== there) {
      differ(offset, "says one thing in the topic, another in ClickHouse");
    }
  }
  const records = offsets.map((offset) => ({
    offset,
    text: own.get(offset) ?? other.get(offset) ?? "",
  }));
  return { records, faults };
}

export function verifyChain(
  records: readonly AuditRecord[],
  heads: readonly AuditHead[],
): Verdict {
  const walk: Walk = {
    ...{ seq: 0, hash: chainStart, entries: 0 },
    ...{ faults: [], hashes: new Map() },
  };
  for (const record of records) step(walk, record);
  const { faults } = walk;
  for (const { seq, hash, at } of heads) {
    const found = walk.hashes.get(seq);
    if (found === hash) continue;
    const what =
      found === undefined
        ? `the head published at ${at} had ${String(seq)} entries, here are ${String(walk.seq)}`
        : `entry ${String(seq)} was another one when its head was published at ${at}`;
    faults.push({ kind: "truncated", offset: null, what });
  }
  const { seq, hash, entries } = walk;
  return {
    entries,
    voids: records.length - entries,
    head: { seq, hash },
    faults,
  };
}
