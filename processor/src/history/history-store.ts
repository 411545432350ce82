/** ClickHouse of the historian: plans and inserts. */
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";
import type { Range, StoredPlan } from "./planner.ts";
import type { Row } from "./project.ts";

export interface HistoryStore {
  plans: () => Promise<StoredPlan[]>;
  savePlan: (
    ranges: readonly Range[],
    token: string,
    done: boolean,
    seq: number,
  ) => Promise<void>;
  insert: (table: string, rows: readonly Row[], token: string) => Promise<void>;
  ping: () => Promise<boolean>;
  close: () => Promise<void>;
}

export function createHistoryStore(
  url: string,
  namespace: string,
): HistoryStore {
  const client: ClickHouseClient = createClient({
    url,
    database: databaseName(namespace),
    request_timeout: 30_000,
    compression: { request: true, response: false },
    clickhouse_settings: {
      date_time_input_format: "best_effort",
      async_insert: 0,
      max_partitions_per_insert_block: "400",
    },
  });
  return {
    plans: async () => {
      const reply = await client.query({
        query:
          "SELECT topic, `partition`, `from`, `to`, pos_offset, pos_n, token, done FROM history_plan FINAL",
        format: "JSONEachRow",
      });
      const rows = await reply.json<{
        topic: string;
        partition: number;
        from: string;
        to: string;
        pos_offset: string;
        pos_n: string;
        token: string;
        done: boolean;
      }>();
      return rows.map((row) => ({
        topic: row.topic,
        partition: row.partition,
        from: Number(row.from),
        to: Number(row.to),
        posOffset: Number(row.pos_n) < 0 ? -1 : Number(row.pos_offset),
        posN: Number(row.pos_n),
        token: row.token,
        done: row.done,
      }));
    },
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
      await client.insert({
        table,
        values: rows,
        format: "JSONEachRow",
        clickhouse_settings: {
          insert_deduplication_token: `${table}-${token}`,
        },
      });
    },
    ping: async () => (await client.ping()).success,
    close: async () => client.close(),
  };
}
