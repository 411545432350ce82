/** What a flush takes of the buffers (architecture 9). Pure. */
import type { Clock } from "@riskwall/schemas";
import type { SourceRecord } from "./log-rows.ts";
import { rangeTo, type Range, type Track } from "./tracks.ts";

/** Records of one flush at most; a repeat reads as many. */
export const flushMaxRecords = 20_000;
/** Bytes of record values of one flush at most. */
const flushMaxBytes = 8 * 1024 * 1024;
/** What waits of one topic partition. */
export interface Buffer {
  readonly track: Track;
  records: SourceRecord[];
  bytes: number;
  clock: Clock | null;
}

/** What a flush takes of one buffer. */
export interface Share {
  readonly buffer: Buffer;
  readonly records: readonly SourceRecord[];
  readonly range: Range;
}

export interface Flush {
  readonly token: string;
  readonly planned: boolean;
  readonly shares: readonly Share[];
  readonly more: boolean;
}

/** Next offset to read. */
export function wantedOf(buffer: Buffer): number {
  const last = buffer.records.at(-1);
  return last === undefined ? buffer.track.next : last.offset + 1;
}

/** A pending range is whole once its last record is there. */
export function isWhole(buffer: Buffer): boolean {
  const { pending } = buffer.track;
  return pending === null || wantedOf(buffer) >= pending.to;
}

/** The stored plan again, when one is unfinished; null while it is not whole. */
export function repeatOf(buffers: readonly Buffer[]): Flush | null | "none" {
  const token = buffers.find((item) => item.track.pending)?.track.pending
    ?.token;
  if (token === undefined) return "none";
  const group = buffers.filter((item) => item.track.pending?.token === token);
  if (!group.every(isWhole)) return null;
  const shares = group.map((buffer): Share => {
    const to = buffer.track.pending?.to ?? buffer.track.next;
    const records = buffer.records.filter((record) => record.offset < to);
    return { buffer, records, range: rangeTo(buffer.track, to) };
  });
  return { token, planned: true, shares, more: true };
}

/** As much as one flush may take of what is buffered; null when nothing is. */
export function newFlush(
  buffers: readonly Buffer[],
  token: string,
  maxRecords: number,
): Flush | null {
  const shares: Share[] = [];
  let room = maxRecords;
  let bytes = flushMaxBytes;
  let more = false;
  // The fullest last, so that a flood in one partition starves no other.
  const order = [...buffers].sort(
    (a, b) => a.records.length - b.records.length,
  );
  for (const buffer of order) {
    let count = 0;
    while (count < buffer.records.length && room > 0 && bytes > 0) {
      bytes -= buffer.records[count]?.value.length ?? 0;
      room -= 1;
      count += 1;
    }
    more ||= count < buffer.records.length;
    const records = buffer.records.slice(0, count);
    const last = records.at(-1);
    if (last === undefined) continue;
    shares.push({
      buffer,
      records,
      range: rangeTo(buffer.track, last.offset + 1),
    });
  }
  return shares.length === 0 ? null : { token, planned: false, shares, more };
}
