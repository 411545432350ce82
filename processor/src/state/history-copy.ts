/** Tables of ClickHouse to files and back, cut at log positions. */
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
} from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";
import { migrate } from "@riskwall/schemas/migrations";
import type { StoredPlan } from "../history/tracks.ts";
import type { Manifest } from "./manifest.ts";

const gzipLevel = 1;
const requestTimeoutMs = 600_000;

/** Tables whose rows carry the position of the log's record they come from. */
const logTables = [
  ...["log", "events", "score_changes", "alerts", "decisions"],
  ...["late", "portfolio_snapshots"],
];
/** Tables whose rows carry the position in the topic of dead letters. */
const letterTables = ["dead_letters"];
/** Tables without a position: what people did. */
const wholeTables = ["redrives"];
/** Every table of a backup; rollups follow from them. */
export const copiedTables = [...logTables, ...letterTables, ...wholeTables];

/** First offsets that are not copied, by partition. */
export interface Cuts {
  readonly log: readonly number[];
  readonly letters: readonly number[];
}

export interface HistoryCopy {
  readonly plans: () => Promise<StoredPlan[]>;
  /** Writes a table's rows below the cuts; answers how many. */
  readonly save: (table: string, cuts: Cuts, path: string) => Promise<number>;
  /** Stored rows of all tables together; 0 without a database. */
  readonly rows: () => Promise<number>;
  readonly drop: () => Promise<void>;
  readonly migrate: () => Promise<void>;
  /** Inserts a file into an empty table; answers the rows it has then. */
  readonly load: (table: string, path: string) => Promise<number>;
  readonly savePlans: (plans: Manifest["plans"]) => Promise<void>;
  readonly close: () => Promise<void>;
}

function conditionOf(table: string): string {
  const below = (cut: string): string =>
    `offset < arrayElement({${cut}:Array(UInt64)}, \`partition\` + 1)`;
  if (logTables.includes(table)) return below("log");
  return letterTables.includes(table) ? below("letters") : "1";
}

async function columnsOf(
  client: ClickHouseClient,
  database: string,
  table: string,
): Promise<string> {
  const reply = await client.query({
    query: `SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}
      AND default_kind NOT IN ('EPHEMERAL', 'ALIAS', 'MATERIALIZED') ORDER BY position`,
    query_params: { database, table },
    format: "JSONEachRow",
  });
  const rows = await reply.json<{ name: string }>();
  return rows.map(({ name }) => `\`${name}\``).join(", ");
}

export function createHistoryCopy(url: string, namespace: string): HistoryCopy {
  const database = databaseName(namespace);
  const client = createClient({
    url,
    request_timeout: requestTimeoutMs,
    log: { level: ClickHouseLogLevel.OFF },
  });
  const count = async (
    from: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<number> => {
    const reply = await client.query({
      query: `SELECT toString(count()) AS n FROM ${from}`,
      query_params: { ...params },
      format: "JSONEachRow",
    });
    const [row] = await reply.json<{ n: string }>();
    return Number(row?.n ?? 0);
  };
  return {
    plans: async () => {
      const reply = await client.query({
        query: `SELECT topic, \`partition\`, toFloat64(\`from\`) AS \`from\`, toFloat64(\`to\`) AS \`to\`,
          if(pos_n < 0, -1, toFloat64(pos_offset)) AS posOffset, toFloat64(pos_n) AS posN, token, done
          FROM ${database}.history_plan FINAL`,
        format: "JSONEachRow",
      });
      return reply.json<StoredPlan>();
    },
    save: async (table, cuts, path) => {
      const columns = await columnsOf(client, database, table);
      const from = `${database}.${table} FINAL WHERE ${conditionOf(table)}`;
      const params = { log: cuts.log, letters: cuts.letters };
      const { stream } = await client.exec({
        query: `SELECT ${columns} FROM ${from} FORMAT Native`,
        query_params: params,
      });
      await pipeline(
        stream,
        createGzip({ level: gzipLevel }),
        createWriteStream(path, { mode: 0o600 }),
      );
      return count(from, params);
    },
    rows: async () => {
      const reply = await client.query({
        query: `SELECT toString(sum(rows)) AS n FROM system.parts
          WHERE database = {database:String} AND active AND has({tables:Array(String)}, table)`,
        query_params: { database, tables: copiedTables },
        format: "JSONEachRow",
      });
      const [row] = await reply.json<{ n: string }>();
      return Number(row?.n ?? 0);
    },
    drop: async () => {
      await client.command({
        query: `DROP DATABASE IF EXISTS ${database} SYNC`,
      });
    },
    migrate: async () => {
      await migrate(url, namespace);
    },
    load: async (table, path) => {
      const columns = await columnsOf(client, database, table);
      const { stream } = await client.exec({
        query: `INSERT INTO ${database}.${table} (${columns}) FORMAT Native`,
        values: createReadStream(path).pipe(createGunzip()),
        clickhouse_settings: {
          // The table is empty: nothing here is a repeat.
          insert_deduplicate: 0,
          max_partitions_per_insert_block: "0",
        },
      });
      stream.resume();
      return count(`${database}.${table} FINAL`);
    },
    savePlans: async (plans) => {
      await client.insert({
        table: `${database}.history_plan`,
        format: "JSONEachRow",
        values: plans.map(({ topic, partition, to, posOffset, posN }) => ({
          ...{ topic, partition, from: to, to, token: "", done: true, seq: 1 },
          ...{ pos_offset: Math.max(0, posOffset), pos_n: posN },
        })),
      });
    },
    close: async () => client.close(),
  };
}
