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

/** The newest decision on an order that came as this event, as its view. */
export async function storedDecision(
  client: ClickHouseClient,
  order: {
    readonly source: string;
    readonly id: string;
    readonly orderId: string;
  },
): Promise<object | null> {
  const reply = await client.query({
    query:
      "SELECT view FROM decisions FINAL WHERE order_id = {orderId:String} AND event_id = {id:String} AND source = {source:String} ORDER BY decided_at DESC, `offset` DESC, n DESC LIMIT 1",
    query_params: { ...order },
    format: "JSONEachRow",
  });
  const [row] = await reply.json<{ view: string }>();
  // The historian stored it, from an object.
  return row === undefined ? null : (JSON.parse(row.view) as object);
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
