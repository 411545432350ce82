/**
 * The desk in a real browser: a held order is understood and rejected, two
 * people act on one alert and the loser sees who won, an analyst asks,
 * compares, drills and takes the answer away, a memo fits one sheet, and no
 * page has a barrier.
 */
import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedIn, startBrowser } from "../support/browser.ts";
import { startProduct, type Product } from "../support/product.ts";

let product: Product;
let browser: Browser;
let page: Page;
const customer = "C-DESK";
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
  events: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${product.ingest}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${product.credentials.ingestKey}`,
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(events),
  });
}

/** A customer with a usual size of order, then two sudden large ones, held. */
beforeAll(async () => {
  product = await startProduct();
  browser = await startBrowser();
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
  expect((await post([first, ...usual, invoice])).status).toBe(202);
  for (const id of ["big", "huge"]) {
    const wait = { prefer: "wait=10" };
    const reply = await post(order(id, "40000.00", Date.now()), wait);
    expect(reply.status).toBe(200);
  }
  page = await signedIn(browser, product);
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
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
    // The other's page hears nothing of what happens meanwhile.
    await other.context().setOffline(true);
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
    await other.route("**/live/**", (route) => route.abort());
    await other.context().setOffline(false);
    await other.click("[data-test=alert-drawer] [data-test=ack]");
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

const pages = [
  "/wall",
  "/alerts?state=all",
  "/orders",
  "/customers",
  `/customers/${customer}`,
  `/customers/${customer}/memo`,
  "/trends?metric=orders&days=7&step=day",
  "/runbooks/ORD-01",
  "/ops",
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

/** What does not fit: text cut off by its box, and pages wider than the screen. */
function overflowing(): string[] {
  const found: string[] = [];
  const widest = (box: HTMLElement): string => {
    const edge = box.getBoundingClientRect().right;
    const beyond = [...box.querySelectorAll<HTMLElement>("*")].filter(
      (it) =>
        it.getBoundingClientRect().right > edge &&
        it.closest(".scroll") === null,
    );
    return beyond.map((it) => it.outerHTML.slice(0, 80)).join(" | ");
  };
  const page = document.querySelector("main");
  if (page && page.scrollWidth > page.clientWidth + 1)
    found.push(
      `main is ${String(page.scrollWidth - page.clientWidth)} px too wide: ${widest(page)}`,
    );
  if (document.documentElement.scrollWidth > innerWidth + 1)
    found.push("the page is too wide");
  const parts = "button, a, th, td, h1, h2, label, legend, dt, dd, .chip, .btn";
  for (const element of document.querySelectorAll<HTMLElement>(parts)) {
    const { overflowX, display } = getComputedStyle(element);
    if (display === "inline" || element.closest(".unseen")) continue;
    const cut = element.scrollWidth > element.clientWidth + 1;
    if (cut && overflowX !== "auto" && element.clientWidth > 0)
      found.push(element.outerHTML.slice(0, 140));
  }
  return found;
}

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
