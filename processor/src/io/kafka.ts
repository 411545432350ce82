/**
 * Kafka behind ports. kafkajs facts that shape this file: `GROUP_JOIN` carries
 * no generation, so ownership is the lease in Redis; it repairs an offset out
 * of range by itself, so the claim checks the log; the default partitioner is
 * murmur2 like Java's.
 */
import type { Codec } from "@riskwall/schemas/codec";
import type { RecordName, Records } from "@riskwall/schemas";
import { topicNames } from "@riskwall/schemas/names";
import { encodeState } from "@riskwall/schemas/state";
import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Consumer,
  type EachBatchPayload,
  type Message,
  type Producer,
} from "kafkajs";
import type { Logger } from "pino";
import type { Output } from "../core/emit.ts";
import type { EncodedOutput, LogWriter, OutputSink } from "./ports.ts";

/** Bytes of one partition's outputs in one request, about. */
const sendMaxBytes = 512 * 1024;

/** What kafkajs says when the log does not have the offset it wants. */
const outOfRange = "Offset out of range, resetting to default offset";

/**
 * A client whose log goes to ours; rebalance noise is lowered to debug.
 * `onOutOfRange`: kafkajs is about to go to another offset of this partition
 * by itself, and tells nobody but its log.
 */
export function connectKafka(
  brokers: readonly string[],
  clientId: string,
  log: Logger,
  onOutOfRange: (partition: number) => void = () => undefined,
): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.INFO,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 8 },
    logCreator:
      () =>
      ({ level, log: entry }) => {
        if (entry.message === outOfRange) {
          onOutOfRange(Number(entry["partition"]));
        }
        const quiet =
          level >= logLevel.INFO || /rebalanc|coordinator/i.test(entry.message);
        const line = { kafka: entry.message, error: entry["error"] };
        if (quiet) log.debug(line);
        else if (level === logLevel.ERROR) log.error(line);
        else log.warn(line);
      },
  });
}

/** Producer with all acknowledgements and one request in flight. */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 5 },
  });
  await producer.connect();
  return producer;
}

/** Bytes of one produce request at most, all partitions together. */
const requestMaxBytes = 4 * 1024 * 1024;

/** A part of a partition's outputs, small enough for one record batch. */
interface Piece {
  readonly partition: number;
  readonly outputs: readonly EncodedOutput[];
  readonly bytes: number;
  readonly settle: (error: Error | null) => void;
}

/** Cuts outputs where they exceed `sendMaxBytes`; keeps their order. */
function piecesOf(outputs: readonly EncodedOutput[]): EncodedOutput[][] {
  const pieces: EncodedOutput[][] = [];
  let bytes = sendMaxBytes;
  for (const output of outputs) {
    if (bytes >= sendMaxBytes) {
      pieces.push([]);
      bytes = 0;
    }
    pieces.at(-1)?.push(output);
    bytes += output.value.length;
  }
  return pieces;
}

/**
 * Sends outputs. One request is in flight; what other partitions hand in
 * meanwhile goes together in the next one, so that the acknowledgement of one
 * is not waited for by each of the others in turn. A partition hands in its
 * next outputs only after the ones before are acknowledged, so its order holds.
 */
