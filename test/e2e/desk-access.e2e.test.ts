/**
 * Every page for everybody: states of panels, a language longer by two fifths
 * on wide and narrow screens, and no barrier (WCAG) in either theme and language.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedIn } from "../support/browser.ts";
import { customer, startDesk, surprise, type Desk } from "../support/desk.ts";
import { routeTo } from "../support/messages.ts";
import { receiverSecret, startReceiver } from "../support/notifier.ts";
import type { Product } from "../support/product.ts";
import { overflowing } from "./overflowing.ts";
import { oncallTests } from "./oncall-tests.ts";
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
  "/walls",
  "/wall/new/edit?from=orders",
  "/alerts?state=all",
  "/alerts/silences?state=all",
  "/notify",
  "/notify?tab=routing",
  "/notify?tab=deliveries",
  "/orders",
  "/customers",
  "/groups",
  `/customers/${customer}`,
  `/customers/${customer}/memo`,
  "/trends?metric=orders&days=7&step=day",
  "/runbooks/ORD-01",
  "/ops",
  "/ingest",
  "/ingest?tab=tail",
  "/ingest?tab=schemas",
  "/ingest?tab=letters",
  "/oncall",
  "/people",
  "/people?tab=keys",
  "/people?tab=audit",
  "/account",
];

/** What keeps somebody out of the page as it stands. */
async function barriers(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => {
      const where = nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
      return `${id}: ${where.join(" | ")}`;
    });
}

/** Reads a list again until a row is there. */
async function reloadUntil(row: string): Promise<void> {
  const reload = "[data-test=deliveries-reload]";
  await page.waitForSelector(reload);
  while ((await page.locator(row).count()) === 0) {
    const answered = page.waitForResponse("**/api/notify/**");
    await page.click(`${reload}:enabled`);
    await answered;
  }
}

describe("messages", () => {
  test("a channel is tried, what was given up is sent again, the routing tells who", async () => {
    const receiver = await startReceiver();
    await routeTo(product, receiver.url);
    receiver.statuses.splice(0, 1, 200, 400, 200);
    await page.goto(`${product.wall}/notify?lang=en`);
    await page.click("[data-channel=duty] [data-test=channel-test]");
    const tried = page.locator("[data-test=channel-tried]");
    await tried.waitFor();
    const shown = (await tried.textContent()) ?? "";
    expect(shown).toMatch(/Accepted.*webhook-signature": "…".*200/s);
    expect(shown).not.toContain(receiverSecret);

    await surprise(product, "third");
    await page.goto(`${product.wall}/notify?tab=dead&lang=en`);
    await reloadUntil("[data-state=dead]");
    const dead = page.locator("[data-test=delivery-row]").first();
    const id = (await dead.getAttribute("data-delivery")) ?? "";
    await dead.locator("[data-test=delivery-resend]").click();
    await page
      .locator(`[data-delivery="${id}"]`)
      .waitFor({ state: "detached" });
    await page.click("[data-test=tab-deliveries]");
    await page.selectOption("[data-test=delivery-state-filter]", "accepted");
    await reloadUntil(`[data-delivery="${id}"][data-state=accepted]`);

    await page.click("[data-test=tab-routing]");
    await page.selectOption("[data-test=who-severity]", "critical");
    await page.click("[data-test=who-ask]");
    const answer = page.locator("[data-test=who-answer]");
    await answer.waitFor();
    expect(await answer.textContent()).toMatch(
      /team.*duty.*severity="critical"/s,
    );
    expect(await page.locator("[data-taken=true]").count()).toBe(1);
  });

  test("an alert's like is silenced from its drawer, and no more", async () => {
    await page.goto(`${product.wall}/alerts?state=all&lang=en`);
    await page.locator("[data-test=alert-row]").first().click();
    await page.click("[data-test=alert-drawer] [data-test=silence-this]");
    await page.waitForSelector("[data-test=silence-preview] [data-count]");
    expect(await barriers()).toEqual([]);
    const count = await page.getAttribute("[data-count]", "data-count");
    expect(Number(count)).toBeGreaterThan(0);
    await page.locator("[data-test=matcher-value]").first().fill("C-nobody");
    await page.waitForSelector("[data-count='0']");
    await page.fill("[data-test=silence-comment]", "known to sales");
    await page.click("[data-test=silence-submit]");
    const row = page.locator("[data-test=silence-row][data-state=active]");
    await row.waitFor();
    expect(await row.textContent()).toMatch(
      /C-nobody.*known to sales.*operator/s,
    );
    await row.locator("[data-test=silence-expire]").click();
    await page.fill("[data-test=ask-text]", "over");
    await page.click("[data-test=ask-submit]");
    await row.waitFor({ state: "detached" });
    await page.click("[data-test=silences-expired]");
    await page.waitForSelector("[data-state=expired]");
  });
});

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

describe("no barriers", () => {
  // Contrast hangs on the theme, names on the language: each in one of two.
  test.each([
    ["light", "zh-CN"],
    ["dark", "en"],
  ])("%s, in %s", async (theme, lang) => {
    const found: string[] = [];
    for (const path of pages) {
      const to = path.includes("?") ? "&" : "?";
      await page.goto(`${product.wall}${path}${to}theme=${theme}&lang=${lang}`);
      await page.waitForSelector(
        "[data-test=freshness], [data-test=memo-sheet], section.card",
      );
      await page.waitForSelector(".loading", { state: "detached" });
      found.push(...(await barriers()).map((what) => `${path} ${what}`));
    }
    expect(found).toEqual([]);
  });
});

oncallTests(() => desk);
phoneTests(() => desk);
