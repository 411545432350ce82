/** The product with a customer, two held orders and an operator at the desk. */
import type { Browser, Page } from "playwright-core";
import { signedIn, startBrowser } from "./browser.ts";
import { startProduct, type Product } from "./product.ts";

export interface Desk {
  readonly product: Product;
  readonly browser: Browser;
  /** Signed in as the operator. */
  readonly page: Page;
  readonly close: () => Promise<void>;
}

/** The customer the desk looks at. */
export const customer = "C-DESK";
const dayMs = 86_400_000;

function event(id: string, type: string, data: object, at: number): object {
  return {
    ...{ id, source: "e2e", type, time: new Date(at).toISOString() },
    data: { customerId: customer, ...data },
  };
}
const order = (id: string, amount: string, at: number): object =>
  event(
    id,
    "order.placed",
    { orderId: `SO-${id}`, amount, currency: "CNY" },
    at,
  );

async function post(
  product: Product,
  events: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const reply = await fetch(`${product.ingest}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${product.credentials.ingestKey}`,
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(events),
  });
  if (!reply.ok) throw new Error(`ingest answered ${String(reply.status)}`);
}

/** A customer with a usual size of order, then two sudden large ones, held. */
async function tell(product: Product): Promise<void> {
  const now = Date.now();
  const master = {
    ...{ name: "恒远机电", segment: "wholesale", currency: "CNY" },
    creditLimit: "100000.00",
  };
  const usual = Array.from({ length: 10 }, (_, i) =>
    order(
      `u${String(i)}`,
      `${String(1000 + i)}.00`,
      now - (10 - i) * 0.5 * dayMs,
    ),
  );
  const first = event("m", "customer.upserted", master, now);
  const invoice = event(
    "inv",
    "invoice.issued",
    {
      ...{ invoiceId: "INV-1", amount: "1000.00", currency: "CNY" },
      ...{ issueDate: "2026-01-05", dueDate: "2026-02-05" },
    },
    now,
  );
  await post(product, [first, ...usual, invoice]);
  for (const id of ["big", "huge"]) {
    const wait = { prefer: "wait=10" };
    await post(product, order(id, "40000.00", Date.now()), wait);
  }
}

/** One more sudden large order of the customer: it raises an alert. */
export async function surprise(product: Product, id: string): Promise<void> {
  const sudden = order(id, "40000.00", Date.now());
  await post(product, sudden, { prefer: "wait=10" });
}

/** Starts all of it; the caller closes it. */
export async function startDesk(): Promise<Desk> {
  const product = await startProduct();
  const browser = await startBrowser();
  await tell(product);
  return {
    ...{ product, browser },
    page: await signedIn(browser, product),
    close: async () => {
      await browser.close();
      await product.stop();
    },
  };
}
