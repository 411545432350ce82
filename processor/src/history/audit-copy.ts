/**
 * Copies the audit topic to ClickHouse, record by record as it is. Idempotent
 * by offset: what is inserted twice is one row, so a crash or a second
 * historian does no harm, and there is no plan as for the other topics.
 */
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { EachBatchPayload, Kafka, KafkaMessage } from "kafkajs";
import type { Logger } from "pino";
import type { HistoryStore } from "./history-store.ts";
import type { Row } from "./log-rows.ts";
import { createPatience } from "./patience.ts";

const fetchWaitMs = 300;
const sessionMs = 10_000;

export interface AuditCopyDeps {
  readonly kafka: Kafka;
  readonly namespace: string;
  readonly store: Pick<HistoryStore, "insert"> & {
    /** First offset of the audit topic that is not stored. */
    readonly auditNext: () => Promise<number>;
  };
  readonly log: Logger;
  readonly onStored: (table: string, rows: number) => void;
  readonly onFatal: (error: unknown) => void;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value))
      : {};
  } catch (error) {
    // Kept as it is all the same: `audit verify` names it.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The row of a record; a record that is no entry keeps empty columns. */
export function auditRow(
  message: Pick<KafkaMessage, "offset" | "timestamp" | "value">,
): Row {
  const value = message.value?.toString() ?? "";
  const fields = fieldsOf(value);
  const text = (name: string): string => {
    const field = fields[name];
    return typeof field === "string" ? field : "";
  };
  const appendedAt = new Date(Number(message.timestamp)).toISOString();
  const at = text("at");
  const { seq } = fields;
  return {
    id: text("id"),
    seq: typeof seq === "number" && Number.isSafeInteger(seq) ? seq : 0,
    occurred_at: Number.isNaN(Date.parse(at)) ? appendedAt : at,
    appended_at: appendedAt,
    actor: text("actor"),
    role: text("role"),
    address: text("address"),
    action: text("action"),
    target_kind: text("targetKind"),
    target_id: text("targetId"),
    customer_id: text("customerId"),
    outcome: text("outcome"),
    reason: text("reason"),
    request_id: text("requestId"),
    value,
    partition: 0,
    offset: Number(message.offset),
  };
}

/** Starts copying; while ClickHouse is away it is only late, and waits. */
export function startAuditCopy(deps: AuditCopyDeps): {
  readonly stop: () => Promise<void>;
} {
  const { kafka, namespace, store, log } = deps;
  const topic = topicNames(namespace).audit;
  const patience = createPatience(log);
  let stopped = false;
  let next = 0;
  const consumer = kafka.consumer({
    groupId: groupName(namespace, "historian-audit"),
    sessionTimeout: sessionMs,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    readUncommitted: true,
    retry: { retries: 50, initialRetryTime: 100, maxRetryTime: 1000 },
  });
  const onBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
    const rows = batch.messages
      .filter(({ offset }) => Number(offset) >= next)
      .map(auditRow);
    if (rows.length === 0) return;
    const token = `audit-${String(next)}-${batch.lastOffset()}`;
    await patience.run("audit", async () => store.insert("audit", rows, token));
    next = Number(batch.lastOffset()) + 1;
    deps.onStored("audit", rows.length);
  };
  const onEnd = (error: unknown): void => {
    if (!stopped) deps.onFatal(error);
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) onEnd(payload.error);
  });
  // Positions are the store's own: after a join reading goes on from there.
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    if (topic in payload.memberAssignment) {
      consumer.seek({ topic, partition: 0, offset: String(next) });
    }
  });
  const run = async (): Promise<void> => {
    next = await patience.run("audit", store.auditNext);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: onBatch });
  };
  const running = run().catch(onEnd);
  return {
    stop: async () => {
      stopped = true;
      patience.end();
      await running;
      await consumer.disconnect();
    },
  };
}
