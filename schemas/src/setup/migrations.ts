/**
 * ClickHouse migrations: numbered files, forward only, each with the checksum
 * it was applied with. One migrator at a time: the lock is a table that can be
 * created once; a holder older than a minute is taken for dead.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import { databaseName } from "../names.ts";

const lockStaleMs = 60_000;
const lockWaitMs = 120_000;
const lockPollMs = 200;

export interface Migration {
  readonly id: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A migration that was changed after it had been applied. */
export class MigrationChanged extends Error {}

/** Migrations of the package, in order. */
export function readMigrations(): Migration[] {
  const folder = fileURLToPath(new URL("../../clickhouse", import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), "utf8");
      const checksum = createHash("sha256").update(sql).digest("hex");
      return { id: name.replace(/\.sql$/, ""), sql, checksum };
    });
}

/** Statements of a file: separated by a line that holds only `;`. */
export function statements(sql: string, database: string): string[] {
  return sql
    .replace(/^--.*$/gm, "")
    .replaceAll("{db}", database)
    .split(/;\s*(?:\n|$)/)
    .map((text) => text.trim())
    .filter((text) => text !== "");
}

async function withLock(
  client: ClickHouseClient,
  database: string,
  work: () => Promise<void>,
): Promise<void> {
  const table = `${database}.migration_lock`;
  const deadline = Date.now() + lockWaitMs;
  for (;;) {
    try {
      await client.command({
        query: `CREATE TABLE ${table} (at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree ORDER BY at`,
      });
      break;
    } catch (error) {
      if (!String(error).includes("already exists")) throw error;
      if (Date.now() > deadline) throw error;
      await dropStaleLock(client, database);
      await new Promise((go) => setTimeout(go, lockPollMs));
    }
  }
  try {
    await work();
  } finally {
    await client.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
  }
}

async function dropStaleLock(
  client: ClickHouseClient,
  database: string,
): Promise<void> {
  const reply = await client.query({
    query: `SELECT toUnixTimestamp(now()) - toUnixTimestamp(metadata_modification_time) AS age FROM system.tables WHERE database = {db:String} AND name = 'migration_lock'`,
    query_params: { db: database },
    format: "JSONEachRow",
  });
  const [row] = await reply.json<{ age: number | string }>();
  if (row && Number(row.age) * 1000 > lockStaleMs) {
    await client.command({
      query: `DROP TABLE IF EXISTS ${database}.migration_lock SYNC`,
    });
  }
}

/** Applies what is new; answers the ids applied. */
export async function migrate(
  clickhouseUrl: string,
  namespace: string,
  migrations: readonly Migration[] = readMigrations(),
): Promise<string[]> {
  const database = databaseName(namespace);
  const client = createClient({ url: clickhouseUrl, request_timeout: 60_000 });
  const applied: string[] = [];
  try {
    await client.command({
      query: `CREATE DATABASE IF NOT EXISTS ${database}`,
    });
    await withLock(client, database, async () => {
      await client.command({
        query: `CREATE TABLE IF NOT EXISTS ${database}.migrations (id String, checksum String, applied_at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree ORDER BY id`,
      });
      const reply = await client.query({
        query: `SELECT id, checksum FROM ${database}.migrations`,
        format: "JSONEachRow",
      });
      const rows = await reply.json<{ id: string; checksum: string }>();
      const known = new Map(rows.map((row) => [row.id, row.checksum]));
      for (const item of migrations) {
        const before = known.get(item.id);
        if (before === item.checksum) continue;
        if (before !== undefined) {
          throw new MigrationChanged(
            `migration ${item.id} was changed after it had been applied`,
          );
        }
        for (const query of statements(item.sql, database)) {
          await client.command({ query });
        }
        await client.insert({
          table: `${database}.migrations`,
          values: [{ id: item.id, checksum: item.checksum }],
          format: "JSONEachRow",
        });
        applied.push(item.id);
      }
    });
  } finally {
    await client.close();
  }
  return applied;
}
