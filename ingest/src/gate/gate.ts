/**
 * The gate: records that outside producers wrote to their inboxes pass the
 * same checks as HTTP and go into the log; what fails is a dead letter. At
 * least once: the offset is committed after the append, the fold drops
 * repeats.
 */
import type { Codec } from "@riskwall/schemas/codec";
import { groupName, inboxSource, inboxTopic } from "@riskwall/schemas/names";
import type { EachBatchPayload } from "kafkajs";
import type { Logger } from "pino";
import { acceptBatch, type AcceptDeps, type Item } from "../accept.ts";
import { createConsumer, type Consumer, type Kafka } from "../io/kafka.ts";
import { parseContext, type TakeDeps } from "../take.ts";
import { inboxItem } from "./inbox-item.ts";

/** Records appended, and then committed, together. */
export const pieceMaxRecords = 500;
/** A fetch of idle inboxes comes back after so long. */
const fetchMaxMs = 200;
/** An inbox that does not exist yet is looked for again after so long. */
const lookAgainMs = 5000;

export interface GateDeps
  extends AcceptDeps, Pick<TakeDeps, "now" | "simulated" | "readText"> {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly namespace: string;
  /** Sources that have an inbox. */
  readonly sources: () => readonly string[];
  readonly log: Pick<Logger, "info" | "warn" | "debug">;
}

export interface Gate {
  /** Opens the gate to inboxes that appeared since; never rejects. */
  readonly refresh: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function passBatch(
  payload: EachBatchPayload,
  deps: GateDeps,
): Promise<void> {
  const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary } = payload;
  const { topic, partition, messages } = batch;
  const source = inboxSource(deps.namespace, topic) ?? "";
  const rights = {
    scopes: new Set(["events:write"]),
    sources: new Set([source]),
  };
  for (let i = 0; i < messages.length; i += pieceMaxRecords) {
    if (!payload.isRunning() || payload.isStale()) return;
    const piece = messages.slice(i, i + pieceMaxRecords);
    const items: Item[] = [];
    for (const message of piece) {
      const origin = { topic, partition, offset: Number(message.offset) };
      items.push(await inboxItem(message, source, origin, deps.codec));
    }
    const answer = await acceptBatch(items, deps, {
      context: parseContext(deps, false),
      rights,
      stage: "gate",
      repeatKnown: false,
    });
    const last = piece.at(-1);
    if (last) resolveOffset(last.offset);
    await commitOffsetsIfNecessary();
    await heartbeat();
    const { accepted, duplicates, failed } = answer;
    deps.log.debug(
      { topic, partition, accepted, duplicates, rejected: failed.length },
      "gate: passed",
    );
  }
}

/** Wanted inboxes that exist; kafkajs gives up on a topic that does not. */
async function existing(
  kafka: Kafka,
  wanted: readonly string[],
): Promise<string[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = new Set(await admin.listTopics());
    return wanted.filter((topic) => topics.has(topic)).sort();
  } finally {
    await admin.disconnect();
  }
}

export function createGate(deps: GateDeps): Gate {
  const { kafka, log } = deps;
  const groupId = groupName(deps.namespace, "gate");
  let consumer: Consumer | null = null;
  let open: readonly string[] = [];
  let chain: Promise<void> = Promise.resolve();
  let again: NodeJS.Timeout | undefined;
  let stopped = false;

  const reopen = async (): Promise<void> => {
    clearTimeout(again);
    const wanted = deps
      .sources()
      .map((source) => inboxTopic(deps.namespace, source));
    if (stopped || wanted.length === 0) return;
    const topics = await existing(kafka, wanted);
    if (topics.length < wanted.length) {
      again = setTimeout(() => void refresh(), lookAgainMs);
    }
    if (topics.length === 0 || topics.join() === open.join()) return;
    await consumer?.disconnect();
    consumer = createConsumer(kafka, groupId, fetchMaxMs);
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      autoCommitThreshold: 1,
      eachBatch: async (payload) => passBatch(payload, deps),
    });
    open = topics;
    log.info({ topics }, "gate is open");
  };

  const refresh = async (): Promise<void> => {
    chain = chain.then(reopen).catch((error: unknown) => {
      log.warn({ error: String(error) }, "gate could not open, tries again");
      open = [];
      if (!stopped) again = setTimeout(() => void refresh(), lookAgainMs);
    });
    return chain;
  };

  return {
    refresh,
    stop: async () => {
      stopped = true;
      clearTimeout(again);
      await chain;
      await consumer?.disconnect();
    },
  };
}
