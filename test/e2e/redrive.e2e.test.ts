/**
 * A refused event on the operations page: shown with its reason, edited,
 * sent again, and then nobody is offered to send it once more.
 */
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProduct, type Product } from "../support/product.ts";

let product: Product;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  product = await startProduct();
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
  });
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

async function postBadOrder(): Promise<number> {
  const reply = await fetch(`${product.ingest}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${product.credentials.ingestKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      id: "bad-1",
      source: "e2e",
      type: "order.placed",
      time: new Date().toISOString(),
      data: {
        customerId: "C-REDRIVE",
        orderId: "SO-1",
        amount: 125,
        currency: "CNY",
      },
    }),
  });
  return reply.status;
}

test("an operator edits a refused event and sends it again", async () => {
  expect(await postBadOrder()).toBe(422);
  await page.goto(`${product.wall}/ingest?tab=letters`);
  const { user, password } = product.credentials.operator;
  await page.fill("[data-test=login-user]", user);
  await page.fill("[data-test=login-password]", password);
  await page.click("[data-test=login-submit]");
  await page.waitForSelector("[data-test=only-open]");
  const row = "[data-test=dead-letter][data-code=amount_not_string]";
  await expect
    .poll(
      async () => {
        await page.reload();
        await page.waitForSelector("[data-test=only-open]");
        await page.waitForLoadState("networkidle");
        return (await page.$(row)) !== null;
      },
      { timeout: 30_000 },
    )
    .toBe(true);

  await page.click(`${row} [data-test=letter-show]`);
  await page.waitForSelector("[data-test=letter-decoded]");
  expect(await page.textContent("[data-test=letter-drawer]")).toContain(
    "data.amount",
  );
  await page.click("[data-test=letter-edit]");
  const text = await page.inputValue("[data-test=letter-text]");
  const send = "[data-test=letter-send]";
  await page.fill("[data-test=letter-text]", "{");
  expect(await page.isDisabled(send)).toBe(true);
  await page.fill(
    "[data-test=letter-text]",
    text.replace('"amount": 125', '"amount": "125.00"'),
  );
  await page.click(send);
  await page.waitForSelector("[data-test=letter-redrive]");
  expect(await page.textContent("[data-test=letter-redrive]")).toContain(
    "operator",
  );
  expect(await page.$(send)).toBeNull();

  await expect
    .poll(
      async () => {
        const reply = await page.request.get(
          `${product.wall}/api/customers/C-REDRIVE`,
        );
        return reply.status();
      },
      { timeout: 30_000 },
    )
    .toBe(200);
  await page.reload();
  await page.waitForSelector(row);
  await page.check("[data-test=only-open]");
  await page.waitForSelector(row, { state: "detached" });
});
