/**
 * Records of all topic partitions into the store, exactly once (architecture
 * 9). A flush takes what is buffered, stores the plan (ranges and one token),
 * inserts once per table and span of months under that token, then marks the
 * plan done. Whatever happens between, the stored plan is repeated first:
 * `assign` reads it back, and the same records make the same rows.
 *
 * Not concurrent: one flush at a time. Store calls that reject void the
 * recorder until it is assigned anew.
 */
import type { Clock } from "@riskwall/schemas";
import { mapTime } from "../core/partition-register.ts";
import {
  flushMaxRecords,
  isWhole,
  newFlush,
  repeatOf,
  wantedOf,
  type Buffer,
  type Flush,
  type Share,
} from "./flush-choice.ts";
import type { HistoryStore, StoredEvent } from "./history-store.ts";
import { addRow, type Inserts } from "./inserts.ts";
import { projectLog, type SourceRecord, type TableRow } from "./log-rows.ts";
import { positionOf, projectOutput } from "./output-rows.ts";
import { createRecentEvents, eventIdentity } from "./recent-events.ts";
import {
  isTaken,
  rangeTo,
  trackKey,
  type Range,
  type Track,
} from "./tracks.ts";

/** Records buffered at which reading pauses. */
const bufferMaxRecords = 40_000;
/** Bytes of record values buffered at which reading pauses. */
const bufferMaxBytes = 16 * 1024 * 1024;

/** Positions and knowledge a recorder starts from. */
export interface Start {
  readonly tracks: readonly Track[];
  readonly planSeq: number;
  /** Newest clock before the track's next offset, by partition of the log. */
  readonly clocks: ReadonlyMap<number, Clock>;
  readonly recent: readonly StoredEvent[];
}

interface FlushResult {
  readonly records: number;
  readonly rows: Readonly<Record<string, number>>;
  /** More than one flush's worth was buffered: flush again at once. */
  readonly more: boolean;
}

type Intake =
  | "taken"
  /** Below the wanted offset, or of a partition not assigned: skip it. */
  | "known"
  /** Above the wanted offset: records are missing in between. */
  | "gap"
  /** Not now: leave it unread. */
  | "refused";

export interface Recorder {
  readonly assign: (start: Start) => void;
  /** `acceptGap`: the records between are gone for good. */
  readonly add: (
    topic: string,
    record: SourceRecord,
    acceptGap?: boolean,
  ) => Intake;
  /** Next offset to read, or null when the partition is not assigned. */
  readonly wanted: (topic: string, partition: number) => number | null;
  /** Whether records of a topic partition are taken now. */
  readonly reads: (topic: string, partition: number) => boolean;
  readonly buffered: () => { readonly records: number; readonly bytes: number };
  /** First offset not yet stored, per topic partition. */
  readonly positions: () => readonly Range[];
  /** Null when there is nothing to store yet. */
  readonly flush: () => Promise<FlushResult | null>;
}

export interface RecorderDeps {
  readonly store: Pick<HistoryStore, "savePlan" | "insert">;
  readonly eventsTopic: string;
  readonly newToken: () => string;
  readonly flushMaxRecords?: number;
}

