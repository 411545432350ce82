/** A wall composed by keys alone, saved, shown, and put in as text. */
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patienceMs, startBrowser } from "../support/browser.ts";
import { startWallServer, type WallServer } from "../support/wall-server.ts";

let server: WallServer;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  server = await startWallServer(["watch", "look", "compose"]);
  browser = await startBrowser();
  const viewport = { width: 1600, height: 900 };
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(patienceMs);
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const placeOf = async (id: string): Promise<string | null> =>
  page.locator(`[data-panel=${id}]`).getAttribute("aria-label");

async function barriers(): Promise<unknown[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 200))]);
}

test("a wall is composed by keys, every step can be undone, and it is shown", async () => {
  await page.goto(`${server.url}/wall/new/edit?from=overview&lang=en`);
  const orders = page.locator("[data-panel=orders]");
  await page.locator("[data-panel=handling]").focus();
  await page.keyboard.press("Delete");
  await orders.focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("ArrowDown");
  expect(await placeOf("orders")).toContain(
    "column 19, row 16, 6 wide, 7 high",
  );
  await page.keyboard.press("Control+z");
  expect(await placeOf("orders")).toContain("row 15, 6 wide, 7 high");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await page.waitForSelector("[data-panel=handling]");
  for (let n = 0; n < 3; n += 1) await page.keyboard.press("Control+Shift+z");
  expect(await placeOf("orders")).toContain("row 16");
  // There is no way over the edge, and the page says so.
  await orders.focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() =>
    document
      .querySelector("[data-test=said]")
      ?.textContent?.includes("no room"),
  );
  expect(await placeOf("orders")).toContain("column 19, row 16");
  await page.locator("[data-panel=feed]").focus();
  await page.fill("[data-test=panel-title]", "What is new");
  await page.selectOption("[data-test=panel-refresh]", "slow");
  await page.fill("[data-test=wall-name]", "Lobby");
  await page.fill("[data-test=wall-note]", "for the fair");
  await page.click("[data-test=wall-save]");
  await page.waitForURL(/\/wall\/[0-9a-f]{12}\/edit/);
  const versions = page.locator("[data-test=wall-version]");
  await versions.first().waitFor();
  expect(await versions.first().innerText()).toMatch(/v1[\s\S]*li[\s\S]*fair/);
  await page.click("[data-test=wall-open]");
  await page.waitForSelector("[data-test=composed] [data-panel=orders]");
  expect(await page.locator("h1").innerText()).toBe("Lobby");
  const feed = page.locator("[data-test=composed] [data-panel=feed]");
  expect(await feed.innerText()).toContain("What is new");
  expect(await feed.locator("[data-freshness]").count()).toBe(1);
  await page.waitForSelector("[data-test=alert-row]");
  // What fades is not read.
  await page.waitForSelector(".el-message", { state: "detached" });
  expect(await barriers()).toEqual([]);
});

test("who saves late sees who was faster, and loses nothing", async () => {
  const [, id = ""] = /\/wall\/([0-9a-f]{12})/.exec(page.url()) ?? [];
  await page.goto(`${server.url}/wall/${id}/edit?lang=en`);
  await page.waitForSelector("[data-panel=orders]");
  const { layout } = (await (
    await fetch(`${server.url}/api/walls/${id}`)
  ).json()) as { layout: object };
  const body = { layout: { ...layout, name: "Theirs" }, note: "", expected: 1 };
  await fetch(`${server.url}/api/walls/${id}`, {
    ...{ method: "PUT", body: JSON.stringify(body) },
  });
  await page.fill("[data-test=wall-name]", "Mine");
  await page.click("[data-test=wall-save]");
  const lost = page.locator("[data-test=wall-lost]");
  await lost.waitFor();
  expect(await lost.innerText()).toContain("li saved version 2");
  expect(await page.inputValue("[data-test=wall-name]")).toBe("Mine");
  await lost.locator("button.danger").click();
  await page.waitForFunction(
    () => document.querySelectorAll("[data-test=wall-version]").length === 3,
  );
});

test("a layout comes and goes as text, its faults named with their places", async () => {
  await page.goto(`${server.url}/wall/new/edit?from=empty&lang=en&theme=dark`);
  await page.click("[data-test=open-text]");
  const text = page.locator("[data-test=layout-text]");
  const map = { id: "m", kind: "map", x: 0, y: 0, w: 12, h: 10 };
  await text.fill("{");
  await page.click("[data-test=layout-take]");
  await page.waitForSelector(".el-dialog .worse");
  const layout = { format: 1, name: "Put in", panels: [{ ...map, w: 99 }] };
  await text.fill(JSON.stringify(layout));
  await page.click("[data-test=layout-take]");
  const problems = page.locator("[data-test=layout-problems]");
  await problems.waitFor();
  expect(await problems.innerText()).toMatch(
    /panels\[0\]\.w\s+is outside 1–24/,
  );
  expect(await barriers()).toEqual([]);
  await text.fill(JSON.stringify({ ...layout, panels: [map] }));
  await page.click("[data-test=layout-take]");
  await page.waitForSelector("[data-test=edit-grid] [data-panel=m]");
  expect(await page.inputValue("[data-test=wall-name]")).toBe("Put in");
  // Closed for good: what fades is not read.
  await page.waitForSelector(".el-overlay", { state: "hidden" });
  expect(await barriers()).toEqual([]);
  await page.click("[data-test=add-feed]");
  expect(await placeOf("feed")).toContain("column 13, row 1");
  for (const screen of ["hd", "uhd", "wide", "upright"]) {
    await page.selectOption("[data-test=screen]", screen);
    await page.waitForSelector(`[data-screen=${screen}] [data-kind=map]`);
  }
  await page.click("[data-test=undo]");
  await page.click("[data-test=undo]");
  expect(await page.locator("[data-kind=map]").count()).toBe(0);
});

test("a wall that is gone says so", async () => {
  await page.goto(`${server.url}/wall/0123456789ab?lang=en`);
  await page.waitForSelector("[data-test=wall-gone]");
});
