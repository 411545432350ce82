/**
 * Reads the log and the outputs and keeps ClickHouse in step. Buffers are
 * bounded: while ClickHouse is away, reading pauses and goes on by itself.
 */
import { randomUUID } from "node:crypto";
import type { Codec } from "@riskwall/schemas/codec";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { Logger } from "pino";
import type { HistoryStore } from "./io.ts";
import {
  isTaken,
  trackOf,
  type Range,
  type StoredPlan,
  type Track,
} from "./planner.ts";
import {
  positionOf,
  projectLog,
  projectOutput,
  type Row,
  type SourceRecord,
} from "./project.ts";

/** Records buffered at most before reading pauses. */
export const bufferMax = 60_000;
/** Rows of one insert at most. */
export const insertMaxRows = 20_000;
/** Records of one flush at most: a replay reads them again as one. */
const flushMax = 20_000;
const flushEveryMs = 400;
const retryMs = 500;
const retryMaxMs = 10_000;

interface Buffered {
  readonly track: Track;
  records: SourceRecord[];
}

export interface Historian {
  ready: () => boolean;
  /** Records buffered and not yet stored. */
  lag: () => number;
  stop: () => Promise<void>;
}

export interface HistorianDeps {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly store: HistoryStore;
  readonly namespace: string;
  readonly log: Logger;
  readonly onStored: (table: string, rows: number) => void;
}

