/**
 * Every page for everybody: states of panels, a language longer by two fifths
 * on wide and narrow screens, and no barrier (WCAG) in either theme and language.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedIn } from "../support/browser.ts";
import { customer, startDesk, type Desk } from "../support/desk.ts";
import type { Product } from "../support/product.ts";
import { overflowing } from "./overflowing.ts";
import { phoneTests } from "./phone-tests.ts";

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

const pages = [
  "/wall",
  "/alerts?state=all",
  "/orders",
  "/customers",
  "/groups",
  `/customers/${customer}`,
  `/customers/${customer}/memo`,
  "/trends?metric=orders&days=7&step=day",
  "/runbooks/ORD-01",
  "/ops",
  "/oncall",
  "/people",
  "/people?tab=keys",
  "/people?tab=audit",
  "/account",
];

describe("states of a panel", () => {
  const refuse = (status: number, code: string, headers = {}) => ({
    ...{ status, headers, contentType: "application/problem+json" },
    body: JSON.stringify({ title: `made ${code}`, code, requestId: "r-1" }),
  });

  test("a failure is local, names its code, and waits as long as it is asked to", async () => {
    const list = "**/api/customers?**";
    await page.route(list, (route) =>
      route.fulfill(refuse(503, "history_away", { "retry-after": "2" })),
    );
    await page.goto(`${product.wall}/customers?lang=en`);
    const failed = page.locator("[data-test=failed][data-code=history_away]");
    await failed.waitFor();
    expect(await failed.textContent()).toMatch(/made history_away.*r-1/s);
    expect(
      await failed.locator("button", { hasText: /in \d s/ }).isDisabled(),
    ).toBe(true);
    await page.unroute(list);
    await failed.locator("button", { hasText: "Try again" }).last().click();
    await page.waitForSelector("[data-test=customer-row]");
    expect(await failed.count()).toBe(0);
  });

  test("a lack of rights says which role is needed", async () => {
    const list = "**/api/orders?**";
    await page.route(list, (route) => route.fulfill(refuse(403, "forbidden")));
    await page.goto(`${product.wall}/orders?lang=en`);
    const failed = page.locator("[data-test=failed][data-code=forbidden]");
    await failed.waitFor();
    expect(await failed.textContent()).toContain("role operator");
    await page.unroute(list);
  });

  test("frozen numbers are marked until they live again", async () => {
    await page.goto(`${product.wall}/alerts?state=all&lang=en`);
    await page.waitForSelector("[data-test=alert-row]");
    await page.context().setOffline(true);
    await page.waitForSelector("[data-test=frozen]");
    expect(await page.locator("[data-test=alert-row]").count()).toBeGreaterThan(
      0,
    );
    await page.context().setOffline(false);
    await page.waitForSelector("[data-test=frozen]", { state: "detached" });
  });

  test("nothing found names the way out", async () => {
    await page.goto(`${product.wall}/customers?q=nobody-at-all&lang=en`);
    await page.getByText("No customer fits").waitFor();
    await page.goto(`${product.wall}/orders?q=nobody-at-all&lang=en`);
    await page.getByText("No held order fits").waitFor();
  });
});

describe("a language longer by two fifths", () => {
  test.each([1920, 360])("fits %i px", async (width) => {
    const context = { width, height: 900 };
    const narrow = await signedIn(browser, product, context);
    const found: string[] = [];
    for (const path of pages.filter((it) => it !== "/wall")) {
      const to = path.includes("?") ? "&" : "?";
      await narrow.goto(`${product.wall}${path}${to}lang=en-XA&theme=light`);
      await narrow.waitForSelector("section.card, article");
      await narrow.waitForSelector(".loading", { state: "detached" });
      for (const what of await narrow.evaluate(overflowing)) {
        found.push(`${path}: ${what}`);
      }
    }
    await narrow.context().close();
    expect(found).toEqual([]);
  });
});

describe.each(["light", "dark"])("no barriers, %s", (theme) => {
  test.each(["zh-CN", "en"])("in %s", async (lang) => {
    const found: string[] = [];
    for (const path of pages) {
      const to = path.includes("?") ? "&" : "?";
      await page.goto(`${product.wall}${path}${to}theme=${theme}&lang=${lang}`);
      await page.waitForSelector(
        "[data-test=freshness], [data-test=memo-sheet], section.card",
      );
      await page.waitForSelector(".loading", { state: "detached" });
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const it of violations) {
        if (it.impact !== "serious" && it.impact !== "critical") continue;
        const where = it.nodes
          .slice(0, 3)
          .map((node) => node.html.slice(0, 160));
        found.push(`${path} ${it.id}: ${where.join(" | ")}`);
      }
    }
    expect(found).toEqual([]);
  });
});

phoneTests(() => desk);
