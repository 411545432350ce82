/**
 * Reads the log and the outputs and keeps ClickHouse in step. Positions are
 * ClickHouse's own plans; offsets in Kafka are hints for people. Buffers are
 * bounded: while ClickHouse is away, reading pauses and goes on by itself.
 */
import { randomUUID } from "node:crypto";
import type { Codec } from "@riskwall/schemas/codec";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Admin, Kafka } from "kafkajs";
import type { Logger } from "pino";
import type { HistoryStore } from "./history-store.ts";
import { heartbeatEveryMs } from "../io/kafka.ts";
import { createPatience } from "./patience.ts";
import { createReader } from "./reader.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { singleWriter } from "./single-writer.ts";
import { trackKey } from "./tracks.ts";

/** History may be late by this, and is written in larger pieces for it. */
const fetchWaitMs = 300;
const fetchMinBytes = 256 * 1024;
const sessionMs = 6000;

/** Backlog of one topic. */
export interface TopicLag {
  readonly topic: string;
  /** Records in the topic that are not stored yet. */
  readonly records: number;
}

/** How the historian is doing, for readyz. */
export interface HistorianStatus {
  readonly joined: boolean;
  /** Topic partitions this process writes; 0 = standing by. */
  readonly partitions: number;
  readonly buffered: number;
  readonly bufferedBytes: number;
  /** What is being retried, or null. */
  readonly waitingFor: string | null;
}

export interface Historian {
  readonly status: () => HistorianStatus;
  /** Asks Kafka for the ends of all topics. */
  readonly lag: () => Promise<TopicLag[]>;
  readonly stop: () => Promise<void>;
}

export interface HistorianDeps {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly store: HistoryStore;
  readonly namespace: string;
  readonly log: Logger;
  readonly onStored: (table: string, rows: number) => void;
  readonly onGap: (topic: string) => void;
  /** A failure that retrying does not settle; the process should end. */
  readonly onFatal: (error: unknown) => void;
}

/** Starts reading; resolves when the consumer runs, before it has joined. */
export async function startHistorian(deps: HistorianDeps): Promise<Historian> {
  const { log } = deps;
  const names = topicNames(deps.namespace);
  const topics = [
    names.events,
    names.scores,
    names.alerts,
    names.decisions,
    names.late,
    names.deadletters,
  ];
  const patience = createPatience(log);
  const recorder = createRecorder({
    store: patience.wrap(deps.store),
    eventsTopic: names.events,
    newToken: randomUUID,
  });
  const admin = deps.kafka.admin();
  await admin.connect();
  const consumer = deps.kafka.consumer({
    groupId: groupName(deps.namespace, "historian"),
    partitionAssigners: [singleWriter],
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatEveryMs(sessionMs),
    maxWaitTimeInMs: fetchWaitMs,
    minBytes: fetchMinBytes,
    allowAutoTopicCreation: false,
    readUncommitted: true,
    retry: { retries: 50, initialRetryTime: 100, maxRetryTime: 1000 },
  });
  const reader = createReader({ ...deps, recorder, consumer, admin, patience });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    reader.onJoin(payload.memberAssignment);
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    log.error({ err: payload.error, restart: payload.restart }, "consumer");
    if (!payload.restart) deps.onFatal(payload.error);
  });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 6,
    eachBatch: reader.onBatch,
  });
  const running = reader.flushLoop();
  return {
    status: () => {
      const { records, bytes } = recorder.buffered();
      return {
        joined: reader.joined(),
        partitions: recorder.positions().length,
        buffered: records,
        bufferedBytes: bytes,
        waitingFor: patience.waitingFor(),
      };
    },
    lag: async () => measureLag(admin, topics, recorder),
    stop: async () => {
      patience.end();
      reader.stop();
      await running;
      await consumer.disconnect();
      await admin.disconnect();
    },
  };
}

async function measureLag(
  admin: Admin,
  topics: readonly string[],
  recorder: Recorder,
): Promise<TopicLag[]> {
  const next = new Map(
    recorder
      .positions()
      .map((item) => [trackKey(item.topic, item.partition), item.to]),
  );
  return Promise.all(
    topics.map(async (topic) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const records = ends.reduce((sum, end) => {
        const at = next.get(trackKey(topic, end.partition));
        return sum + (at === undefined ? 0 : Number(end.high) - at);
      }, 0);
      return { topic, records };
    }),
  );
}
