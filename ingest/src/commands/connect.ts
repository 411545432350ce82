/** What a verb needs of the stack, connected, and put down in reverse. */
import { createCodec, type Codec } from "@riskwall/schemas/codec";
import { topicNames } from "@riskwall/schemas/names";
import { pino } from "pino";
import type { Config } from "../config.ts";
import { createAppender, type LogAppender } from "../io/appender.ts";
import { connectRedis, createDoor, type Door } from "../io/door.ts";
import {
  connectKafka,
  connectProducer,
  createEncoder,
  type Encoder,
  type Kafka,
} from "../io/kafka.ts";
import { exitCodes, reach, VerbFailed } from "./exit-codes.ts";

export interface LogWriter {
  readonly appender: LogAppender;
  readonly encoder: Encoder;
  readonly door: Door;
  readonly close: () => Promise<void>;
}

/** Messages of the parts go to stderr, warnings and worse. */
export const quietLog = pino({ level: "warn" }, pino.destination(2));

export function kafkaOf(config: Config, verb: string): Kafka {
  return connectKafka(
    config.brokers,
    `riskwall-${verb}`,
    pino({ level: "silent" }),
  );
}

export async function codecOf(config: Config): Promise<Codec> {
  return reach("the schema registry", "RISKWALL_REGISTRY_URL", async () =>
    createCodec(config.registryUrl),
  );
}

/** Refuses a namespace that was never set up. */
async function checkNamespace(kafka: Kafka, config: Config): Promise<string> {
  const admin = kafka.admin();
  await reach("Kafka", "RISKWALL_KAFKA_BROKERS", async () => admin.connect());
  try {
    const topics = await admin.listTopics();
    if (!topics.includes(topicNames(config.namespace).events)) {
      throw new VerbFailed(
        exitCodes.failure,
        `namespace ${config.namespace} is not set up: start riskwall first`,
      );
    }
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}

/** Connects what is needed to append to the log. */
export async function openLog(
  config: Config,
  verb: string,
): Promise<LogWriter & { readonly clusterId: string }> {
  const kafka = kafkaOf(config, verb);
  const clusterId = await checkNamespace(kafka, config);
  const codec = await codecOf(config);
  const producer = await connectProducer(kafka);
  const redis = connectRedis(config.redisUrl);
  redis.on("error", (error: Error) => {
    quietLog.debug({ error: error.message }, "redis");
  });
  await new Promise<void>((go) => {
    redis.once("ready", go);
    redis.once("error", () => {
      go();
    });
  });
  return {
    clusterId,
    appender: createAppender(producer),
    encoder: createEncoder(codec, config.namespace),
    door: createDoor(redis, config.namespace, quietLog),
    close: async () => {
      await producer.disconnect();
      redis.disconnect();
    },
  };
}
