/**
 * What a customer writes is understood on its way into the log, and the words
 * that raised the alert are marked in its text, in the drawer and the timeline.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedIn, startBrowser } from "../support/browser.ts";
import { startProduct, type Product } from "../support/product.ts";

const customer = "C-WORDS";
const threat =
  "貨款的事：<img src=x onerror=\"document.title='hit'\"> 質量有問題，我們拒絕付款，電話13800138000。";
let product: Product;
let browser: Browser;
let page: Page;

async function tell(id: string, type: string, data: object): Promise<void> {
  const reply = await fetch(`${product.ingest}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${product.credentials.ingestKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      ...{ id, source: "e2e", type, time: new Date().toISOString() },
      data: { customerId: customer, ...data },
    }),
  });
  expect(reply.status).toBe(202);
}

beforeAll(async () => {
  product = await startProduct();
  browser = await startBrowser();
  page = await signedIn(browser, product);
  await tell("m", "customer.upserted", { name: "恒远机电", currency: "CNY" });
  await tell("k", "complaint.opened", { complaintId: "K-1", text: threat });
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const marked = [
  ["quality", "質量有問題"],
  ["refusal", "拒絕付款"],
];
async function marksIn(place: string): Promise<(string | null)[][]> {
  const text = page.locator(`${place} [data-test=complaint-text]`);
  await text.waitFor();
  expect(await text.textContent()).toBe(threat);
  expect(await text.locator("img").count()).toBe(0);
  return text
    .locator("mark")
    .evaluateAll((marks) =>
      marks.map((mark) => [mark.className, mark.textContent]),
    );
}

test("the alert's drawer shows the text with the words that raised it", async () => {
  await page.goto(`${product.wall}/alerts?state=open&rule=CMP-02&lang=zh-CN`);
  const row = page.locator("[data-test=alert-row]").first();
  await row.waitFor();
  expect(await row.textContent()).not.toContain("13800138000");
  await row.click();
  // History may come a moment after the alert: asked again until it is there.
  const drawer = "[data-test=alert-drawer]";
  await page.waitForSelector(`${drawer} [data-test=complaint-quotes]`);
  expect(await marksIn(drawer)).toEqual(marked);
  const title = await page
    .locator(`${drawer} mark.refusal`)
    .getAttribute("title");
  expect(title).toBe("拒付或法律威胁");
});

test("so does the customer's timeline", async () => {
  await page.goto(`${product.wall}/customers/${customer}?kinds=event&lang=en`);
  expect(await marksIn("[data-test=timeline-row]")).toEqual(marked);
  expect(await page.title()).not.toBe("hit");
});
