/**
 * ClickHouse migrations: numbered files, forward only, each with the checksum
 * it was applied with. Every statement may be run again, so that a migration
 * cut in the middle is simply applied whole the next time.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
} from "@clickhouse/client";
import { databaseName } from "../names.ts";
import { withMigrationLock } from "./migration-lock.ts";

export { MigrationLocked, withMigrationLock } from "./migration-lock.ts";

/** One file of `clickhouse/`, with the SHA-256 of its text. */
export interface Migration {
  readonly id: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A migration that was changed after it had been applied. */
export class MigrationChanged extends Error {}

/** The database was migrated by a newer version of the product. */
export class MigrationUnknown extends Error {}

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

/** What is not applied yet; a changed or vanished migration is refused. */
export function pendingMigrations(
  applied: ReadonlyMap<string, string>,
  shipped: readonly Migration[],
): Migration[] {
  const ids = new Set(shipped.map((item) => item.id));
  for (const id of applied.keys()) {
    if (!ids.has(id)) {
      throw new MigrationUnknown(`migration ${id} is of a newer version`);
    }
  }
  return shipped.filter((item) => {
    const before = applied.get(item.id);
    if (before !== undefined && before !== item.checksum) {
      throw new MigrationChanged(
        `migration ${item.id} was changed after it had been applied`,
      );
    }
    return before === undefined;
  });
}

async function appliedMigrations(
  client: ClickHouseClient,
  database: string,
): Promise<Map<string, string>> {
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS ${database}.migrations (id String, checksum String, applied_at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree ORDER BY id`,
  });
  const reply = await client.query({
    query: `SELECT id, checksum FROM ${database}.migrations`,
    format: "JSONEachRow",
  });
  const rows = await reply.json<{ id: string; checksum: string }>();
  return new Map(rows.map((row) => [row.id, row.checksum]));
}

async function apply(
  client: ClickHouseClient,
  database: string,
  migration: Migration,
): Promise<void> {
  for (const query of statements(migration.sql, database)) {
    await client.command({ query });
  }
  await client.insert({
    table: `${database}.migrations`,
    values: [{ id: migration.id, checksum: migration.checksum }],
    format: "JSONEachRow",
  });
}

/** Applies what is new; answers the ids applied. */
export async function migrate(
  clickhouseUrl: string,
  namespace: string,
  migrations: readonly Migration[] = readMigrations(),
): Promise<string[]> {
  const database = databaseName(namespace);
  const client = createClient({
    url: clickhouseUrl,
    request_timeout: 60_000,
    log: { level: ClickHouseLogLevel.OFF },
  });
  const done: string[] = [];
  try {
    await client.command({
      query: `CREATE DATABASE IF NOT EXISTS ${database}`,
    });
    await withMigrationLock(client, database, async () => {
      const applied = await appliedMigrations(client, database);
      for (const migration of pendingMigrations(applied, migrations)) {
        await apply(client, database, migration);
        done.push(migration.id);
      }
    });
  } finally {
    await client.close();
  }
  return done;
}
