/**
 * The one queue before the log: a request in flight, and whatever comes
 * meanwhile travels in the next one. Bounded in records, bytes and time.
 */
import type { Producer } from "kafkajs";

/** Records waiting to be sent at most; beyond it the caller is told to wait. */
export const queueMax = 50_000;
/** Bytes of their values at most. */
export const queueMaxBytes = 64 * 1024 * 1024;
/** Records of one request at most. */
const sendMaxRecords = 5000;
/**
 * Bytes of one request at most: kafkajs puts all records of a partition into
 * one batch, and the topic takes batches of 1 MiB.
 */
const sendMaxBytes = 900_000;
/** Bytes of a record beside key and value, at most. */
const recordOverheadBytes = 40;
/** From append to acknowledgement at most; then the caller gets an answer. */
export const acknowledgeMaxMs = 5000;

/** The log cannot take more now; nothing of the batch is promised. */
export class LogUnavailable extends Error {
  readonly code = "log_unavailable";
}

/** A record as it goes to Kafka; without `partition`, murmur2 of the key. */
export interface OutRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly partition?: number;
  /** Of a traced request only: records of the log have none. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LogAppender {
  /**
   * Resolves when all in-sync replicas acknowledged every record. Rejects with
   * `LogUnavailable`; then any of the records may or may not be in the log.
   */
  readonly append: (records: readonly OutRecord[]) => Promise<void>;
  /** Records waiting or in flight. */
  readonly depth: () => number;
}

interface Ticket {
  left: number;
  over: boolean;
  readonly settle: (error: LogUnavailable | null) => void;
}

interface Entry {
  readonly record: OutRecord;
  readonly ticket: Ticket;
}

type Send = Pick<Producer, "sendBatch">;

export function createAppender(
  producer: Send,
  maxMs: number = acknowledgeMaxMs,
): LogAppender {
  let queue: Entry[] = [];
  let inFlight = 0;
  /** Of all that is queued or in flight. */
  let bytesHeld = 0;
  let busy = false;

  const take = (): Entry[] => {
    let count = 0;
    let bytes = 0;
    for (const { record } of queue) {
      const size =
        record.value.length + record.key.length * 3 + recordOverheadBytes;
      if (count > 0 && bytes + size > sendMaxBytes) break;
      if (count === sendMaxRecords) break;
      count += 1;
      bytes += size;
    }
    return queue.splice(0, count);
  };

  const settleAll = (
    entries: readonly Entry[],
    error: LogUnavailable | null,
  ): void => {
    for (const { ticket, record } of entries) {
      ticket.left -= 1;
      bytesHeld -= record.value.length;
      if (error !== null) ticket.settle(error);
      else if (ticket.left === 0) ticket.settle(null);
    }
  };

  const pump = async (): Promise<void> => {
    busy = true;
    while (queue.length > 0) {
      const entries = take();
      inFlight = entries.length;
      const wanted = entries.filter(({ ticket }) => !ticket.over);
      try {
        if (wanted.length > 0) await send(producer, wanted);
        settleAll(entries, null);
      } catch (cause) {
        const error = unavailable("the log cannot take records now", cause);
        // What waits would meet the same fate after as long again.
        settleAll([...entries, ...queue], error);
        queue = [];
      } finally {
        inFlight = 0;
      }
    }
    busy = false;
  };

  return {
    depth: () => queue.length + inFlight,
    append: async (records) => {
      if (records.length === 0) return;
      const waiting = queue.length + inFlight;
      const bytes = records.reduce((sum, item) => sum + item.value.length, 0);
      const full =
        waiting + records.length > queueMax ||
        bytesHeld + bytes > queueMaxBytes;
      if (waiting > 0 && full) {
        throw unavailable("too many records are waiting");
      }
      bytesHeld += bytes;
      await new Promise<void>((done, fail) => {
        const ticket: Ticket = {
          left: records.length,
          over: false,
          settle: (error) => {
            if (ticket.over) return;
            ticket.over = true;
            clearTimeout(timer);
            if (error === null) done();
            else fail(error);
          },
        };
        const timer = setTimeout(() => {
          ticket.settle(unavailable("the log did not acknowledge in time"));
        }, maxMs);
        for (const record of records) queue.push({ record, ticket });
        if (!busy) void pump();
      });
    },
  };
}

function unavailable(message: string, cause?: unknown): LogUnavailable {
  return new LogUnavailable(message, { cause });
}

async function send(producer: Send, entries: readonly Entry[]): Promise<void> {
  const topics = new Map<string, OutRecord[]>();
  for (const { record } of entries) {
    const list = topics.get(record.topic);
    if (list) list.push(record);
    else topics.set(record.topic, [record]);
  }
  await producer.sendBatch({
    acks: -1,
    topicMessages: [...topics].map(([topic, records]) => ({
      topic,
      messages: records.map(({ key, value, partition, headers }) => ({
        ...{ key, value },
        ...(partition === undefined ? {} : { partition }),
        ...(headers === undefined ? {} : { headers }),
      })),
    })),
  });
}