export function createSink(
  producer: Producer,
  codec: Codec,
  namespace: string,
): OutputSink {
  const topics = topicNames(namespace);
  const encode = (output: Output): Buffer => {
    switch (output.name) {
      case "ScoreChange":
        return codec.encode(output.name, output.value);
      case "Alert":
        return codec.encode(output.name, output.value);
      case "AlertSuppressed":
        return codec.encode(output.name, output.value);
      case "ActionOutcome":
        return codec.encode(output.name, output.value);
      case "Decision":
        return codec.encode(output.name, output.value);
      case "LimitChange":
        return codec.encode(output.name, output.value);
      case "Late":
        return codec.encode(output.name, output.value);
      case "DeadLetter":
        // What the fold itself says has no bytes of the log; avsc takes Buffers.
        return codec.encode(output.name, {
          ...output.value,
          raw: Buffer.from(output.value.raw),
        });
      case "CustomerMoved":
        return codec.encode(output.name, {
          ...output.value,
          state: encodeState(output.value.state),
        });
      default:
        // A record of the log for another subject, as it was decoded.
        return codec.encode(output.name, output.value);
    }
  };
  const waiting: Piece[] = [];
  let sending = false;

  const takeRequest = (): Piece[] => {
    let bytes = 0;
    const fits = waiting.findIndex((piece) => {
      bytes += piece.bytes;
      return bytes > requestMaxBytes;
    });
    const taken = waiting.splice(0, fits < 0 ? waiting.length : fits || 1);
    return taken;
  };
  const sendAll = async (): Promise<void> => {
    sending = true;
    while (waiting.length > 0) {
      const pieces = takeRequest();
      const byTopic = new Map<string, Message[]>();
      for (const { partition, outputs } of pieces) {
        for (const { topic, key, value, headers } of outputs) {
          const list = byTopic.get(topic);
          // Outputs lie where their input lay; what is handed to another
          // subject through the log, where that one lives.
          const message: Message =
            topic === topics.events
              ? { key, value }
              : { key, value, partition };
          if (headers !== undefined) message.headers = { ...headers };
          if (list) list.push(message);
          else byTopic.set(topic, [message]);
        }
      }
      let failure: Error | null = null;
      try {
        await producer.sendBatch({
          acks: -1,
          topicMessages: [...byTopic].map(([topic, messages]) => ({
            topic,
            messages,
          })),
        });
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      for (const { settle } of pieces) settle(failure);
    }
    sending = false;
  };
  const sendPiece = async (
    partition: number,
    outputs: readonly EncodedOutput[],
  ): Promise<void> =>
    new Promise((done, fail) => {
      const bytes = outputs.reduce((sum, item) => sum + item.value.length, 0);
      const settle = (error: Error | null): void => {
        if (error === null) done();
        else fail(error);
      };
      waiting.push({ partition, outputs, bytes, settle });
      // `sendAll` settles pieces and never throws.
      if (!sending) void sendAll();
    });
  return {
    encode: (outputs) =>
      outputs.map((output) => ({
        topic: topics[output.topic],
        key: output.value.customerId ?? "",
        value: encode(output),
      })),
    send: async (partition, outputs) => {
      for (const piece of piecesOf(outputs)) await sendPiece(partition, piece);
    },
  };
}

/** Appends control records to chosen partitions of the log. */
export interface ControlWriter extends LogWriter {
  append: <Name extends RecordName>(
    partition: number,
    name: Name,
    value: Records[Name],
  ) => Promise<void>;
}

export function createControlWriter(
  producer: Producer,
  codec: Codec,
  namespace: string,
): ControlWriter {
  const topic = topicNames(namespace).events;
  const append: ControlWriter["append"] = async (partition, name, value) => {
    const key = name === "Tick" ? "#tick" : "#control";
    await producer.send({
      topic,
      acks: -1,
      messages: [{ key, value: codec.encode(name, value), partition }],
    });
  };
  return { append, tick: async (partition) => append(partition, "Tick", {}) };
}

export interface LogBounds {
  readonly low: number;
  readonly high: number;
}

/** Low and high offsets of every partition of a topic. */
export async function logBounds(
  admin: Admin,
  topic: string,
): Promise<Map<number, LogBounds>> {
  const rows = await admin.fetchTopicOffsets(topic);
  return new Map(
    rows.map((row) => [
      row.partition,
      { low: Number(row.low), high: Number(row.high) },
    ]),
  );
}

export interface ConsumerDeps {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
  readonly sessionMs: number;
  /** Called synchronously in the join: pause first, then claim. */
  readonly onJoin: (
    consumer: Consumer,
    partitions: readonly number[],
    memberId: string,
  ) => void;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  readonly onCrash: (error: Error, restart: boolean) => void;
}

/** A member of the group says so often that it is alive, ms. */
export function heartbeatEveryMs(sessionMs: number): number {
  return Math.floor(sessionMs / 4);
}

/** Starts consuming the log; offsets in Kafka are hints only. */
export async function startConsumer(deps: ConsumerDeps): Promise<Consumer> {
  const consumer = deps.kafka.consumer({
    groupId: deps.groupId,
    sessionTimeout: deps.sessionMs,
    heartbeatInterval: heartbeatEveryMs(deps.sessionMs),
    rebalanceTimeout: deps.sessionMs * 2,
    minBytes: 1,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 512 * 1024,
    allowAutoTopicCreation: false,
    readUncommitted: true,
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1000 },
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const partitions = payload.memberAssignment[deps.topic] ?? [];
    deps.onJoin(consumer, partitions, payload.memberId);
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    deps.onCrash(payload.error, payload.restart);
  });
  await consumer.connect();
  await consumer.subscribe({ topic: deps.topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 12,
    eachBatch: deps.onBatch,
  });
  return consumer;
}

export type { Admin, Consumer, EachBatchPayload, Kafka, Producer };