export function createRecorder(deps: RecorderDeps): Recorder {
  const { store, eventsTopic } = deps;
  const maxRecords = deps.flushMaxRecords ?? flushMaxRecords;
  const recent = createRecentEvents();
  const buffers = new Map<string, Buffer>();
  let planSeq = 0;
  let records = 0;
  let bytes = 0;
  let generation = 0;
  let pendings = 0;

  const rowsOf = (share: Share, position: Track): TableRow[] => {
    const { buffer } = share;
    const isLog = buffer.track.topic === eventsTopic;
    const rows: TableRow[] = [];
    for (const source of share.records) {
      if (isLog) rows.push(...logRows(source, buffer));
      else if (advance(position, source)) rows.push(...projectOutput(source));
    }
    return rows;
  };

  const logRows = (source: SourceRecord, buffer: Buffer): TableRow[] => {
    const { record, partition, offset } = source;
    if (record?.name === "Clock") buffer.clock = record.value;
    const judgedAt = mapTime(source.appendedAt, buffer.clock);
    return projectLog(source, judgedAt).filter(({ table, row }) => {
      if (table !== "events") return true;
      const identity = eventIdentity(
        String(row["customer_id"]),
        String(row["source"]),
        String(row["event_id"]),
      );
      return !recent.isRepeat(identity, partition, offset);
    });
  };

  const release = (share: Share, position: Track): void => {
    const { buffer, range } = share;
    if (buffer.track.pending !== null) pendings -= 1;
    buffer.track.next = range.to;
    buffer.track.posOffset = position.posOffset;
    buffer.track.posN = position.posN;
    buffer.track.pending = null;
    buffer.records = buffer.records.slice(share.records.length);
    const freed = sumBytes(share.records);
    buffer.bytes -= freed;
    bytes -= freed;
    records -= share.records.length;
  };

  const carryOut = async (flush: Flush): Promise<FlushResult | null> => {
    const mine = generation;
    const inserts: Inserts = new Map();
    const ends = flush.shares.map((share) => ({ ...share.buffer.track }));
    for (const [i, share] of flush.shares.entries()) {
      const end = ends[i];
      if (end === undefined) continue;
      for (const row of rowsOf(share, end)) addRow(inserts, row);
    }
    const ranges = flush.shares.map((share) => share.range);
    if (!flush.planned) {
      await store.savePlan(ranges, flush.token, false, (planSeq += 1));
    }
    const counts: Record<string, number> = {};
    for (const [key, { table, rows }] of inserts) {
      await store.insert(table, rows, `${flush.token}-${key}`);
      counts[table] = (counts[table] ?? 0) + rows.length;
    }
    const done = ranges.map((range, i) => ({
      ...range,
      posOffset: ends[i]?.posOffset ?? range.posOffset,
      posN: ends[i]?.posN ?? range.posN,
    }));
    await store.savePlan(done, flush.token, true, (planSeq += 1));
    if (generation !== mine) return null;
    let stored = 0;
    for (const [i, share] of flush.shares.entries()) {
      const end = ends[i];
      if (end) release(share, end);
      stored += share.records.length;
    }
    return { records: stored, rows: counts, more: flush.more };
  };

  const isFull = (): boolean =>
    records >= bufferMaxRecords || bytes >= bufferMaxBytes;
  const reads = (buffer: Buffer): boolean =>
    pendings > 0
      ? buffer.track.pending !== null && !isWhole(buffer)
      : !isFull();

  return {
    assign: (start) => {
      generation += 1;
      buffers.clear();
      recent.clear();
      records = 0;
      bytes = 0;
      pendings = start.tracks.filter((track) => track.pending).length;
      planSeq = start.planSeq;
      for (const track of start.tracks) {
        const isLog = track.topic === eventsTopic;
        const clock = isLog ? start.clocks.get(track.partition) : undefined;
        buffers.set(trackKey(track.topic, track.partition), {
          track: { ...track },
          records: [],
          bytes: 0,
          clock: clock ?? null,
        });
      }
      for (const event of start.recent) {
        const { customerId, source, eventId, partition, offset } = event;
        const identity = eventIdentity(customerId, source, eventId);
        recent.isRepeat(identity, partition, offset);
      }
    },
    wanted: (topic, partition) => {
      const buffer = buffers.get(trackKey(topic, partition));
      return buffer === undefined ? null : wantedOf(buffer);
    },
    reads: (topic, partition) => {
      const buffer = buffers.get(trackKey(topic, partition));
      return buffer !== undefined && reads(buffer);
    },
    add: (topic, record, acceptGap = false) => {
      const buffer = buffers.get(trackKey(topic, record.partition));
      if (buffer === undefined) return "known";
      const wanted = wantedOf(buffer);
      if (record.offset < wanted) return "known";
      if (!reads(buffer)) return "refused";
      if (record.offset > wanted && !acceptGap) return "gap";
      buffer.records.push(record);
      buffer.bytes += record.value.length;
      records += 1;
      bytes += record.value.length;
      return "taken";
    },
    buffered: () => ({ records, bytes }),
    positions: () =>
      [...buffers.values()].map(({ track }) => rangeTo(track, track.next)),
    flush: async () => {
      const all = [...buffers.values()];
      const repeat = repeatOf(all);
      if (repeat === null) return null;
      const flush =
        repeat === "none" ? newFlush(all, deps.newToken(), maxRecords) : repeat;
      return flush === null ? null : carryOut(flush);
    },
  };
}

function sumBytes(records: readonly SourceRecord[]): number {
  return records.reduce((sum, record) => sum + record.value.length, 0);
}

/** Moves the position over an output; false when it was taken before. */
function advance(position: Track, source: SourceRecord): boolean {
  const pos = source.record === null ? null : positionOf(source.record);
  if (pos === null) return true;
  if (isTaken(position, pos.offset, pos.n)) return false;
  position.posOffset = pos.offset;
  position.posN = pos.n;
  return true;
}
