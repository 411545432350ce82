/**
 * The log from chosen offsets on, as the broker gets it: read ahead a little,
 * handed out up to a bound, so that a rebuild can stand where the live state
 * stands.
 */
import { randomUUID } from "node:crypto";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Consumer, Kafka } from "../io/kafka.ts";
import type { RawRecord } from "../pipeline.ts";

/** Records read ahead per partition before it is paused; then half is kept. */
const aheadMax = 5000;
/** Records handed out at once. */
const takeMax = 2000;
const fetchMaxMs = 100;
/** A record that is in the log and does not arrive in this time is missing. */
const arriveMaxMs = 60_000;

export interface LogTail {
  /**
   * The next records of a partition below `to`, at least one; waits for them.
   * Call only while the partition stands below `to`.
   */
  readonly take: (partition: number, to: number) => Promise<RawRecord[]>;
  readonly stop: () => Promise<void>;
}

interface Track {
  readonly ahead: RawRecord[];
  paused: boolean;
  /** First offset not taken in yet. */
  next: number;
  arrived: () => void;
}

/** Follows the log from an offset per partition; partitions left out are not read. */
export async function followLog(
  kafka: Kafka,
  namespace: string,
  from: ReadonlyMap<number, number>,
): Promise<LogTail> {
  const topic = topicNames(namespace).events;
  const groupId = groupName(namespace, `rebuild.${randomUUID()}`);
  const tracks = new Map<number, Track>(
    [...from].map(([partition, next]) => [
      partition,
      { ahead: [], paused: false, next, arrived: () => undefined },
    ]),
  );
  const consumer: Consumer = kafka.consumer({
    groupId,
    readUncommitted: true,
    maxWaitTimeInMs: fetchMaxMs,
    allowAutoTopicCreation: false,
  });
  let failure: Error | null = null;
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    failure = payload.error;
    for (const track of tracks.values()) track.arrived();
  });
  const at = (partition: number): { topic: string; partitions: number[] }[] => [
    { topic, partitions: [partition] },
  ];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 12,
    eachBatch: async ({ batch, heartbeat }) => {
      const track = tracks.get(batch.partition);
      if (!track) {
        consumer.pause(at(batch.partition));
        return;
      }
      for (const { offset, timestamp, value } of batch.messages) {
        if (Number(offset) < track.next) continue;
        track.next = Number(offset) + 1;
        const appendedAt = Number(timestamp);
        track.ahead.push({ offset: Number(offset), appendedAt, value });
      }
      if (track.ahead.length >= aheadMax && !track.paused) {
        track.paused = true;
        consumer.pause(at(batch.partition));
      }
      track.arrived();
      await heartbeat();
    },
  });
  for (const [partition, next] of from) {
    consumer.seek({ topic, partition, offset: String(next) });
  }

  const arrival = async (track: Track, partition: number): Promise<void> =>
    new Promise((done, fail) => {
      const timer = setTimeout(() => {
        const where = `partition ${String(partition)}`;
        fail(new Error(`${where}: record ${String(track.next)} does not come`));
      }, arriveMaxMs);
      track.arrived = (): void => {
        clearTimeout(timer);
        if (failure === null) done();
        else fail(failure);
      };
    });

  return {
    take: async (partition, to) => {
      const track = tracks.get(partition);
      if (!track) throw new Error(`partition ${String(partition)} is not read`);
      while (track.ahead.length === 0) await arrival(track, partition);
      const count = track.ahead.findIndex(({ offset }) => offset >= to);
      const fits = count < 0 ? track.ahead.length : count;
      const taken = track.ahead.splice(0, Math.min(fits, takeMax));
      if (track.paused && track.ahead.length < aheadMax / 2) {
        track.paused = false;
        consumer.resume(at(partition));
      }
      return taken;
    },
    stop: async () => {
      await consumer.disconnect();
      const admin = kafka.admin();
      await admin.connect();
      try {
        await admin.deleteGroups([groupId]);
      } finally {
        await admin.disconnect();
      }
    },
  };
}
