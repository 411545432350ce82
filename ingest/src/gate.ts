/**
 * The gate: records that outside producers wrote to their inboxes pass the
 * same checks as HTTP and go into the log; what fails is a dead letter. At
 * least once: the fold drops repeats.
 */
import type { Codec } from "@riskwall/schemas/codec";
import { toContract } from "@riskwall/schemas";
import { groupName, inboxSource, inboxTopic } from "@riskwall/schemas/names";
import type { EachBatchPayload, Kafka, KafkaMessage } from "kafkajs";
import type { Logger } from "pino";
import { acceptBatch, type AcceptDeps, type Item } from "./accept.ts";

const chunkRecords = 500;
const retryMs = 1000;

export interface Gate {
  /** Starts or widens the gate when a source appears. */
  refresh: () => Promise<void>;
  stop: () => Promise<void>;
}

export interface GateDeps extends AcceptDeps {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly namespace: string;
  readonly sources: () => readonly string[];
  readonly log: Logger;
  readonly now: () => number;
}

async function itemOf(
  message: KafkaMessage,
  source: string,
  codec: Codec,
): Promise<Item> {
  const value = message.value ?? Buffer.alloc(0);
  if (value[0] !== 0) {
    const raw = value.toString("utf8");
    try {
      const json: unknown = JSON.parse(raw);
      return withSource(json, source, raw);
    } catch (error) {
      const why = error instanceof Error ? error.message : "not JSON";
      return { malformed: why, raw };
    }
  }
  let decoded = codec.decode(value);
  if (decoded.kind === "unknown-id") {
    await codec.learn(decoded.id);
    decoded = codec.decode(value);
  }
  const raw = value.toString("base64");
  if (decoded.kind !== "record") {
    const why =
      decoded.kind === "malformed" ? decoded.message : "unknown schema";
    return { malformed: why, raw };
  }
  return withSource(toContract(decoded.record), source, raw);
}

/** The inbox speaks for its source alone. */
function withSource(json: unknown, source: string, raw: string): Item {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { json, raw };
  }
  return { json: "source" in json ? json : { ...json, source }, raw };
}

export function createGate(deps: GateDeps): Gate {
  let consumer: ReturnType<Kafka["consumer"]> | null = null;
  let topics: string[] = [];
  let chain: Promise<void> = Promise.resolve();

  const onBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary } =
      payload;
    const source = inboxSource(deps.namespace, batch.topic) ?? "";
    for (let i = 0; i < batch.messages.length; i += chunkRecords) {
      const part = batch.messages.slice(i, i + chunkRecords);
      for (const message of part) {
        const item = await itemOf(message, source, deps.codec);
        await acceptBatch([item], deps, {
          context: { now: deps.now(), historical: false },
          rights: {
            scopes: new Set(["events:write"]),
            sources: new Set([source]),
          },
          stage: "gate",
          repeatKnown: false,
          origin: {
            topic: batch.topic,
            partition: batch.partition,
            offset: Number(message.offset),
          },
        });
        resolveOffset(message.offset);
      }
      await commitOffsetsIfNecessary();
      await heartbeat();
    }
  };

  const restart = async (): Promise<void> => {
    const wanted = deps
      .sources()
      .map((source) => inboxTopic(deps.namespace, source))
      .sort();
    if (wanted.join() === topics.join() || wanted.length === 0) return;
    await consumer?.disconnect();
    consumer = deps.kafka.consumer({
      groupId: groupName(deps.namespace, "gate"),
      sessionTimeout: 10_000,
      maxWaitTimeInMs: 200,
      readUncommitted: true,
      retry: { retries: 50, initialRetryTime: 100, maxRetryTime: retryMs },
    });
    await consumer.connect();
    await consumer.subscribe({ topics: wanted, fromBeginning: true });
    await consumer.run({
      eachBatch: onBatch,
      autoCommitThreshold: chunkRecords,
    });
    topics = wanted;
    deps.log.info({ topics }, "gate is open");
  };

  return {
    refresh: async () => {
      chain = chain.then(restart).catch((error: unknown) => {
        deps.log.warn({ error: String(error) }, "gate could not open");
      });
      return chain;
    },
    stop: async () => {
      await chain;
      await consumer?.disconnect();
    },
  };
}