export async function startHistorian(deps: HistorianDeps): Promise<Historian> {
  const { log, store } = deps;
  const names = topicNames(deps.namespace);
  const topics = [
    names.events,
    names.scores,
    names.alerts,
    names.decisions,
    names.late,
    names.deadletters,
  ];
  const buffers = new Map<string, Buffered>();
  let buffered = 0;
  let stopped = false;
  let joined = false;
  let paused = false;
  let generation = 0;
  let working: Promise<void> = Promise.resolve();
  let planSeq = Date.now() * 1000;
  const keyOf = (topic: string, partition: number): string =>
    `${topic}/${String(partition)}`;

  const admin = deps.kafka.admin();
  await admin.connect();
  const consumer: Consumer = deps.kafka.consumer({
    groupId: groupName(deps.namespace, "historian"),
    sessionTimeout: 10_000,
    heartbeatInterval: 2500,
    maxWaitTimeInMs: 250,
    minBytes: 1,
    readUncommitted: true,
    retry: { retries: 50, initialRetryTime: 100, maxRetryTime: 1000 },
  });

  const pauseAll = (): void => {
    if (paused) return;
    paused = true;
    consumer.pause(topics.map((topic) => ({ topic })));
  };
  const resumeAll = (): void => {
    if (!paused) return;
    paused = false;
    consumer.resume(topics.map((topic) => ({ topic })));
  };

  const join = async (
    assignment: Readonly<Record<string, readonly number[]>>,
    mine: number,
  ): Promise<void> => {
    await working;
    const stored = await patiently("plans", async () => store.plans());
    const lows = new Map<string, number>();
    for (const topic of Object.keys(assignment)) {
      for (const row of await admin.fetchTopicOffsets(topic)) {
        lows.set(keyOf(topic, row.partition), Number(row.low));
      }
    }
    if (generation !== mine || stopped) return;
    buffers.clear();
    buffered = 0;
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const key = keyOf(topic, partition);
        const plan =
          stored.find(
            (row) => row.topic === topic && row.partition === partition,
          ) ?? null;
        const track = trackOf(topic, partition, lows.get(key) ?? 0, plan);
        buffers.set(key, { track, records: [] });
        consumer.seek({ topic, partition, offset: String(track.next) });
      }
    }
    joined = true;
    resumeAll();
    log.info({ partitions: buffers.size }, "historian joined");
  };

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    generation += 1;
    joined = false;
    paused = false;
    pauseAll();
    const mine = generation;
    join(payload.memberAssignment, mine).catch((error: unknown) => {
      log.error({ error: String(error) }, "historian could not join");
      process.exit(1);
    });
  });

  const patiently = async <T>(
    what: string,
    work: () => Promise<T>,
  ): Promise<T> => {
    for (let pause = retryMs; ; pause = Math.min(retryMaxMs, pause * 2)) {
      try {
        return await work();
      } catch (error) {
        if (stopped) throw error;
        log.warn({ what, error: String(error) }, "ClickHouse is away, again");
        await new Promise((go) => setTimeout(go, pause));
      }
    }
  };

  const decode = async (value: Buffer): Promise<SourceRecord["record"]> => {
    let decoded = deps.codec.decode(value);
    if (decoded.kind === "unknown-id") {
      const { id } = decoded;
      await patiently("schema", async () => deps.codec.learn(id));
      decoded = deps.codec.decode(value);
    }
    return decoded.kind === "record" ? decoded.record : null;
  };

  const onBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { topic, partition, messages } = payload.batch;
    const item = buffers.get(keyOf(topic, partition));
    if (!joined || !item) return;
    for (const message of messages) {
      const offset = Number(message.offset);
      const known = item.records.at(-1)?.offset ?? item.track.next - 1;
      if (offset > known) {
        const value = message.value ?? Buffer.alloc(0);
        item.records.push({
          partition,
          offset,
          appendedAt: Number(message.timestamp),
          key: message.key?.toString() ?? "",
          value,
          record: await decode(value),
        });
        buffered += 1;
      }
      payload.resolveOffset(message.offset);
    }
    if (buffered >= bufferMax) pauseAll();
    await payload.heartbeat();
  };

  /** What goes into the next flush: a pending plan whole, else what is there. */
  const choose = (): {
    token: string;
    ranges: Range[];
    taken: Map<Buffered, SourceRecord[]>;
    planned: boolean;
  } | null => {
    const waiting = [...buffers.values()].filter(
      (item) => item.track.pending !== null,
    );
    const token = waiting[0]?.track.pending?.token;
    if (token !== undefined) {
      const group = waiting.filter(
        (item) => item.track.pending?.token === token,
      );
      const complete = group.every((item) => reached(item, item.track.pending));
      if (!complete) return null;
      const taken = new Map(
        group.map(
          (item) =>
            [
              item,
              item.records.filter(
                (record) => record.offset < (item.track.pending?.to ?? 0),
              ),
            ] as const,
        ),
      );
      const ranges = group.flatMap((item) => item.track.pending ?? []);
      return { token, ranges, taken, planned: true };
    }
    const taken = new Map<Buffered, SourceRecord[]>();
    const ranges: Range[] = [];
    let room = flushMax;
    for (const item of buffers.values()) {
      const records = item.records.slice(0, room);
      const last = records.at(-1);
      if (!last) continue;
      room -= records.length;
      taken.set(item, records);
      const { topic, partition, next, posOffset, posN } = item.track;
      ranges.push({
        topic,
        partition,
        from: next,
        to: last.offset + 1,
        posOffset,
        posN,
      });
      if (room <= 0) break;
    }
    return ranges.length === 0
      ? null
      : { token: randomUUID(), ranges, taken, planned: false };
  };

  const flush = async (): Promise<boolean> => {
    const mine = generation;
    const chosen = choose();
    if (chosen === null) return false;
    const { token, ranges, taken } = chosen;
    const tables = new Map<string, Row[]>();
    const after: Range[] = [];
    for (const [item, records] of taken) {
      const track = { ...item.track };
      for (const record of records) {
        for (const { table, row } of rowsOf(record, track, names.events)) {
          const list = tables.get(table);
          if (list) list.push(row);
          else tables.set(table, [row]);
        }
      }
      const to =
        ranges.find(
          (range) =>
            range.topic === track.topic && range.partition === track.partition,
        )?.to ?? track.next;
      after.push({
        topic: track.topic,
        partition: track.partition,
        from: track.next,
        to,
        posOffset: track.posOffset,
        posN: track.posN,
      });
    }
    if (!chosen.planned) {
      planSeq += 1;
      const seq = planSeq;
      await patiently("plan", async () =>
        store.savePlan(ranges, token, false, seq),
      );
    }
    for (const [table, rows] of tables) {
      for (let i = 0; i < rows.length; i += insertMaxRows) {
        const piece = rows.slice(i, i + insertMaxRows);
        await patiently(table, async () =>
          store.insert(table, piece, `${token}-${String(i)}`),
        );
        deps.onStored(table, piece.length);
      }
    }
    planSeq += 1;
    const seq = planSeq;
    await patiently("plan", async () =>
      store.savePlan(after, token, true, seq),
    );
    if (generation !== mine) return false;
    for (const [item, records] of taken) {
      const done = after.find(
        (range) =>
          range.topic === item.track.topic &&
          range.partition === item.track.partition,
      );
      if (!done) continue;
      item.track.next = done.to;
      item.track.posOffset = done.posOffset;
      item.track.posN = done.posN;
      item.track.pending = null;
      item.records = item.records.slice(records.length);
      buffered -= records.length;
    }
    if (buffered < bufferMax / 2) resumeAll();
    return true;
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const started = Date.now();
      let more = false;
      if (joined) {
        working = flush().then(
          (did) => {
            more = did && buffered >= flushMax;
          },
          (error: unknown) => {
            if (!stopped) {
              log.error({ error: String(error) }, "flush failed");
              process.exit(1);
            }
          },
        );
        await working;
      }
      const rest = flushEveryMs - (Date.now() - started);
      if (!more && rest > 0) await new Promise((go) => setTimeout(go, rest));
    }
  };

  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 6,
    eachBatch: onBatch,
  });
  const running = loop();
  return {
    ready: () => joined,
    lag: () => buffered,
    stop: async () => {
      stopped = true;
      await running;
      await consumer.disconnect();
      await admin.disconnect();
      await store.close();
    },
  };
}

function reached(item: Buffered, plan: StoredPlan | null): boolean {
  const last = item.records.at(-1);
  return plan !== null && last !== undefined && last.offset >= plan.to - 1;
}

/** Rows of a record; moves the track's position over outputs. */
function rowsOf(
  record: SourceRecord,
  track: Track,
  eventsTopic: string,
): ReturnType<typeof projectLog> {
  if (track.topic === eventsTopic) return projectLog(record);
  const pos = record.record === null ? null : positionOf(record.record);
  if (pos !== null) {
    if (isTaken(track, pos.offset, pos.n)) return [];
    track.posOffset = pos.offset;
    track.posN = pos.n;
  }
  return projectOutput(record);
}
