/**
 * Reads the log and the outputs and keeps ClickHouse in step. Positions are
 * ClickHouse's own plans; offsets in Kafka are hints for people. Buffers are
 * bounded: while ClickHouse is away, reading pauses and goes on by itself.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "@riskwall/schemas";
import type { Codec, Decoded } from "@riskwall/schemas/codec";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type {
  Admin,
  Consumer,
  EachBatchPayload,
  Kafka,
  KafkaMessage,
} from "kafkajs";
import type { Logger } from "pino";
import type { HistoryStore, StoredClock } from "./history-store.ts";
import type { SourceRecord } from "./log-rows.ts";
import { createPatience, type Patience } from "./patience.ts";
import { generationMax } from "./recent-events.ts";
import { createRecorder, flushMaxRecords, type Recorder } from "./recorder.ts";
import { singleWriter } from "./single-writer.ts";
import { trackKey, trackOf, type Track } from "./tracks.ts";

/** Time between flushes while little is going on. */
export const flushEveryMs = 800;
/** Time between commits of the hint offsets. */
const hintEveryMs = 5000;
const fetchWaitMs = 200;
const sessionMs = 6000;

export interface TopicLag {
  readonly topic: string;
  /** Records in the topic that are not stored yet. */
  readonly records: number;
}

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

