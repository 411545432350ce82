/**
 * Where the historian stands in each topic partition, and what a flush takes
 * (architecture 9). Pure bookkeeping. Per topic partition:
 *
 *   reading ── plan stored ──▶ planned ── inserts acknowledged ──▶ reading
 *
 * A crash leaves it planned: the stored range is read and inserted again under
 * the stored token, before anything else of any partition.
 */

/** What one flush takes of a topic partition. */
export interface Range {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Position of the last output taken before it, to drop repeats; -1 none. */
  readonly posOffset: number;
  readonly posN: number;
}

/** Newest stored plan of a topic partition. Not done: repeat [from, to). */
export interface StoredPlan extends Range {
  readonly token: string;
  readonly done: boolean;
}

export interface Track {
  readonly topic: string;
  readonly partition: number;
  /** First offset not yet stored. */
  next: number;
  posOffset: number;
  posN: number;
  /** A range that must be inserted again before anything else. */
  pending: StoredPlan | null;
}

export function trackKey(topic: string, partition: number): string {
  return `${topic}/${String(partition)}`;
}

/**
 * Where a topic partition goes on: its newest stored plan, or the first record
 * that the log still has. A planned range that the log no longer holds at all
 * cannot be repeated and counts as stored.
 */
export function trackOf(
  topic: string,
  partition: number,
  low: number,
  stored: StoredPlan | null,
): Track {
  const base = { topic, partition };
  if (stored === null) {
    return { ...base, next: low, posOffset: -1, posN: -1, pending: null };
  }
  const { posOffset, posN } = stored;
  const pending = stored.done || stored.to <= low ? null : stored;
  const next = pending === null ? stored.to : pending.from;
  return { ...base, next: Math.max(low, next), posOffset, posN, pending };
}

/** True when the output at (offset, n) was taken before. */
export function isTaken(
  track: Pick<Track, "posOffset" | "posN">,
  offset: number,
  n: number,
): boolean {
  return (
    offset < track.posOffset || (offset === track.posOffset && n <= track.posN)
  );
}

/** The range of a flush that ends before `to`. */
export function rangeTo(track: Track, to: number): Range {
  const { topic, partition, next, posOffset, posN } = track;
  return { topic, partition, from: next, to, posOffset, posN };
}
