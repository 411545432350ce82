/**
 * Planned, idempotent inserts (architecture 9). A flush takes what is buffered
 * of every topic partition, writes the plan (ranges and one token) first, then
 * inserts under that token, then marks the plan done. After a crash the planned
 * ranges are read and inserted again with the same token: ClickHouse drops the
 * block, and FINAL drops the rows.
 *
 * Per topic partition: reading → planned(token) → reading. Pure bookkeeping.
 */
export interface Range {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Position of the last output taken, to drop repeats. */
  readonly posOffset: number;
  readonly posN: number;
}

export interface StoredPlan extends Range {
  readonly token: string;
  readonly done: boolean;
}

export interface Track {
  readonly topic: string;
  readonly partition: number;
  next: number;
  posOffset: number;
  posN: number;
  /** A range that must be inserted again before anything else. */
  pending: StoredPlan | null;
}

/** Where a topic partition goes on, from its newest stored plan. */
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
  return {
    ...base,
    next: stored.done ? stored.to : stored.from,
    posOffset: stored.posOffset,
    posN: stored.posN,
    pending: stored.done ? null : stored,
  };
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
