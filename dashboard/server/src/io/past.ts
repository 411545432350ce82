/** ClickHouse: typed parameters, bounded time, instants as RFC 3339. */
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
} from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";
import { partAway } from "../problem.ts";

const requestTimeoutMs = 20_000;
const executionMaxS = 15;

export type QueryParams = Readonly<Record<string, unknown>>;

export interface Past {
  /** Rows of a query; the caller names their shape. 503 when it is away. */
  rows: <Row>(query: string, params?: QueryParams) => Promise<Row[]>;
  /** Stores rows of a table; 503 when it is away, and then perhaps stored. */
  insert: (table: string, rows: readonly object[]) => Promise<void>;
  ping: () => Promise<boolean>;
  close: () => Promise<void>;
}

export function connectPast(url: string, namespace: string): Past {
  const client: ClickHouseClient = createClient({
    url,
    database: databaseName(namespace),
    request_timeout: requestTimeoutMs,
    // Failures are logged once, where they are answered.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      max_execution_time: executionMaxS,
      date_time_output_format: "iso",
      output_format_json_quote_64bit_integers: 0,
      output_format_json_quote_decimals: 1,
      // Versions of a row never lie in two partitions: both keep occurred_at.
      do_not_merge_across_partitions_select_final: 1,
    },
  });
  return {
    rows: async <Row>(query: string, params: QueryParams = {}) => {
      try {
        const reply = await client.query({
          query,
          query_params: { ...params },
          format: "JSONEachRow",
        });
        return await reply.json<Row>();
      } catch (error) {
        throw partAway("history", error);
      }
    },
    insert: async (table, rows) => {
      try {
        await client.insert({
          table,
          values: rows,
          format: "JSONEachRow",
          clickhouse_settings: { date_time_input_format: "best_effort" },
        });
      } catch (error) {
        throw partAway("history", error);
      }
    },
    ping: async () => (await client.ping()).success,
    close: async () => client.close(),
  };
}

/** A place in a list ordered by time and id, newest first. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

/** Condition and parameters that leave only what comes after a place. */
export function afterPlace(
  time: string,
  id: string,
  after: Place | null,
): { readonly sql: string; readonly params: QueryParams } {
  if (after === null) return { sql: "1", params: {} };
  return {
    sql: `(toUnixTimestamp64Milli(${time}), ${id}) < ({afterAt:Int64}, {afterId:String})`,
    params: { afterAt: after.at, afterId: after.id },
  };
}

/** A page of rows asked for with one row more than its size. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins, or null at the end. */
  readonly next: Place | null;
}

/** Cuts the surplus row and says where to go on. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  size: number,
  place: (row: Row) => Place,
  item: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const more = rows.length > size && last !== undefined;
  return { items: shown.map(item), next: more ? place(last) : null };
}
