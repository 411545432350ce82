/**
 * The promise of the product, in a real browser: an event is posted, its alert
 * appears on the wall with the reason beside it, is acknowledged by a click,
 * and the state survives a reload.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { startProduct, type Product } from "../support/product.ts";

let product: Product;
let browser: Browser;
let page: Page;
const customer = "C-E2E";
const day = 86_400_000;

async function post(events: readonly object[]): Promise<Response> {
  return fetch(`${product.ingest}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${product.credentials.ingestKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(events),
  });
}

const event = (
  id: string,
  type: string,
  data: object,
  time = Date.now(),
): object => ({
  id,
  source: "e2e",
  type,
  time: new Date(time).toISOString(),
  data: { customerId: customer, ...data },
});
const order = (id: string, amount: string, time?: number): object =>
  event(
    id,
    "order.placed",
    { orderId: `SO-${id}`, amount, currency: "CNY" },
    time,
  );

beforeAll(async () => {
  product = await startProduct();
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

test("an operator signs in and sees the wall live", async () => {
  await page.goto(`${product.wall}/wall`);
  const { user, password } = product.credentials.operator;
  await page.fill("[data-test=login-user]", user);
  await page.fill("[data-test=login-password]", password);
  await page.click("[data-test=login-submit]");
  await page.waitForSelector(
    "[data-test=freshness][data-state=LIVE], [data-test=freshness][data-state=QUIET]",
  );
});

test("usual orders pass, a large sudden one raises an explained alert on the wall", async () => {
  const usual = Array.from({ length: 10 }, (_, i) =>
    order(
      `u${String(i)}`,
      `${String(1000 + i)}.00`,
      Date.now() - (6 * day - i * day * 0.5),
    ),
  );
  const master = event("m", "customer.upserted", {
    name: "恒远机电",
    segment: "wholesale",
    currency: "CNY",
    creditLimit: "100000.00",
  });
  expect((await post([master, ...usual])).status).toBe(202);
  const reply = await fetch(`${product.ingest}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${product.credentials.ingestKey}`,
      "content-type": "application/json",
      prefer: "wait=10",
    },
    body: JSON.stringify(order("big", "30000.00")),
  });
  expect(reply.status).toBe(200);
  const { decision } = (await reply.json()) as {
    decision: { outcome: string; codes: string[] };
  };
  expect(decision.outcome).toBe("hold");
  expect(decision.codes).toContain("H06");
  const row = page.locator("[data-test=alert-row][data-severity=high]").first();
  await row.waitFor();
  expect(await row.textContent()).toContain("恒远机电");
  expect(await row.locator("[data-test=alert-reason]").textContent()).toMatch(
    /突发大额订单|Large sudden order/,
  );
});

test("the client's state equals the server's, by digest", async () => {
  const agree = await page.evaluate(async () => {
    const reply = await fetch("/api/live/alerts");
    const { snapshot } = (await reply.json()) as {
      snapshot: { state: Record<string, unknown> };
    };
    return {
      keys: Object.keys(snapshot.state).length,
      hash: window.__riskwall?.hash("alerts") ?? null,
    };
  });
  expect(agree.keys).toBeGreaterThan(0);
  expect(agree.hash).toMatch(/^[0-9a-f]{16}$/);
});

test("it is acknowledged by click, and a reload shows the same", async () => {
  await page.goto(`${product.wall}/alerts?state=open&severity=high`);
  const row = page.locator("[data-test=alert-row][data-severity=high]").first();
  await row.waitFor();
  const id = await row.getAttribute("data-alert-id");
  await row.click();
  await page.click("[data-test=ack]");
  await page.waitForSelector(
    `[data-alert-id="${id ?? ""}"][data-state=acknowledged]`,
  );
  await page.goto(`${product.wall}/alerts?state=acknowledged`);
  await page.waitForSelector(
    `[data-alert-id="${id ?? ""}"][data-state=acknowledged]`,
  );
});

test("the held order is released on the customer's page", async () => {
  await page.goto(`${product.wall}/customers/${customer}`);
  await page.waitForSelector("[data-test=customer-score]");
  await page.waitForSelector("[data-test=score-reason]");
  await page.click("[data-test=hold-row] [data-test=release]");
  await page.fill("[data-test=ask-text]", "confirmed by phone");
  await page.click("[data-test=ask-submit]");
  await page.waitForSelector("[data-test=hold-row]", { state: "detached" });
});

test("SIGTERM ends the product within 15 s", async () => {
  const started = performance.now();
  await product.stop();
  expect(performance.now() - started).toBeLessThan(15_000);
});

declare global {
  interface Window {
    __riskwall?: {
      hash: (key: string) => string | null;
      seq: (key: string) => number;
    };
  }
}
