/** What the dashboard reads of the past. Typed parameters only. */
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";

export interface Past {
  rows: <Row>(
    query: string,
    params?: Readonly<Record<string, unknown>>,
  ) => Promise<Row[]>;
  ping: () => Promise<boolean>;
  close: () => Promise<void>;
}

export function connectPast(url: string, namespace: string): Past {
  const client: ClickHouseClient = createClient({
    url,
    database: databaseName(namespace),
    request_timeout: 20_000,
    clickhouse_settings: { max_execution_time: 15 },
  });
  return {
    rows: async <Row>(
      query: string,
      params: Readonly<Record<string, unknown>> = {},
    ) => {
      const reply = await client.query({
        query,
        query_params: { ...params },
        format: "JSONEachRow",
      });
      return reply.json<Row>();
    },
    ping: async () => (await client.ping()).success,
    close: async () => client.close(),
  };
}
