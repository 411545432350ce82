/** A loaded subject, and what its change moves in the sums of its partition. Pure. */
import { contributionOf } from "./contribution.ts";
import type { Customer } from "./customer.ts";
import type { GroupChanges } from "./groups.ts";
import {
  moveSegments,
  segmentMarks,
  type SegmentMarks,
} from "./segment-sums.ts";
import { totalFields } from "@riskwall/schemas/names";

/** A loaded subject, and what the partition's sums already contain of it. */
export interface Slot {
  customer: Customer | null;
  committed: number[];
  marks: SegmentMarks;
  dirty: boolean;
}

/** Slot of a subject as it is stored; null = nobody. */
export function slotOf(customer: Customer | null): Slot {
  return {
    customer,
    committed: contributionOf(customer?.state ?? null),
    marks: segmentMarks(customer),
    dirty: false,
  };
}

/** Sums of a partition that a commit moves. */
export interface SumChanges {
  /** In the order of `totalFields`. */
  readonly totals: number[];
  /** Field of the segment sketch → change. */
  readonly segments: Map<string, number>;
  /** Fields of the groups' hashes → value; null = removed. */
  readonly groups: ReadonlyMap<string, string | null>;
  readonly book: ReadonlyMap<string, string | null>;
}

export function emptySums(
  changes: GroupChanges = { groups: new Map(), book: new Map() },
): SumChanges {
  return {
    totals: totalFields.map(() => 0),
    segments: new Map(),
    groups: changes.groups,
    book: changes.book,
  };
}

/** Adds what a slot changed since it was last counted, and notes it. */
export function moveSums(sums: SumChanges, slot: Slot): void {
  const { customer } = slot;
  const after = contributionOf(customer?.state ?? null);
  after.forEach((value, i) => {
    const change = value - (slot.committed[i] ?? 0);
    sums.totals[i] = (sums.totals[i] ?? 0) + change;
  });
  slot.committed = after;
  const marks = segmentMarks(customer);
  moveSegments(sums.segments, slot.marks, marks);
  slot.marks = marks;
}
