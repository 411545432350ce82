/**
 * The whole log from offset 0: from the broker, and from the archive where the
 * broker no longer holds the offsets (architecture 4).
 */
import { randomUUID } from "node:crypto";
import type { ClickHouseClient } from "@clickhouse/client";
import type { Codec } from "@riskwall/schemas/codec";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Kafka } from "kafkajs";
import type { LogEntry } from "./chronicle.ts";
import type { Reach } from "./verify.ts";

/** Rows of one question to the archive. */
const archiveRowsMax = 20_000;
const fetchMaxMs = 200;

/** Entries of one partition in offset order, by partition. */
export type Log = Map<number, LogEntry[]>;

export interface LogSource {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly clickhouse: ClickHouseClient;
  readonly namespace: string;
}

/** The log is not there, or lacks an offset that the state was made of. */
export class LogProblem extends Error {}

async function toEntry(
  codec: Codec,
  offset: number,
  appendedAt: number,
  value: Buffer | null,
): Promise<LogEntry> {
  const wire = value ?? Buffer.alloc(0);
  let decoded = codec.decode(wire);
  if (decoded.kind === "unknown-id" && (await codec.learn(decoded.id))) {
    decoded = codec.decode(wire);
  }
  const record = decoded.kind === "record" ? decoded.record : null;
  return { offset, appendedAt, record };
}

/** Reads every partition from 0 to its position in `until`, exclusive. */
export async function readLog(
  source: LogSource,
  until: ReadonlyMap<number, number>,
  reach: Reach,
): Promise<Log> {
  const log: Log = new Map([...until.keys()].map((key) => [key, []]));
  const bounds = await reach("Kafka", "RISKWALL_KAFKA_BROKERS", async () =>
    readBounds(source),
  );
  const lows = new Map<number, number>();
  for (const [partition, end] of until) {
    const { low: first, high } = bounds.get(partition) ?? { low: 0, high: 0 };
    if (high < end) {
      throw new LogProblem(
        `partition ${String(partition)} of the log ends at ${String(high)}, before its state at ${String(end)}`,
      );
    }
    const low = Math.min(end, first);
    lows.set(partition, low);
    if (low === 0) continue;
    const entries = await reach(
      "ClickHouse",
      "RISKWALL_CLICKHOUSE_URL",
      async () => readArchive(source, partition, low),
    );
    log.set(partition, entries);
  }
  await reach("Kafka", "RISKWALL_KAFKA_BROKERS", async () =>
    readBroker(source, until, lows, log),
  );
  for (const [partition, end] of until) {
    checkWhole(partition, end, log.get(partition) ?? []);
  }
  return log;
}

/** No offset may be missing; throws `LogProblem`. */
function checkWhole(
  partition: number,
  end: number,
  entries: readonly LogEntry[],
): void {
  const at = entries.findIndex((entry, index) => entry.offset !== index);
  const missing = at >= 0 ? at : entries.length;
  if (missing < end) {
    throw new LogProblem(
      `neither broker nor archive holds offset ${String(missing)} of partition ${String(partition)}`,
    );
  }
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** What the broker holds of every partition. */
async function readBounds({
  kafka,
  namespace,
}: LogSource): Promise<Map<number, Bounds>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { events } = topicNames(namespace);
    const topics = await admin.listTopics();
    if (!topics.includes(events)) {
      throw new LogProblem(`namespace ${namespace} is not set up`);
    }
    const offsets = await admin.fetchTopicOffsets(events);
    return new Map(
      offsets.map(({ partition, low, high }) => [
        partition,
        { low: Number(low), high: Number(high) },
      ]),
    );
  } finally {
    await admin.disconnect();
  }
}

interface ArchiveRow {
  readonly position: string;
  readonly at: string;
  readonly value64: string;
}

async function readArchive(
  { clickhouse, codec }: LogSource,
  partition: number,
  end: number,
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let from = 0; from < end; from += archiveRowsMax) {
    const reply = await clickhouse.query({
      query: `SELECT toString(offset) AS position, toString(toUnixTimestamp64Milli(appended_at)) AS at,
        base64Encode(value) AS value64 FROM log FINAL
        WHERE partition = {partition:UInt16} AND offset >= {from:UInt64} AND offset < {to:UInt64}
        ORDER BY offset`,
      query_params: {
        partition,
        from,
        to: Math.min(end, from + archiveRowsMax),
      },
      format: "JSONEachRow",
    });
    for (const row of await reply.json<ArchiveRow>()) {
      const value = Buffer.from(row.value64, "base64");
      entries.push(
        await toEntry(codec, Number(row.position), Number(row.at), value),
      );
    }
  }
  return entries;
}

async function readBroker(
  { kafka, codec, namespace }: LogSource,
  until: ReadonlyMap<number, number>,
  lows: ReadonlyMap<number, number>,
  log: Log,
): Promise<void> {
  const open = new Map(
    [...until].filter(([key, end]) => end > (lows.get(key) ?? 0)),
  );
  if (open.size === 0) return;
  const topic = topicNames(namespace).events;
  const groupId = groupName(namespace, `verify.${randomUUID()}`);
  const consumer = kafka.consumer({
    groupId,
    readUncommitted: true,
    maxWaitTimeInMs: fetchMaxMs,
  });
  const read = Promise.withResolvers<undefined>();
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    read.reject(payload.error);
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, heartbeat }) => {
        const { partition } = batch;
        const end = open.get(partition);
        if (end === undefined) {
          consumer.pause([{ topic, partitions: [partition] }]);
          return;
        }
        const entries = log.get(partition) ?? [];
        for (const { offset, timestamp, value } of batch.messages) {
          const last = entries.at(-1)?.offset ?? -1;
          const at = Number(offset);
          if (at <= last || at >= end) continue;
          entries.push(await toEntry(codec, at, Number(timestamp), value));
        }
        await heartbeat();
        if (Number(batch.lastOffset()) + 1 >= end) open.delete(partition);
        if (open.size === 0) read.resolve(undefined);
      },
    });
    await read.promise;
  } finally {
    await consumer.disconnect();
  }
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteGroups([groupId]);
  } finally {
    await admin.disconnect();
  }
}
