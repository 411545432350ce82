/**
 * What the wall makes of what it is told: no frozen number without its mark,
 * every view in every size, language and theme, the past and the way back. The
 * feed is the real one; the test holds its watermark in the hand.
 */
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patienceMs, startBrowser } from "../support/browser.ts";
import { startWallServer, type WallServer } from "../support/wall-server.ts";
import { alertOf } from "../../dashboard/web/src/console/alerts/alert-view.test-support.ts";

const views = ["overview", "collections", "orders", "pipeline"] as const;
let server: WallServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = await startWallServer();
  browser = await startBrowser();
  const context = await browser.newContext({
    viewport: { width: 1920, height: 1080 },
  });
  context.setDefaultTimeout(patienceMs);
  page = await context.newPage();
  await page.goto(`${server.url}/wall?lang=en`);
  await page.waitForSelector("[data-test=kpi-exposure]");
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function lamp(state: string): Promise<void> {
  await page.waitForSelector(`[data-test=freshness][data-state=${state}]`);
}

/** Live or quiet: nothing is late, whether or not something happens. */
async function well(): Promise<void> {
  const states = ["LIVE", "QUIET"];
  await page.waitForSelector(
    states.map((it) => `[data-test=freshness][data-state=${it}]`).join(),
  );
}

/** Every panel and card with numbers, and what it says of them. */
async function marks(): Promise<readonly (readonly string[])[]> {
  return page.$$eval("[data-freshness]", (panels) =>
    panels.map((panel) => [
      panel.getAttribute("data-freshness") ?? "",
      panel.classList.contains("frozen") ? "frozen" : "",
      panel.querySelector(".fresh")?.textContent?.trim() ?? "",
      getComputedStyle(panel.querySelector(".body, .value") ?? panel).filter,
    ]),
  );
}

describe("no frozen number is without its mark", () => {
  test.each(views)("in the view %s", async (view) => {
    await page.click(`[data-test=view-${view}]`);
    server.lag = 0;
    await well();
    for (const [state, , text, filter] of await marks()) {
      expect([["LIVE", "QUIET"].includes(state ?? ""), filter]).toEqual([
        true,
        "none",
      ]);
      expect(text).not.toBe("");
    }
    server.lag = 12_000;
    await lamp("DELAYED");
    for (const [state, , text] of await marks()) {
      // What is asked for now and then keeps a mark of its own.
      if (state === "LIVE") continue;
      expect([state, /Delayed.*\d+ s/.test(text ?? "")]).toEqual([
        "DELAYED",
        true,
      ]);
    }
    for (const [lag, wanted] of [
      [60_000, "STALE"],
      [130_000, "OFFLINE"],
    ] as const) {
      server.lag = lag;
      await lamp(wanted);
      const all = await marks();
      expect(all.length).toBeGreaterThan(8);
      const frozen = all.filter(([state]) => state !== "LIVE");
      expect(frozen.length).toBeGreaterThanOrEqual(all.length - 1);
      for (const [state, look, text, filter] of frozen) {
        expect([state, look]).toEqual([wanted, "frozen"]);
        expect(text).toMatch(/\d\d:\d\d:\d\d/);
        expect(filter).toContain("saturate");
      }
    }
  });

  test("when the server says nothing at all, and it comes back", async () => {
    server.lag = 0;
    await well();
    server.beating = false;
    await lamp("DELAYED");
    await lamp("OFFLINE");
    expect(await page.locator(".banner[role=alert]").count()).toBe(1);
    for (const [state, look] of await marks()) {
      expect([state, look]).toEqual(["OFFLINE", "frozen"]);
    }
    server.beating = true;
    await well();
  });

  test("a log where nothing happens is quiet, not late", async () => {
    const other = await browser.newPage();
    await other.goto(`${server.url}/wall?lang=en`);
    await other.waitForSelector("[data-test=freshness][data-state=QUIET]");
    await other.close();
  });
});

