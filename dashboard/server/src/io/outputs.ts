/**
 * Follows the processor's outputs, alone, from a little before their ends.
 * Positions are kept here, not in the group: a rejoin goes on where it was.
 */
import { randomUUID } from "node:crypto";
import { decodeWire, type Codec } from "@riskwall/schemas/codec";
import type { NamedRecord } from "@riskwall/schemas";
import { groupName, logPartitions, topicNames } from "@riskwall/schemas/names";
import { headerText, traceHeader } from "@riskwall/schemas/tracing";
import type { KafkaMessage } from "kafkajs";
import type { Logger } from "pino";
import { createPositions, type Position } from "../core/positions.ts";
import { topicBounds, type Admin, type Kafka } from "./kafka.ts";

/** An output waits so long at most for others to be fetched with it. */
const fetchWaitMs = 50;
const fetchMinBytes = 64 * 1024;
/**
 * Score changes of one batch that are decoded; of a larger batch only the
 * latest, because the wall shows a list of the latest alone.
 */
export const scoresPerBatch = 25;
/** Records of each partition read again at start, so lists are not empty. */
export const backlogPerPartition = 100;

export interface OutputRecord {
  readonly record: NamedRecord;
  /** Broker append time of the output, ms. */
  readonly outputAt: number;
  /** False for what was there before this server started. */
  readonly live: boolean;
  /** W3C trace context of what made it, where that is traced. */
  readonly traceparent?: string;
}

export interface Outputs {
  /** Next offsets consumed, in the order of `outputTopics` × partition. */
  consumed: () => readonly number[];
  /** Ends of the same, now. */
  ends: () => Promise<readonly number[]>;
  /** True once everything that was there at start has been read. */
  caughtUp: () => boolean;
  stop: () => Promise<void>;
}

export interface OutputsDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly namespace: string;
  readonly log: Logger;
  readonly onRecord: (item: OutputRecord) => void;
  /** A customer's output that was not decoded. */
  readonly onSkipped: (customerId: string) => void;
  /** Records were lost to this server: what it shows can no longer be right. */
  readonly onGap: (what: string) => void;
}

interface Track {
  next: number;
  /** Offsets below are from before the start. */
  readonly liveFrom: number;
}

function traceOf({
  headers,
}: Pick<KafkaMessage, "headers">): Pick<OutputRecord, "traceparent"> {
  const traceparent = headerText(headers?.[traceHeader]);
  return traceparent === undefined ? {} : { traceparent };
}

/** Position of an output record; null for anything else. */
export function positionOf(record: NamedRecord): Position | null {
  switch (record.name) {
    case "ScoreChange":
    case "Alert":
    case "AlertSuppressed":
    case "ActionOutcome":
    case "Decision":
    case "LimitChange":
      return { offset: record.value.offset, n: record.value.n };
    default:
      return null;
  }
}

export async function followOutputs(deps: OutputsDeps): Promise<Outputs> {
  const { kafka, admin, codec, log } = deps;
  const names = topicNames(deps.namespace);
  const topics = [names.scores, names.alerts, names.decisions];
  const tracks = new Map<string, Track[]>();
  for (const topic of topics) {
    const { low, high } = await topicBounds(admin, topic);
    tracks.set(
      topic,
      high.map((end, partition) => ({
        next: Math.max(low[partition] ?? 0, end - backlogPerPartition),
        liveFrom: end,
      })),
    );
  }
  const positions = createPositions();
  const consumer = kafka.consumer({
    groupId: groupName(deps.namespace, `dashboard.${randomUUID()}`),
    sessionTimeout: 10_000,
    heartbeatInterval: 2500,
    maxWaitTimeInMs: fetchWaitMs,
    minBytes: fetchMinBytes,
    readUncommitted: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 50 },
  });

  const take = async (
    topic: string,
    partition: number,
    wire: Buffer,
    item: Omit<OutputRecord, "record">,
  ): Promise<void> => {
    const decoded = await decodeWire(codec, wire);
    if (decoded.kind !== "record") {
      log.warn({ topic, partition, reason: decoded.kind }, "output skipped");
      return;
    }
    const { record } = decoded;
    const pos = positionOf(record);
    if (pos && !positions.advance(topic, partition, pos)) return;
    deps.onRecord({ record, ...item });
  };

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const [topic, assigned] of Object.entries(payload.memberAssignment)) {
      for (const partition of assigned) {
        const offset = String(tracks.get(topic)?.[partition]?.next ?? 0);
        consumer.seek({ topic, partition, offset });
      }
    }
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    log.error({ err: payload.error }, "outputs consumer crashed");
    if (!payload.restart) deps.onGap("the outputs consumer ended");
  });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: topics.length * logPartitions,
    eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
      const track = tracks.get(batch.topic)?.[batch.partition];
      if (!track) return;
      const decodeFrom =
        batch.topic === names.scores
          ? batch.messages.length - scoresPerBatch
          : 0;
      for (const [i, message] of batch.messages.entries()) {
        const offset = Number(message.offset);
        if (offset > track.next) {
          const what = `${batch.topic}/${String(batch.partition)} jumps from ${String(track.next)} to ${String(offset)}`;
          deps.onGap(what);
          return;
        }
        resolveOffset(message.offset);
        if (offset < track.next) continue;
        track.next = offset + 1;
        if (i < decodeFrom) {
          deps.onSkipped(message.key?.toString() ?? "");
          continue;
        }
        await take(
          batch.topic,
          batch.partition,
          message.value ?? Buffer.alloc(0),
          {
            outputAt: Number(message.timestamp),
            live: offset >= track.liveFrom,
            ...traceOf(message),
          },
        );
      }
      await heartbeat();
    },
  });

  const consumed = (): number[] =>
    topics.flatMap((topic) =>
      (tracks.get(topic) ?? []).map((track) => track.next),
    );

  return {
    consumed,
    ends: async () => {
      const before = consumed();
      const bounds = await Promise.all(
        topics.map((topic) => topicBounds(admin, topic)),
      );
      const ends = bounds.flatMap(({ high }) => high);
      const cut = ends.some((end, i) => end < (before[i] ?? 0));
      if (cut) deps.onGap("an output topic ends before what was read of it");
      return ends;
    },
    caughtUp: () =>
      [...tracks.values()].every((list) =>
        list.every((track) => track.next >= track.liveFrom),
      ),
    stop: async () => consumer.disconnect(),
  };
}
