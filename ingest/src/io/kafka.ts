/** Kafka of the gateway: one producer that batches, consumers behind ports. */
import type { Codec } from "@riskwall/schemas/codec";
import type { DeadLetter, RecordName, Records } from "@riskwall/schemas";
import { logPartitions, topicNames } from "@riskwall/schemas/names";
import { Kafka, logLevel, Partitioners, type Producer } from "kafkajs";
import type { Logger } from "pino";

/** Records waiting to be sent at most; beyond it the caller is told to wait. */
export const queueMax = 100_000;
/** Records and bytes of one request at most. */
const sendMaxRecords = 5000;
const sendMaxBytes = 4 * 1024 * 1024;

/** The log cannot take more now; nothing of the batch is promised. */
export class LogUnavailable extends Error {}

export interface OutRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly partition?: number;
}

export interface LogAppender {
  /** Resolves when all in-sync replicas acknowledged every record. */
  append: (records: readonly OutRecord[]) => Promise<void>;
  /** Records waiting or in flight. */
  depth: () => number;
}

export function connectKafka(
  brokers: readonly string[],
  clientId: string,
  log: Logger,
): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.WARN,
    connectionTimeout: 1000,
    requestTimeout: 5000,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 4 },
    logCreator:
      () =>
      ({ level, log: entry }) => {
        const line = { kafka: entry.message, error: entry["error"] };
        const quiet = /rebalanc|coordinator/i.test(entry.message);
        if (quiet) log.debug(line);
        else if (level === logLevel.ERROR) log.warn(line);
        else log.debug(line);
      },
  });
}

export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 4 },
  });
  await producer.connect();
  return producer;
}

interface Waiting {
  readonly records: readonly OutRecord[];
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** One request in flight; what comes meanwhile travels in the next one. */
export function createAppender(producer: Producer): LogAppender {
  const waiting: Waiting[] = [];
  let depth = 0;
  let busy = false;

  const take = (): Waiting[] => {
    const batch: Waiting[] = [];
    let records = 0;
    let bytes = 0;
    for (;;) {
      const next = waiting[0];
      if (!next) return batch;
      const size = next.records.reduce((sum, r) => sum + r.value.length, 0);
      const fits =
        records + next.records.length <= sendMaxRecords &&
        bytes + size <= sendMaxBytes;
      if (batch.length > 0 && !fits) return batch;
      waiting.shift();
      batch.push(next);
      records += next.records.length;
      bytes += size;
    }
  };

  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      for (let batch = take(); batch.length > 0; batch = take()) {
        await send(batch);
      }
    } finally {
      busy = false;
    }
  };

  const send = async (batch: readonly Waiting[]): Promise<void> => {
    const byTopic = new Map<string, OutRecord[]>();
    for (const { records } of batch) {
      for (const record of records) {
        const list = byTopic.get(record.topic);
        if (list) list.push(record);
        else byTopic.set(record.topic, [record]);
      }
    }
    try {
      await producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([topic, records]) => ({
          topic,
          messages: records.map(({ key, value, partition }) =>
            partition === undefined
              ? { key, value }
              : { key, value, partition },
          ),
        })),
      });
      for (const item of batch) item.done();
    } catch (error) {
      const failure = new LogUnavailable("the log cannot take records now", {
        cause: error,
      });
      for (const item of batch) item.fail(failure);
    } finally {
      for (const item of batch) depth -= item.records.length;
    }
  };

  return {
    depth: () => depth,
    append: async (records) => {
      if (records.length === 0) return;
      if (depth + records.length > queueMax && depth > 0) {
        throw new LogUnavailable("too many records are waiting");
      }
      depth += records.length;
      const acknowledged = new Promise<void>((done, fail) => {
        waiting.push({ records, done, fail });
      });
      void pump();
      await acknowledged;
    },
  };
}

/** Turns records into what the appender takes. */
export interface Encoder {
  business: <Name extends RecordName>(
    name: Name,
    customerId: string,
    value: Records[Name],
  ) => OutRecord;
  /** A control record goes to every partition. */
  control: <Name extends RecordName>(
    name: Name,
    value: Records[Name],
  ) => OutRecord[];
  deadLetter: (value: DeadLetter) => OutRecord;
}

export function createEncoder(codec: Codec, namespace: string): Encoder {
  const { events, deadletters } = topicNames(namespace);
  return {
    business: (name, customerId, value) => ({
      topic: events,
      key: customerId,
      value: codec.encode(name, value),
    }),
    control: (name, value) => {
      const bytes = codec.encode(name, value);
      return Array.from({ length: logPartitions }, (_, partition) => ({
        topic: events,
        key: "#control",
        value: bytes,
        partition,
      }));
    },
    deadLetter: (value) => ({
      topic: deadletters,
      key: value.customerId ?? "",
      value: codec.encode("DeadLetter", value),
    }),
  };
}

export type { Kafka, Producer };
