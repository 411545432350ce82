/**
 * The desk in a real browser: a held order is understood and rejected, two
 * people act on one alert and the loser sees who won, an analyst asks,
 * compares, drills and takes the answer away, a memo fits one sheet.
 */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedIn } from "../support/browser.ts";
import { customer, startDesk, type Desk } from "../support/desk.ts";
import type { Product } from "../support/product.ts";

let desk: Desk;
let product: Product;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  desk = await startDesk();
  ({ product, browser, page } = desk);
});
afterAll(async () => {
  await desk?.close();
});

async function answer(text: string): Promise<void> {
  await page.fill("[data-test=ask-text]", text);
  await page.click("[data-test=ask-submit]");
}

describe("the operator", () => {
  test("reads why an order is held and rejects it", async () => {
    await page.goto(`${product.wall}/orders?lang=en`);
    const row = page.locator("[data-order-id=SO-big]");
    await row.waitFor();
    expect(await row.textContent()).toMatch(/Large sudden order.*H06/s);
    expect(await row.locator("[data-test=clears]").textContent()).not.toBe("");
    await page.fill("[data-test=order-search]", "SO-huge");
    await row.waitFor({ state: "detached" });
    await page.fill("[data-test=order-search]", "SO-big");
    await row.waitFor();
    await row.locator("[data-test=reject]").click();
    await answer("nobody knows this order");
    await row.waitFor({ state: "detached" });
  });

  test("releases one until a day", async () => {
    await page.goto(`${product.wall}/orders?lang=en`);
    const row = page.locator("[data-order-id=SO-huge]");
    await row.locator("[data-test=release]").click();
    await page.selectOption("[data-test=ask-expires]", "7");
    await answer("prepaid in full");
    await row.waitFor({ state: "detached" });
    await page.waitForFunction(
      () =>
        document.querySelector("[data-test=held-count]")?.textContent === "0",
    );
  });

  test("acts second on an alert and sees who was first", async () => {
    const other = await signedIn(browser, product);
    // One alert that both have before them, the first one does not reload.
    await page.goto(`${product.wall}/alerts?state=open&lang=en`);
    const row = page.locator("[data-test=alert-row]").first();
    await row.waitFor();
    const id = (await row.getAttribute("data-alert-id")) ?? "";
    await other.goto(`${product.wall}/alerts?state=open&open=${id}&lang=en`);
    await other.waitForSelector("[data-test=alert-drawer] [data-test=ack]");
    // Both act at once: the other's request is on its way while ours is decided.
    const decided = Promise.withResolvers<undefined>();
    await other.route("**/api/alerts/*/actions", async (route) => {
      await decided.promise;
      await route.continue();
    });
    const sent = other.waitForRequest("**/api/alerts/*/actions");
    await other.click("[data-test=alert-drawer] [data-test=ack]");
    await sent;
    await row.click();
    await page.click("[data-test=alert-drawer] [data-test=ack]");
    await page.waitForSelector(
      "[data-test=alert-drawer][data-state=acknowledged]",
    );
    const stale = await page.evaluate(async (alertId) => {
      const reply = await fetch(`/api/alerts/${alertId}/actions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ action: "acknowledge", expected: 0 }),
      });
      return { status: reply.status, body: (await reply.json()) as object };
    }, id);
    expect(stale).toMatchObject({ status: 409, body: { code: "STALE" } });
    decided.resolve(undefined);
    const said = other.locator(".el-message--error");
    await said.waitFor();
    expect(await said.textContent()).toMatch(
      /operator was first: acknowledged/,
    );
    await other.context().close();
  });

  test("finds evidence and runbook in the drawer, and says it was useful", async () => {
    await page.goto(`${product.wall}/alerts?state=open&lang=en`);
    await page.locator("[data-test=alert-row]").first().click();
    const drawer = page.locator("[data-test=alert-drawer]");
    await drawer.locator("[data-test=evidence-chart]").waitFor();
    await drawer.locator("[data-test=useful]").click();
    await drawer.locator("[data-test=useful][aria-pressed=true]").waitFor();
    await drawer.locator("[data-test=runbook]").click();
    await page.waitForURL("**/runbooks/**");
    expect(await page.locator("main ol li").count()).toBe(4);
  });

  test("works by keyboard: keys, selection, bulk, help", async () => {
    await page.goto(`${product.wall}/alerts?state=all&lang=en`);
    await page.locator("[data-test=alert-row]").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.waitForSelector("[data-test=bulk]");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-test=alert-drawer]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("[data-test=alert-drawer]", {
      state: "detached",
    });
    await page.keyboard.press("?");
    await page.waitForSelector("[data-test=keys-help]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("[data-test=keys-help]", { state: "hidden" });
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.waitForURL("**/customers**");
  });
});

describe("the analyst", () => {
  test("finds a customer by initials and prints its memo on one sheet", async () => {
    await page.goto(`${product.wall}/customers?lang=en`);
    await page.fill("[data-test=customer-search]", "hyjd");
    await page.click(`[data-customer-id=${customer}]`);
    await page.waitForSelector("[data-test=score-explained]");
    for (const lang of ["en", "zh-CN"]) {
      await page.goto(
        `${product.wall}/customers/${customer}/memo?lang=${lang}`,
      );
      await page.waitForSelector("[data-test=memo-sheet]");
      const pdf = (await page.pdf({ preferCSSPageSize: true })).toString(
        "latin1",
      );
      expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    }
  });

  test("asks, compares, drills, and takes the answer away", async () => {
    await page.goto(
      `${product.wall}/trends?metric=orders&days=7&step=day&compare=previous&lang=zh-CN`,
    );
    await page.waitForSelector("[data-test=trend-chart] canvas");
    const files = new Map<string, Buffer>();
    for (const kind of ["csv", "xlsx", "png"]) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.click(`[data-test=trend-${kind}]`),
      ]);
      files.set(kind, readFileSync(await download.path()));
    }
    const csv = files.get("csv")?.toString("utf8") ?? "";
    expect(
      csv.startsWith("\uFEFF指标,订单数") || csv.startsWith("\uFEFF指标,"),
    ).toBe(true);
    for (const part of [
      "口径,",
      "筛选,",
      "范围,",
      "时区,Asia/Shanghai",
      "生成时间,",
      "环比上期",
    ])
      expect(csv).toContain(part);
    expect(files.get("xlsx")?.subarray(0, 2).toString()).toBe("PK");
    expect(files.get("png")?.subarray(1, 4).toString()).toBe("PNG");
    await page.locator("[data-test=drill-open]").first().click();
    await page.locator("[data-test=drill-row] a").first().click();
    await page.waitForURL(`**/customers/${customer}?**from=**`);
    await page.waitForSelector("[data-test=timeline-row]");
  });
});
