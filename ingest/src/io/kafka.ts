/** Kafka of the gateway: the connection, the producer, records as bytes. */
import type { Codec } from "@riskwall/schemas/codec";
import type { DeadLetter, RecordName, Records } from "@riskwall/schemas";
import { logPartitions, topicNames } from "@riskwall/schemas/names";
import {
  Kafka,
  logLevel,
  Partitioners,
  type Consumer,
  type Producer,
} from "kafkajs";
import type { Logger } from "pino";
import type { OutRecord } from "./appender.ts";

export type { Consumer, Kafka, Producer };
export {
  LogUnavailable,
  type LogAppender,
  type OutRecord,
} from "./appender.ts";

/** A dead broker is given up within `acknowledgeMaxMs` of the appender. */
const retry = { initialRetryTime: 100, maxRetryTime: 500, retries: 5 };
const connectMaxMs = 1000;
const requestMaxMs = 5000;

export function connectKafka(
  brokers: readonly string[],
  clientId: string,
  log: Pick<Logger, "debug" | "warn">,
): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.WARN,
    connectionTimeout: connectMaxMs,
    requestTimeout: requestMaxMs,
    retry,
    logCreator:
      () =>
      ({ level, log: entry }) => {
        const line = { kafka: entry.message, error: entry["error"] };
        const expected = /rebalanc|coordinator/i.test(entry.message);
        if (level === logLevel.ERROR && !expected) log.warn(line, "kafka");
        else log.debug(line, "kafka");
      },
  });
}

export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
    retry,
  });
  await producer.connect();
  return producer;
}

/** A consumer that outlives its broker's absences. */
export function createConsumer(
  kafka: Kafka,
  groupId: string,
  maxWaitMs: number,
): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: maxWaitMs,
    readUncommitted: true,
    retry: { ...retry, restartOnFailure: async () => Promise.resolve(true) },
  });
}

/** Answers whether the cluster can be asked; false after `maxMs`. */
export function createKafkaCheck(
  kafka: Kafka,
  topic: string,
  maxMs: number,
): {
  readonly ask: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
} {
  const admin = kafka.admin({ retry: { retries: 0 } });
  let connected = false;
  const look = async (): Promise<boolean> => {
    if (!connected) await admin.connect();
    connected = true;
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics.every(({ partitions }) =>
      partitions.every(({ leader }) => leader >= 0),
    );
  };
  const down = (): boolean => {
    connected = false;
    return false;
  };
  return {
    ask: async () =>
      Promise.race([
        look().catch(down),
        new Promise<boolean>((answer) => {
          setTimeout(() => {
            answer(false);
          }, maxMs).unref();
        }),
      ]),
    stop: async () => admin.disconnect(),
  };
}

/** Turns records into what the appender takes. */
export interface Encoder {
  readonly business: <Name extends RecordName>(
    name: Name,
    customerId: string,
    value: Records[Name],
  ) => OutRecord;
  /** A control record goes to every partition. */
  readonly control: <Name extends RecordName>(
    name: Name,
    value: Records[Name],
  ) => OutRecord[];
  readonly deadLetter: (value: DeadLetter) => OutRecord;
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
