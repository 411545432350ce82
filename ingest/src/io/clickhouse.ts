/** What the gateway reads from history. */
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";

export function connectClickHouse(
  url: string,
  namespace: string,
): ClickHouseClient {
  return createClient({
    url,
    database: databaseName(namespace),
    request_timeout: 10_000,
  });
}

/** Decisions of one order, newest first, as stored views. */
export async function orderHistory(
  client: ClickHouseClient,
  orderId: string,
): Promise<readonly unknown[]> {
  const reply = await client.query({
    query:
      "SELECT view FROM decisions FINAL WHERE order_id = {id:String} ORDER BY decided_at DESC, `offset` DESC, n DESC LIMIT 200",
    query_params: { id: orderId },
    format: "JSONEachRow",
  });
  const rows = await reply.json<{ view: string }>();
  return rows.map((row) => JSON.parse(row.view) as unknown);
}
