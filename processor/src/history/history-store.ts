/** ClickHouse of the historian: plans, inserts, newest identities. */
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
} from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";
import { createErasureStore, type ErasureStore } from "./erasure-store.ts";
import { insertMaxMonths } from "./inserts.ts";
import type { Row } from "./log-rows.ts";
import type { Range, StoredPlan } from "./tracks.ts";

const requestTimeoutMs = 30_000;

/** An event that is stored, and where it stands in the log. */
export interface StoredEvent {
  readonly customerId: string;
  readonly source: string;
  readonly eventId: string;
  readonly partition: number;
  readonly offset: number;
}

export interface StoredClock {
  readonly partition: number;
  readonly value: Buffer;
}

/** Newest plan per topic partition, and the greatest sequence of any. */
interface StoredPlans {
  readonly plans: readonly StoredPlan[];
  readonly seq: number;
}

/** Every call may be repeated with the same arguments without effect. */
export interface HistoryStore {
  readonly plans: () => Promise<StoredPlans>;
  /** Writes all ranges of a flush at once; a greater `seq` wins. */
  readonly savePlan: (
    ranges: readonly Range[],
    token: string,
    done: boolean,
    seq: number,
  ) => Promise<void>;
  /** Rows of one table under a token: taken once, however often repeated. */
  readonly insert: (
    table: string,
    rows: readonly Row[],
    token: string,
  ) => Promise<void>;
  /** Newest stored events by append time, oldest first. */
  readonly recentEvents: (max: number) => Promise<readonly StoredEvent[]>;
  /** Wire bytes of the newest stored Clock of each partition of the log. */
  readonly clocks: () => Promise<readonly StoredClock[]>;
}

interface ClickHouseStore extends HistoryStore, ErasureStore {
  /** First offset of the audit topic that is not stored. */
  readonly auditNext: () => Promise<number>;
  /** Customers that have a snapshot of this day (`YYYY-MM-DD`). */
  readonly snapshotsOf: (day: string) => Promise<readonly string[]>;
  readonly ping: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

interface PlanRow {
  readonly topic: string;
  readonly partition: number;
  readonly from: string;
  readonly to: string;
  readonly pos_offset: string;
  readonly pos_n: string;
  readonly token: string;
  readonly done: boolean;
  readonly seq: string;
}

function toPlan(row: PlanRow): StoredPlan {
  const posN = Number(row.pos_n);
  return {
    topic: row.topic,
    partition: row.partition,
    from: Number(row.from),
    to: Number(row.to),
    posOffset: posN < 0 ? -1 : Number(row.pos_offset),
    posN,
    token: row.token,
    done: row.done,
  };
}

async function readPlans(client: ClickHouseClient): Promise<StoredPlans> {
  const reply = await client.query({
    query:
      "SELECT topic, `partition`, `from`, `to`, pos_offset, pos_n, token, done, seq FROM history_plan FINAL",
    format: "JSONEachRow",
  });
  const rows = await reply.json<PlanRow>();
  const seq = rows.reduce((max, row) => Math.max(max, Number(row.seq)), 0);
  return { plans: rows.map(toPlan), seq };
}

async function readRecentEvents(
  client: ClickHouseClient,
  max: number,
): Promise<StoredEvent[]> {
  const reply = await client.query({
    query: `SELECT customer_id AS customerId, source, event_id AS eventId, \`partition\`, toFloat64(\`offset\`) AS \`offset\`
      FROM (SELECT * FROM events WHERE appended_at > (SELECT max(appended_at) - INTERVAL 1 HOUR FROM events)
            ORDER BY appended_at DESC, \`offset\` DESC LIMIT {max:UInt32})
      ORDER BY appended_at, \`offset\``,
    query_params: { max },
    format: "JSONEachRow",
  });
  return reply.json<StoredEvent>();
}

async function readAuditNext(client: ClickHouseClient): Promise<number> {
  const reply = await client.query({
    query:
      "SELECT toFloat64(if(count() = 0, 0, max(`offset`) + 1)) AS next FROM audit",
    format: "JSONEachRow",
  });
  const [row] = await reply.json<{ next: number }>();
  return Number(row?.next ?? 0);
}

async function readSnapshots(
  client: ClickHouseClient,
  day: string,
): Promise<string[]> {
  const reply = await client.query({
    query:
      "SELECT DISTINCT customer_id AS id FROM feature_snapshots WHERE day = {day:Date}",
    query_params: { day },
    format: "JSONEachRow",
  });
  const rows = await reply.json<{ id: string }>();
  return rows.map(({ id }) => id);
}

async function readClocks(client: ClickHouseClient): Promise<StoredClock[]> {
  const reply = await client.query({
    query:
      "SELECT `partition`, base64Encode(argMax(value, `offset`)) AS value64 FROM log WHERE name = 'Clock' GROUP BY `partition`",
    format: "JSONEachRow",
  });
  const rows = await reply.json<{ partition: number; value64: string }>();
  return rows.map(({ partition, value64 }) => ({
    partition,
    value: Buffer.from(value64, "base64"),
  }));
}

export function createHistoryStore(
  url: string,
  namespace: string,
): ClickHouseStore {
  const client = createClient({
    url,
    database: databaseName(namespace),
    request_timeout: requestTimeoutMs,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      date_time_input_format: "best_effort",
      async_insert: 0,
      deduplicate_blocks_in_dependent_materialized_views: 1,
      max_partitions_per_insert_block: String(insertMaxMonths),
    },
  });
  return {
    ...createErasureStore(client),
    plans: async () => readPlans(client),
    savePlan: async (ranges, token, done, seq) => {
      await client.insert({
        table: "history_plan",
        format: "JSONEachRow",
        values: ranges.map((range) => ({
          topic: range.topic,
          partition: range.partition,
          from: range.from,
          to: range.to,
          pos_offset: Math.max(0, range.posOffset),
          pos_n: range.posN,
          token,
          done,
          seq,
        })),
      });
    },
    insert: async (table, rows, token) => {
      const [first] = rows;
      if (first === undefined) return;
      const [column = "", ...columns] = Object.keys(first).map(
        (name) => `\`${name}\``,
      );
      await client.insert({
        table,
        columns: [column, ...columns],
        values: rows,
        format: "JSONEachRow",
        clickhouse_settings: { insert_deduplication_token: token },
      });
    },
    recentEvents: async (max) => readRecentEvents(client, max),
    clocks: async () => readClocks(client),
    auditNext: async () => readAuditNext(client),
    snapshotsOf: async (day) => readSnapshots(client, day),
    ping: async () => (await client.ping()).success,
    close: async () => client.close(),
  };
}
