/** Both copies of the audit log and its published heads, read whole. */
import { randomUUID } from "node:crypto";
import type { AuditHead } from "@riskwall/schemas/audit";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Admin, Kafka } from "kafkajs";
import { z } from "zod";
import type { Past } from "../io/past.ts";
import type { AuditRecord } from "./verify-chain.ts";

const readMaxMs = 120_000;
/** Rows of one query: the log may be long. */
const pageRows = 50_000;

interface TopicRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string | null;
}

/** All records of a topic of one partition, up to its end now. */
async function readTopic(
  kafka: Kafka,
  admin: Admin,
  namespace: string,
  topic: string,
): Promise<TopicRecord[]> {
  const [bounds] = await admin.fetchTopicOffsets(topic);
  const end = Number(bounds?.high ?? 0);
  const records: TopicRecord[] = [];
  if (end <= Number(bounds?.low ?? 0)) return records;
  const groupId = groupName(namespace, `audit-verify.${randomUUID()}`);
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  try {
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => {
        fail(new Error(`${topic} was not read in time`));
      }, readMaxMs);
      consumer
        .run({
          autoCommit: false,
          eachBatch: ({ batch }) => {
            for (const { offset, key, value } of batch.messages) {
              records.push({
                offset: Number(offset),
                key: key?.toString() ?? "",
                value: value?.toString() ?? null,
              });
            }
            if (Number(batch.lastOffset()) >= end - 1) {
              clearTimeout(timer);
              done();
            }
            return Promise.resolve();
          },
        })
        .catch(fail);
    });
  } finally {
    await consumer.disconnect();
  }
  await admin.deleteGroups([groupId]);
  return records;
}

async function readCopy(past: Past): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (;;) {
    const from = (records.at(-1)?.offset ?? -1) + 1;
    const rows = await past.rows<{ offset: number; text: string }>(
      "SELECT toFloat64(`offset`) AS offset, value AS text FROM audit FINAL WHERE audit.`offset` >= {from:UInt64} ORDER BY audit.`offset` LIMIT {size:UInt32}",
      { from, size: pageRows },
    );
    for (const { offset, text } of rows) {
      records.push({ offset: Number(offset), text });
    }
    if (rows.length < pageRows) return records;
  }
}

const head = z.object({ seq: z.number(), hash: z.string(), at: z.string() });

/** The published heads that the settings topic holds: the last of each day. */
async function readHeads(
  kafka: Kafka,
  admin: Admin,
  namespace: string,
): Promise<AuditHead[]> {
  const topic = topicNames(namespace).settings;
  const newest = new Map<string, AuditHead>();
  for (const { key, value } of await readTopic(
    kafka,
    admin,
    namespace,
    topic,
  )) {
    if (!key.startsWith("audithead:") || value === null) continue;
    const parsed = head.safeParse(JSON.parse(value));
    if (parsed.success) newest.set(key, parsed.data);
  }
  return [...newest.values()].sort((a, b) => a.seq - b.seq);
}

export interface Copies {
  readonly topic: readonly AuditRecord[];
  readonly copy: readonly AuditRecord[];
  /** Offsets below were in the topic before the copy was read. */
  readonly heads: readonly AuditHead[];
}

/**
 * Heads first and the topic next: what was published before is then in it,
 * while entries go on being written.
 */
export async function readCopies(
  kafka: Kafka,
  past: Past,
  namespace: string,
): Promise<Copies> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const heads = await readHeads(kafka, admin, namespace);
    const { audit } = topicNames(namespace);
    const topic = await readTopic(kafka, admin, namespace, audit);
    const copy = await readCopy(past);
    return {
      topic: topic.map(({ offset, value }) => ({ offset, text: value ?? "" })),
      copy,
      heads,
    };
  } finally {
    await admin.disconnect();
  }
}
