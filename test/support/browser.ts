/** Chromium as the machine has it, signed in to a product. */
import { chromium, type Browser, type Page } from "playwright-core";
import type { Product } from "./product.ts";

/** A busy machine is slow; what never comes fails all the same. */
export const patienceMs = 100_000;

/** Starts the browser; the caller closes it. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page of its own, signed in as the operator, with live data. */
export async function signedIn(
  browser: Browser,
  product: Product,
  viewport = { width: 1440, height: 900 },
): Promise<Page> {
  const context = await browser.newContext({
    viewport,
    acceptDownloads: true,
  });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  await page.goto(`${product.wall}/login`);
  const { user, password } = product.credentials.operator;
  await page.fill("[data-test=login-user]", user);
  await page.fill("[data-test=login-password]", password);
  await page.click("[data-test=login-submit]");
  await page.waitForSelector("[data-test=freshness]");
  return page;
}
