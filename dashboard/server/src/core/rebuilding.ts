/**
 * Partitions whose state in Redis is older than what this server has seen of
 * it, after a failback or a restored copy (architecture 5: "Redis behind,
 * outputs ahead"). Until the processor has folded its way back, what was shown
 * of them stays: no customer moves backward. Nothing new can come of such a
 * partition meanwhile, because repeated outputs are dropped by position.
 */

/**
 * Outputs are acknowledged before their state is committed. Ahead of it for
 * longer than this they are not in flight: the state was lost.
 */
export const aheadMs = 5000;

export interface PartitionNext {
  readonly partition: number;
  readonly next: number;
}

export interface Rebuilding {
  /** Takes where partitions stand in Redis. */
  observe: (places: readonly PartitionNext[], now: number) => void;
  /** An output was made by the record at `offset`. */
  noteOutput: (partition: number, offset: number) => void;
  isBehind: (partition: number) => boolean;
  any: () => boolean;
}

interface Seen {
  /** Greatest `next` seen in Redis. */
  next: number;
  /** One beyond the last record that made an output. */
  output: number;
  aheadSince: number | null;
  behind: boolean;
}

export function createRebuilding(): Rebuilding {
  const partitions = new Map<number, Seen>();
  const seenOf = (partition: number): Seen => {
    const known = partitions.get(partition);
    if (known) return known;
    const made = { next: 0, output: 0, aheadSince: null, behind: false };
    partitions.set(partition, made);
    return made;
  };
  return {
    observe: (places, now) => {
      for (const { partition, next } of places) {
        const seen = seenOf(partition);
        seen.aheadSince = seen.output > next ? (seen.aheadSince ?? now) : null;
        const isAhead =
          seen.aheadSince !== null && now - seen.aheadSince >= aheadMs;
        seen.behind = next < seen.next || isAhead;
        seen.next = Math.max(seen.next, next);
      }
    },
    noteOutput: (partition, offset) => {
      const seen = seenOf(partition);
      seen.output = Math.max(seen.output, offset + 1);
    },
    isBehind: (partition) => partitions.get(partition)?.behind === true,
    any: () => [...partitions.values()].some(({ behind }) => behind),
  };
}
