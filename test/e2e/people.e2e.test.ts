/**
 * The administrator's journey, in both languages: a user is made, signs in,
 * is refused, is given another role, is allowed, and all of it is in the audit
 * log. Keys are shown once. No page breaks the policy on scripts.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patienceMs, signedIn } from "../support/browser.ts";
import { customer, startDesk, type Desk } from "../support/desk.ts";
import type { Product } from "../support/product.ts";

let desk: Desk;
let product: Product;
let browser: Browser;
let page: Page;
/** What Chromium reported against the content security policy. */
const violations: string[] = [];

function watchPolicy(watched: Page): void {
  watched.on("console", (message) => {
    const text = message.text();
    if (/content security policy/i.test(text)) violations.push(text);
  });
}

beforeAll(async () => {
  desk = await startDesk();
  ({ product, browser, page } = desk);
  watchPolicy(page);
});
afterAll(async () => {
  await desk?.close();
});

/** A person in a browser of their own, who signs in for the first time. */
async function firstSignIn(
  user: string,
  password: string,
  lang: string,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
  });
  context.setDefaultTimeout(patienceMs);
  const own = await context.newPage();
  watchPolicy(own);
  await own.goto(`${product.wall}/login?then=/alerts&lang=${lang}`);
  await own.fill("[data-test=login-user]", user);
  await own.fill("[data-test=login-password]", password);
  await own.click("[data-test=login-submit]");
  // Whatever was asked for: first a password of one's own.
  await own.waitForURL("**/account**");
  const next = `${user} keeps it`.replace(user, "somebody");
  await own.fill("[data-test=password-current]", password);
  await own.fill("[data-test=password-next]", next);
  await own.fill("[data-test=password-again]", next);
  await own.click("[data-test=password-submit]");
  await own.waitForSelector("[data-test=two-factor]");
  return own;
}

async function actOnCustomer(own: Page): Promise<number> {
  return own.evaluate(async (id) => {
    const reply = await fetch(`/api/customers/${id}/actions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ action: "comment", note: "seen" }),
    });
    return reply.status;
  }, customer);
}

const words = {
  "zh-CN": { viewer: "查看者", operator: "操作员", changed: "更改用户" },
  en: { viewer: "Viewer", operator: "Operator", changed: "user changed" },
} as const;

describe.each(["zh-CN", "en"] as const)("the administrator, in %s", (lang) => {
  const user = `e2e-${lang.toLowerCase()}`;

  test("makes a user, who is refused, promoted, allowed and written down", async () => {
    await page.goto(`${product.wall}/people?lang=${lang}`);
    await page.click("[data-test=user-new]");
    await page.fill("[data-test=user-name]", user);
    await page.fill("[data-test=user-called]", "新同事");
    await page.click("[data-test=user-submit]");
    const secret = page.locator("[data-test=secret]");
    await secret.waitFor();
    const password = (await secret.textContent()) ?? "";
    const row = page.locator(`[data-user=${user}]`);
    await row.waitFor();
    expect(await row.locator("[data-test=user-role]").textContent()).toBe(
      words[lang].viewer,
    );

    const own = await firstSignIn(user, password, lang);
    // A viewer sees the customer, and no way to act.
    await own.goto(`${product.wall}/customers/${customer}?lang=${lang}`);
    await own.waitForSelector(".identity");
    expect(await own.locator(".identity .actions").count()).toBe(0);
    expect(await own.locator("a[href^='/people']").count()).toBe(0);
    expect(await actOnCustomer(own)).toBe(403);
    await own.goto(`${product.wall}/people?lang=${lang}`);
    await own.waitForSelector("[data-test=failed][data-code=forbidden]");
    await own.goto(`${product.wall}/customers/${customer}?lang=${lang}`);
    await own.waitForSelector(".identity");

    await row.locator("[data-test=user-open]").click();
    await page.selectOption("[data-test=user-role-select]", "operator");
    await page.fill("[data-test=user-reason]", "joined the desk");
    await page.click("[data-test=user-role-save]");
    await page.waitForFunction(
      ([name, text]) =>
        document.querySelector(`[data-user="${name}"] [data-test=user-role]`)
          ?.textContent === text,
      [user, words[lang].operator] as const,
    );
    // On the page that lies open: the way to act appears without a reload.
    await own.waitForSelector(".identity .actions");
    expect(await actOnCustomer(own)).toBe(202);
    await own.click("[data-test=sign-out]");
    await own.waitForURL("**/login**");
    await own.context().close();

    await page.goto(`${product.wall}/people?tab=audit&lang=${lang}`);
    const found = async (action: string, actor: string): Promise<string> => {
      const entry = page
        .locator(`[data-action="${action}"][data-actor="${actor}"]`)
        .first();
      for (
        let tries = 0;
        (await entry.count()) === 0 && tries < 60;
        tries += 1
      ) {
        await page.click("[data-test=audit-reload]");
        await page.waitForLoadState("networkidle");
      }
      return (await entry.textContent()) ?? "";
    };
    expect(await found("customer.comment", user)).toContain(customer);
    expect(await found("access.refuse", user)).toContain("/api/users");
    expect(await found("session.close", user)).not.toBe("");
    const change = await found("user.change", "operator");
    expect(change).toContain(words[lang].changed);
    expect(change).toMatch(/viewer\s*→\s*operator.*joined the desk/s);
    await page.fill("[data-test=audit-target]", customer);
    await page.selectOption("[data-test=audit-action]", "customer");
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll("[data-test=audit-row]")].every((it) =>
          (it as HTMLElement).dataset["action"]?.startsWith("customer."),
        ) && document.querySelector("[data-test=audit-row]") !== null,
    );
    expect(await found("customer.read", user)).toContain(customer);
  });

  test("makes, rotates and revokes a key that is bound to a source", async () => {
    await page.goto(`${product.wall}/people?tab=keys&lang=${lang}`);
    await page.click("[data-test=key-new]");
    await page.fill("[data-test=key-name]", `erp ${lang}`);
    await page.fill("[data-test=key-sources]", "erp-shanghai");
    await page.click("[data-test=key-submit]");
    const secret = page.locator("[data-test=secret]");
    await secret.waitFor();
    const key = (await secret.textContent()) ?? "";
    const send = async (text: string, source: string): Promise<number> => {
      const now = Date.now();
      const event = {
        ...{ id: `k-${String(now)}`, source, type: "customer.upserted" },
        time: new Date(now).toISOString(),
        data: { customerId: "C-KEY", name: "x" },
      };
      const reply = await fetch(`${product.ingest}/v1/events`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${text}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(event),
      });
      return reply.status;
    };
    const until = async (text: string, status: number): Promise<void> => {
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await send(text, "erp-shanghai")) === status) return;
      }
      throw new Error(`never ${String(status)}`);
    };
    await until(key, 202);
    expect(await send(key, "somebody-else")).not.toBe(202);
    const row = page.locator("[data-test=key-row]", {
      hasText: key.slice(0, 20),
    });
    await row.locator("[data-test=key-rotate]").click();
    await page.waitForFunction(
      (old) =>
        document.querySelector("[data-test=secret]")?.textContent !== old,
      key,
    );
    const second = (await secret.textContent()) ?? "";
    await until(second, 202);
    await row.locator("[data-test=key-revoke]").click();
    await page.fill("[data-test=ask-text]", "lost");
    await page.click("[data-test=ask-submit]");
    await row.locator("[data-test=key-revoke]").waitFor({ state: "detached" });
    await until(key, 401);
    await until(second, 202);
  });
});

test("two people make one limit: the second one is a user made here", async () => {
  await page.goto(`${product.wall}/people?lang=en`);
  await page.click("[data-test=user-new]");
  await page.fill("[data-test=user-name]", "second");
  await page.selectOption("[data-test=user-role-new]", "approver");
  await page.click("[data-test=user-submit]");
  const secret = page.locator("[data-test=secret]");
  await secret.waitFor();
  const own = await firstSignIn(
    ...(["second", (await secret.textContent()) ?? "", "en"] as const),
  );
  await page.goto(`${product.wall}/customers/${customer}?lang=en`);
  const asked = await page.evaluate(async (id) => {
    const reply = await fetch(`/api/customers/${id}/actions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ action: "set-limit", amount: "9000000.00", currency: "CNY" },
        ...{ kind: "standing", reason: "a large contract" },
      }),
    });
    return (await reply.json()) as Record<string, unknown>;
  }, customer);
  expect(asked).toMatchObject({ awaits: "second-person" });
  await own.goto(`${product.wall}/customers/${customer}?lang=en`);
  await own.click("[data-test=approve-limit]");
  await own.fill("[data-test=ask-text]", "seen the contract");
  await own.click("[data-test=ask-submit]");
  await own.waitForSelector("[data-test=approve-limit]", { state: "detached" });
  await own.waitForFunction(
    () => document.body.textContent?.includes("second") === true,
  );
  await own.context().close();
});

