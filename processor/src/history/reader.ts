/**
 * The consumer's side of the historian: batches into the recorder, flushes in
 * turn, partitions paused while the recorder takes none. After a join nothing
 * is read before the store has told where to go on.
 */
import type { Decoded } from "@riskwall/schemas/codec";
import type { Consumer, EachBatchPayload, KafkaMessage } from "kafkajs";
import type { Logger } from "pino";
import { flushMaxRecords } from "./flush-choice.ts";
import type { SourceRecord } from "./log-rows.ts";
import type { Recorder } from "./recorder.ts";
import { readStart, type StartDeps } from "./start.ts";
import { trackKey } from "./tracks.ts";

/** Time between flushes while little is going on. */
const flushEveryMs = 800;
/** Time between commits of the hint offsets. */
const hintEveryMs = 5000;

export interface ReaderDeps extends StartDeps {
  readonly recorder: Recorder;
  readonly consumer: Consumer;
  readonly log: Logger;
  readonly onStored: (table: string, rows: number) => void;
  readonly onGap: (topic: string) => void;
  readonly onFatal: (error: unknown) => void;
}

export interface Reader {
  readonly onJoin: (
    assignment: Readonly<Record<string, readonly number[]>>,
  ) => void;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  readonly flushLoop: () => Promise<void>;
  readonly joined: () => boolean;
  readonly stop: () => void;
}

export function createReader(deps: ReaderDeps): Reader {
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
    if (Date.now() < hintAt || !joined || assigned.length === 0) return;
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