describe("every view", () => {
  const sizes = [
    ["1080p", 1920, 1080, ["zh-CN", "en-XA"]],
    ["4K", 3840, 2160, ["en-XA"]],
    ["ultra-wide", 3840, 1080, ["zh-CN"]],
    ["upright", 1080, 1920, ["en-XA"]],
  ] as const;

  test.each(sizes)("fits %s", async (_, width, height, languages) => {
    await page.setViewportSize({ width, height });
    for (const lang of languages) {
      await page.goto(`${server.url}/wall?lang=${lang}`);
      await page.waitForSelector("[data-test=kpi-exposure]");
      for (const view of views) {
        await page.click(`[data-test=view-${view}]`);
        await page.waitForSelector(`[data-view=${view}] [data-freshness]`);
        const outside = await page.evaluate(
          () =>
            [...document.querySelectorAll(".panel, .kpi, footer, header.head")]
              .map((part) => part.getBoundingClientRect())
              .filter(
                ({ left, top, right, bottom }) =>
                  left < -1 ||
                  top < -1 ||
                  right > innerWidth + 3 ||
                  bottom > innerHeight + 3,
              ).length,
        );
        expect([lang, view, outside]).toEqual([lang, view, 0]);
      }
    }
  });

  test.each(["dark", "light"])("is axe-clean, %s", async (theme) => {
    await page.setViewportSize({ width: 1920, height: 1080 });
    for (const view of views) {
      const lang = theme === "dark" ? "zh-CN" : "en";
      const query = `lang=${lang}&theme=${theme}&view=${view}`;
      await page.goto(`${server.url}/wall?${query}`);
      await page.waitForSelector("[data-test=kpi-exposure]");
      await page.waitForSelector("[data-freshness]");
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) =>
        ["serious", "critical"].includes(impact ?? ""),
      );
      expect(
        serious.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]),
      ).toEqual([]);
    }
  });
});

test("a key figure says where it comes from, and gives the focus back", async () => {
  await page.goto(`${server.url}/wall?lang=en`);
  const name = page.locator("[data-test=kpi-exposure] [data-test=origin-ask]");
  await name.focus();
  await page.keyboard.press("Enter");
  const card = page.locator("[data-test=origin]");
  await card.locator("[data-test=origin-history]").waitFor();
  const text = await card.innerText();
  expect(text).toContain("1,234.50");
  expect(text).toContain("SELECT exposure AS value");
  expect(text).toContain("order.placed");
  const { violations } = await new AxeBuilder({ page })
    .include("[data-test=origin]")
    .analyze();
  expect(violations.map(({ id, impact }) => [id, impact])).toEqual([]);
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "detached" });
  expect(await name.evaluate((it) => it === document.activeElement)).toBe(true);
});

test("a panel says where it comes from, too", async () => {
  await page.goto(`${server.url}/wall?lang=en`);
  const name = page.locator(".panel:has([role=img]) [data-test=origin-ask]");
  await name.first().focus();
  await page.keyboard.press("Enter");
  const card = page.locator("[data-test=origin]");
  await card.locator("[data-test=origin-history]").waitFor();
  expect(await card.innerText()).toContain("Customers with a class");
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "detached" });
});

test("keys turn the views, and a critical alert takes the wall over", async () => {
  await page.goto(`${server.url}/wall?lang=en&rotate=600&view=orders`);
  await page.waitForSelector("[data-view=orders] [data-freshness]");
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector("[data-view=pipeline]");
  await page.keyboard.press("2");
  await page.waitForSelector("[data-view=collections]");
  // What was open before takes over nothing: the wall has seen it once.
  await well();
  await page.waitForFunction(() => performance.now() > 3000);
  server.put("alerts", {
    "a-new": alertOf({ alertId: "a-new", severity: "critical" }),
  });
  await page.waitForSelector("[data-view=overview] [data-test=focus-card]");
});

test("a shared wall begins with one button and leads nowhere else", async () => {
  const shared = await startWallServer(["watch"]);
  const own = await browser.newPage();
  await own.goto(`${shared.url}/alerts?token=rw_wall_x&kiosk=1&lang=en`);
  await own.waitForURL("**/wall**");
  await own.click("[data-test=start-wall]");
  await own.waitForSelector("[data-test=start-wall]", { state: "detached" });
  await own.click("[data-test=alert-row] button");
  await own.waitForSelector("[data-test=focus-card]");
  expect(await own.locator("[data-test=open-customer]").count()).toBe(0);
  await own.close();
  await shared.close();
});

test("the past is marked as such on every panel, and one click ends it", async () => {
  const at = new Date(Date.now() - 60_000).toISOString();
  const then = alertOf({ alertId: "then", customerName: "Then Ltd" });
  server.moment = {
    ...{ at, totalsAt: at, portfolio: {}, orders: [], scores: [] },
    alerts: [then],
  };
  await page.goto(`${server.url}/wall?lang=en`);
  await page.waitForSelector("[data-test=kpi-exposure]");
  await page.click("[data-test=past-toggle]");
  await page.waitForSelector("[data-alert-id=then]");
  const all = await page.$$eval("[data-freshness]", (panels) =>
    panels.map((panel) => [
      panel.getAttribute("data-freshness"),
      panel.querySelector(".past")?.textContent?.trim() ?? "",
    ]),
  );
  for (const [state, text] of all) {
    expect(state).toBe("PAST");
    expect(text).toMatch(/\d\d:\d\d:\d\d|Not kept/);
  }
  await page.click("[data-test=past-live]");
  await page.waitForSelector("[data-alert-id=then]", { state: "detached" });
  await page.waitForSelector("[data-test=freshness]");
});