test("a second factor is set up by QR code and asked for", async () => {
  const { TOTP, Secret } = await import("otpauth");
  const own = await signedIn(browser, product);
  watchPolicy(own);
  const { password } = product.credentials.operator;
  await own.goto(`${product.wall}/account?lang=en`);
  await own.fill("[data-test=two-factor-password]", password);
  await own.click("[data-test=two-factor-submit]");
  await own.waitForSelector("[data-test=qr]");
  const text = (await own.textContent("[data-test=totp-secret]")) ?? "";
  const totp = new TOTP({ secret: Secret.fromBase32(text) });
  await own.fill("[data-test=totp-code]", totp.generate());
  await own.click("[data-test=totp-confirm]");
  const codes = (await own.textContent("[data-test=secret]")) ?? "";
  expect(codes.split("\n")).toHaveLength(10);
  await own.click("[data-test=sign-out]");
  await own.waitForURL("**/login**");
  await own.fill("[data-test=login-user]", "operator");
  await own.fill("[data-test=login-password]", password);
  await own.click("[data-test=login-submit]");
  await own.fill("[data-test=login-code]", codes.split("\n")[0] ?? "");
  await own.click("[data-test=login-submit]");
  await own.waitForSelector("[data-test=freshness]");
  // Off again, so that the other tests sign in with the password alone.
  await own.goto(`${product.wall}/account?lang=en`);
  await own.fill("[data-test=two-factor-password]", password);
  await own.click("[data-test=two-factor-submit]");
  await own.waitForFunction(
    () =>
      document.querySelector("[data-test=two-factor-state]")?.textContent ===
      "off",
  );
  await own.context().close();
});

test("no page breaks the policy on scripts and styles", async () => {
  const { wall } = product;
  for (const path of [
    ...["/wall", "/alerts?state=all", "/orders", "/customers"],
    ...[`/customers/${customer}`, "/trends?metric=orders&days=7&step=day"],
    ...["/ops", "/people", "/people?tab=audit", "/account", "/login"],
  ]) {
    await page.goto(`${wall}${path}`);
    await page.waitForLoadState("networkidle");
    const chart = page.locator("canvas").first();
    if ((await chart.count()) > 0) await chart.hover();
  }
  await page.goto(`${wall}/docs/api`);
  // Made by the page's script; its sections come as somebody scrolls to them.
  await page.waitForFunction(
    () => document.body.querySelectorAll("*").length > 50,
  );
  expect([...new Set(violations)].slice(0, 10)).toEqual([]);
});