export async function startHistorian(deps: HistorianDeps): Promise<Historian> {
  const { log } = deps;
  const names = topicNames(deps.namespace);
  const { settings: _, ...streams } = names;
  const topics = Object.values(streams);
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
    heartbeatInterval: sessionMs / 4,
    maxWaitTimeInMs: fetchWaitMs,
    minBytes: 1,
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

interface ReaderDeps extends HistorianDeps {
  readonly recorder: Recorder;
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly patience: Patience;
}

interface Reader {
  readonly onJoin: (
    assignment: Readonly<Record<string, readonly number[]>>,
  ) => void;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  readonly flushLoop: () => Promise<void>;
  readonly joined: () => boolean;
  readonly stop: () => void;
}

function createReader(deps: ReaderDeps): Reader {
  const { recorder, consumer, log, patience } = deps;
  let assigned: { topic: string; partition: number }[] = [];
  /** Topic partitions paused in the consumer now. */
  let paused = new Set<string>();
  let joined = false;
  let stopped = false;
  let generation = 0;
  let working: Promise<unknown> = Promise.resolve();
  let hintAt = 0;
  let wake = (): void => undefined;

  /** Pauses and resumes so that only what the recorder takes is fetched. */
  const steer = (): void => {
    for (const { topic, partition } of assigned) {
      const key = trackKey(topic, partition);
      const wants = joined && recorder.reads(topic, partition);
      if (wants === !paused.has(key)) continue;
      const target = [{ topic, partitions: [partition] }];
      if (wants) {
        paused.delete(key);
        consumer.resume(target);
      } else {
        paused.add(key);
        consumer.pause(target);
      }
    }
  };

  const start = async (mine: number): Promise<void> => {
    await working;
    const begin = await readStart(deps, assigned);
    if (generation !== mine || stopped) return;
    recorder.assign(begin);
    for (const { topic, partition, next } of begin.tracks) {
      consumer.seek({ topic, partition, offset: String(next) });
    }
    joined = true;
    steer();
    const repeats = begin.tracks.filter((track) => track.pending).length;
    log.info({ partitions: assigned.length, repeats }, "historian joined");
  };

  const onJoin: Reader["onJoin"] = (assignment) => {
    generation += 1;
    joined = false;
    assigned = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    paused = new Set();
    steer();
    start(generation).catch((error: unknown) => {
      if (!stopped) deps.onFatal(error);
    });
  };

  const gaps = new Map<string, number>();
  /** A gap is asked for once more; when it stays, the records are gone. */
  const settleGap = (topic: string, message: KafkaMessage, at: Place): void => {
    const key = trackKey(topic, at.partition);
    gaps.set(key, at.wanted);
    const offset = String(at.wanted);
    log.warn({ topic, ...at, found: message.offset }, "offsets are missing");
    consumer.seek({ topic, partition: at.partition, offset });
  };

  const onBatch: Reader["onBatch"] = async (payload) => {
    const { topic, partition, messages } = payload.batch;
    for (const message of messages) {
      const wanted = recorder.wanted(topic, partition);
      if (!joined || wanted === null || payload.isStale()) return;
      const lost = gaps.get(trackKey(topic, partition)) === wanted;
      const value = message.value ?? Buffer.alloc(0);
      let decoded = deps.codec.decode(value);
      if (decoded.kind === "unknown-id") {
        const { id } = decoded;
        await patience.run("schema", async () => deps.codec.learn(id));
        decoded = deps.codec.decode(value);
      }
      const record = sourceOf(message, value, partition, decoded);
      const intake = recorder.add(topic, record, lost);
      if (intake === "refused") break;
      if (intake === "gap") {
        settleGap(topic, message, { partition, wanted });
        return;
      }
      if (intake === "taken" && record.offset > wanted) {
        log.error({ topic, partition, wanted, found: record.offset }, "gone");
        deps.onGap(topic);
      }
      payload.resolveOffset(message.offset);
    }
    steer();
    if (recorder.buffered().records >= flushMaxRecords) wake();
    await payload.heartbeat();
  };

  const hint = async (): Promise<void> => {
    if (Date.now() < hintAt || !joined) return;
    hintAt = Date.now() + hintEveryMs;
    const offsets = recorder.positions().map(({ topic, partition, to }) => ({
      topic,
      partition,
      offset: String(to),
    }));
    try {
      await consumer.commitOffsets(offsets);
    } catch (error) {
      log.debug({ error: String(error) }, "hint offsets not committed");
    }
  };

  const flushOnce = async (): Promise<boolean> => {
    const began = performance.now();
    const result = await recorder.flush();
    steer();
    if (result === null) return false;
    for (const [table, rows] of Object.entries(result.rows)) {
      deps.onStored(table, rows);
    }
    const ms = Math.round(performance.now() - began);
    log.info({ records: result.records, ...result.rows, ms }, "stored");
    await hint();
    return result.more;
  };

  const rest = async (ms: number): Promise<void> =>
    new Promise((go) => {
      const timer = setTimeout(go, ms);
      wake = (): void => {
        clearTimeout(timer);
        go();
      };
    });

  const flushLoop: Reader["flushLoop"] = async () => {
    while (!stopped) {
      const began = Date.now();
      let more = false;
      if (joined) {
        const work = flushOnce();
        working = work.catch(() => false);
        try {
          more = await work;
        } catch (error) {
          if (!stopped) deps.onFatal(error);
          return;
        }
      }
      const left = flushEveryMs - (Date.now() - began);
      if (!more && left > 0) await rest(left);
    }
  };

  return {
    onJoin,
    onBatch,
    flushLoop,
    joined: () => joined,
    stop: () => {
      stopped = true;
      patience.end();
      wake();
    },
  };
}

interface Place {
  readonly partition: number;
  readonly wanted: number;
}

/** Where the store says that reading goes on. */
async function readStart(
  deps: ReaderDeps,
  assigned: readonly { readonly topic: string; readonly partition: number }[],
): Promise<Parameters<Recorder["assign"]>[0]> {
  const store = deps.patience.wrap(deps.store);
  const { plans, seq } = await store.plans();
  const stored = new Map(
    plans.map((plan) => [trackKey(plan.topic, plan.partition), plan]),
  );
  const lows = new Map<string, number>();
  for (const topic of new Set(assigned.map((item) => item.topic))) {
    for (const row of await deps.admin.fetchTopicOffsets(topic)) {
      lows.set(trackKey(topic, row.partition), Number(row.low));
    }
  }
  const tracks = assigned.map(({ topic, partition }): Track => {
    const key = trackKey(topic, partition);
    const low = lows.get(key) ?? 0;
    return trackOf(topic, partition, low, stored.get(key) ?? null);
  });
  return {
    tracks,
    planSeq: seq,
    clocks: decodeClocks(await store.clocks(), deps.codec),
    recent: await store.recentEvents(generationMax),
  };
}

function decodeClocks(
  stored: readonly StoredClock[],
  codec: Codec,
): Map<number, Clock> {
  const clocks = new Map<number, Clock>();
  for (const { partition, value } of stored) {
    const decoded = codec.decode(value);
    if (decoded.kind === "record" && decoded.record.name === "Clock") {
      clocks.set(partition, decoded.record.value);
    }
  }
  return clocks;
}

function sourceOf(
  message: KafkaMessage,
  value: Buffer,
  partition: number,
  decoded: Decoded,
): SourceRecord {
  return {
    partition,
    offset: Number(message.offset),
    appendedAt: Number(message.timestamp),
    key: message.key?.toString() ?? "",
    value,
    record: decoded.kind === "record" ? decoded.record : null,
  };
}
