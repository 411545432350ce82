/**
 * One migrator at a time: ClickHouse makes a table of one name once. Its
 * comment names the holder, its modification time says that the holder lives.
 */
import { randomUUID } from "node:crypto";
import type { ClickHouseClient } from "@clickhouse/client";

/** Without a sign of life for so long a holder is taken for dead. */
const staleMs = 30_000;
const aliveEveryMs = 5000;
const waitMaxMs = 120_000;
const pollMs = 200;

/** Another migrator holds the lock and lives. */
export class MigrationLocked extends Error {}

interface Holder {
  readonly holder: string;
  readonly ageMs: number;
}

async function holderOf(
  client: ClickHouseClient,
  database: string,
): Promise<Holder | null> {
  const reply = await client.query({
    query: `SELECT comment AS holder, toUnixTimestamp(now()) - toUnixTimestamp(metadata_modification_time) AS age FROM system.tables WHERE database = {database:String} AND name = 'migration_lock'`,
    query_params: { database },
    format: "JSONEachRow",
  });
  const [row] = await reply.json<{ holder: string; age: number | string }>();
  return row ? { holder: row.holder, ageMs: Number(row.age) * 1000 } : null;
}

async function release(
  client: ClickHouseClient,
  database: string,
  holder: string,
): Promise<void> {
  const now = await holderOf(client, database);
  if (now?.holder !== holder) return;
  await client.command({
    query: `DROP TABLE IF EXISTS ${database}.migration_lock SYNC`,
  });
}

async function take(
  client: ClickHouseClient,
  database: string,
  holder: string,
  waitMs: number,
): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      await client.command({
        query: `CREATE TABLE ${database}.migration_lock (at DateTime) ENGINE = MergeTree ORDER BY at COMMENT '${holder}'`,
      });
      return;
    } catch (error) {
      if (!String(error).includes("already exists")) throw error;
      const other = await holderOf(client, database);
      if (other && other.ageMs > staleMs) {
        await release(client, database, other.holder);
      } else if (Date.now() > deadline) {
        throw new MigrationLocked(
          `${database}: ${other?.holder ?? "another"} is migrating`,
          { cause: error },
        );
      } else await new Promise((go) => setTimeout(go, pollMs));
    }
  }
}

/** Runs `work` as the only migrator of a database. */
export async function withMigrationLock(
  client: ClickHouseClient,
  database: string,
  work: () => Promise<void>,
  waitMs: number = waitMaxMs,
): Promise<void> {
  const holder = randomUUID();
  await take(client, database, holder, waitMs);
  let lost: unknown = null;
  const alive = setInterval(() => {
    client
      .command({
        query: `ALTER TABLE ${database}.migration_lock MODIFY COMMENT '${holder}'`,
      })
      .catch((error: unknown) => {
        lost = error;
      });
  }, aliveEveryMs);
  try {
    await work();
    if (lost !== null) throw new Error("migration lock lost", { cause: lost });
  } finally {
    clearInterval(alive);
    await release(client, database, holder);
  }
}
