/** Posts to the gateway of a product, as an outside system does. */
import type { SimEvent } from "../../ingest/src/simulate/behaviour.ts";
import type { Product } from "../support/product.ts";

/** Seconds a request waits for its decision at most. */
const waitSeconds = 5;

/** Posts events as they are; rejects when they are not all taken. */
export async function postEvents(
  product: Product,
  events: readonly SimEvent[],
): Promise<void> {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  await post(product, "application/x-ndjson", lines.join(""), {}, 202);
}

/** Posts one event and does not wait for what becomes of it. */
export async function postEvent(
  product: Product,
  event: SimEvent,
): Promise<void> {
  await post(product, "application/json", JSON.stringify(event), {}, 202);
}

/** Posts an order and waits for its decision; rejects when none comes. */
export async function postForDecision(
  product: Product,
  event: SimEvent,
): Promise<void> {
  const prefer = { prefer: `wait=${String(waitSeconds)}` };
  await post(product, "application/json", JSON.stringify(event), prefer, 200);
}

async function post(
  product: Product,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  status: number,
): Promise<void> {
  const reply = await fetch(`${product.ingest}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${product.credentials.ingestKey}`,
      "content-type": type,
      ...headers,
    },
    body,
  });
  const text = await reply.text();
  if (reply.status !== status) {
    throw new Error(`${String(reply.status)} ${text.slice(0, 400)}`);
  }
}
