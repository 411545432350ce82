/** What ClickHouse keeps of an erased customer, and how it goes. */
import type { ClickHouseClient } from "@clickhouse/client";

/** A `customer.erased` of the log. */
export interface Erasure {
  readonly customerId: string;
  readonly partition: number;
  readonly offset: number;
  /** Append time, ms. */
  readonly appendedAt: number;
}

export interface ErasureStore {
  /** Erasures appended since then (ms), the latest of each customer. */
  readonly erasures: (since: number) => Promise<readonly Erasure[]>;
  /** Removes what is left of a customer; false: nothing was. */
  readonly erase: (erasure: Erasure) => Promise<boolean>;
}

interface Remains {
  readonly table: string;
  readonly where: string;
  /** What a row becomes instead of going. */
  readonly stub?: string;
  /** True where the next removal takes what this one looks at. */
  readonly wait?: true;
}

const before =
  "customer_id = {customerId:String} AND `partition` = {partition:UInt16} AND `offset` < {offset:UInt64}";
const until = before.replace("`offset` <", "`offset` <=");
const letters =
  "customer_id = {customerId:String} AND occurred_at <= fromUnixTimestamp64Milli({appendedAt:Int64})";

/**
 * In this order: what is sent again of a dead letter is found by the letter.
 * The record of the erasure itself stays. Records of the archive keep their
 * place, so that it has no hole. Sums by hour know no customer, and the audit
 * log is kept (who looked at whom, without what they saw).
 */
const remains: readonly Remains[] = [
  {
    table: "redrives",
    where: `letter_id IN (SELECT id FROM dead_letters WHERE ${letters})`,
    wait: true,
  },
  { table: "dead_letters", where: letters },
  { table: "events", where: before },
  ...[
    ...["score_changes", "limit_changes", "alerts", "suppressed_alerts"],
    ...["decisions", "late", "feature_snapshots"],
  ].map((table) => ({ table, where: until })),
  {
    table: "log",
    where: before,
    stub: "customer_id = '', key = '', value = ''",
  },
];

export function createErasureStore(client: ClickHouseClient): ErasureStore {
  const count = async (
    query: string,
    query_params: Record<string, unknown>,
  ): Promise<number> => {
    const reply = await client.query({
      ...{ query, query_params, format: "JSONEachRow" },
    });
    const [row] = await reply.json<{ n: string }>();
    return Number(row?.n ?? "0");
  };
  /** False while an earlier removal is still at work. */
  const isIdle = async (table: string): Promise<boolean> => {
    const query =
      "SELECT count() AS n FROM system.mutations WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done";
    return (await count(query, { table })) === 0;
  };
  return {
    erasures: async (since) => {
      const reply = await client.query({
        query: `SELECT customer_id AS customerId, \`partition\`,
          toFloat64(max(\`offset\`)) AS \`offset\`,
          toFloat64(toUnixTimestamp64Milli(max(appended_at))) AS appendedAt
          FROM events WHERE type = 'customer.erased' AND appended_at >= fromUnixTimestamp64Milli({since:Int64})
          GROUP BY customer_id, \`partition\``,
        query_params: { since },
        format: "JSONEachRow",
      });
      return reply.json<Erasure>();
    },
    erase: async (erasure) => {
      const params = { ...erasure };
      let found = false;
      for (const { table, where, stub, wait } of remains) {
        const left = await count(
          `SELECT count() AS n FROM ${table} WHERE ${where}`,
          params,
        );
        if (left === 0) continue;
        found = true;
        if (!(await isIdle(table))) continue;
        const change = stub === undefined ? "DELETE" : `UPDATE ${stub}`;
        await client.command({
          query: `ALTER TABLE ${table} ${change} WHERE ${where}`,
          query_params: params,
          // What the next one asks for has to be there until this one is done.
          clickhouse_settings: { mutations_sync: wait === true ? "1" : "0" },
        });
      }
      return found;
    },
  };
}
