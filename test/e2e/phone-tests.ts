/**
 * The phone's pages in Chromium's phone emulation: small, installable, without
 * barriers, and what is done without a network is sent when it is back.
 */
import { gzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { alertCode } from "@riskwall/schemas/alert-code";
import { alertLinkKey, alertLinkToken } from "@riskwall/schemas/alert-links";
import { serviceSecret } from "@riskwall/schemas/home-keys";
import { topicNames } from "@riskwall/schemas/names";
import {
  devices,
  type Browser,
  type BrowserContext,
  type Page,
} from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patienceMs } from "../support/browser.ts";
import type { Desk } from "../support/desk.ts";
import { writeSetting } from "../support/notifier.ts";
import { startPushService, type PushService } from "../support/push-service.ts";
import { waitFor } from "../support/stack.ts";
import { overflowing } from "./overflowing.ts";

/** All that a phone loads before it shows alerts, packed. */
const shellMaxBytes = 90_000;
const holdMs = 800;
const narrow = { width: 360, height: 740 };

async function openPhone(
  browser: Browser,
  { product }: Desk,
  prepare: (context: BrowserContext) => Promise<void> = async () =>
    Promise.resolve(),
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await browser.newContext({
    ...devices["Pixel 5"],
    viewport: narrow,
  });
  context.setDefaultTimeout(patienceMs);
  await prepare(context);
  const page = await context.newPage();
  // A link to the phone leads over the sign-in and back.
  await page.goto(`${product.wall}/m?lang=en`);
  const { user, password } = product.credentials.operator;
  await page.fill("[data-test=login-user]", user);
  await page.fill("[data-test=login-password]", password);
  await page.click("[data-test=login-submit]");
  await page.waitForSelector("[data-test=phone-alert]");
  return { context, page };
}

/** In the page: the browser's maker is out of reach, a push service is not. */
function pushAt(at: PushService["subscription"]): void {
  let known: unknown = null;
  Object.assign(PushManager.prototype, {
    getSubscription: () => Promise.resolve(known),
    subscribe: (options: object) => {
      known = {
        ...{ options, toJSON: () => at },
        unsubscribe: () => {
          known = null;
          return Promise.resolve(true);
        },
      };
      return Promise.resolve(known);
    },
  });
}

async function hold(page: Page): Promise<void> {
  await page.locator("[data-test=phone-ack]").click({ delay: holdMs });
}

/** `desk` is asked when the tests run. */
export function phoneTests(desk: () => Desk): void {
  describe("the phone", () => {
    let context: BrowserContext;
    let page: Page;
    let wall: string;
    const alertIds = async (): Promise<readonly string[]> =>
      page
        .locator("[data-test=phone-alert]")
        .evaluateAll((rows) =>
          rows.map((row) => row.getAttribute("data-alert-id") ?? ""),
        );
    const openList = async (): Promise<void> => {
      await page.goto(`${wall}/m?lang=en`);
      await page.waitForSelector("[data-test=phone-alert]");
    };
    const stateOf = async (id: string): Promise<unknown> =>
      page.evaluate(async (alertId) => {
        const reply = await fetch(`/api/alerts/${alertId}`);
        return ((await reply.json()) as { state: unknown }).state;
      }, id);
    const openSheet = async (id: string): Promise<void> => {
      await page.locator(`[data-alert-id="${id}"]`).click();
      await page.waitForSelector(`article[data-alert-id="${id}"]`);
    };
    beforeAll(async () => {
      wall = desk().product.wall;
      ({ context, page } = await openPhone(desk().browser, desk()));
    });
    afterAll(async () => {
      await context?.close();
    });

    test("takes no more than 90 KB along, and can be installed", async () => {
      const read = async (path: string): Promise<Buffer> => {
        const reply = await fetch(`${wall}${path}`);
        expect([path, reply.status]).toEqual([path, 200]);
        return Buffer.from(await reply.arrayBuffer());
      };
      const worker = (await read("/m-worker.js")).toString();
      const list = /^self\.shell=(\{.*?\});/.exec(worker)?.[1] ?? "";
      const { files } = JSON.parse(list) as { files: string[] };
      expect(files).toContain("/m");
      expect(files.filter((file) => file.endsWith(".js"))).not.toEqual([]);
      let bytes = 0;
      for (const file of files) bytes += gzipSync(await read(file)).length;
      expect(bytes).toBeLessThan(shellMaxBytes);
      const manifest = JSON.parse(
        (await read("/m.webmanifest")).toString(),
      ) as { icons: { src: string }[]; start_url: string };
      for (const { src } of manifest.icons) await read(src);
      expect(manifest.start_url).toBe("/m");
    });

    test("fits 360 px, also in a longer language, and has no barriers", async () => {
      const [id = ""] = await alertIds();
      const found: string[] = [];
      for (const path of ["/m", `/m/a/${encodeURIComponent(id)}`]) {
        await page.goto(`${wall}${path}?lang=en-XA&theme=light`);
        await page.waitForSelector(`[data-alert-id]`);
        const cut = await page.evaluate(overflowing);
        found.push(...cut.map((what) => `${path}: ${what}`));
        for (const query of ["lang=zh-CN&theme=dark", "lang=en&theme=light"]) {
          await page.goto(`${wall}${path}?${query}`);
          await page.waitForSelector(`[data-alert-id]`);
          const { violations } = await new AxeBuilder({ page }).analyze();
          for (const it of violations) {
            if (it.impact !== "serious" && it.impact !== "critical") continue;
            const [node] = it.nodes;
            found.push(`${path} ${it.id}: ${node?.html.slice(0, 160) ?? ""}`);
          }
        }
      }
      expect(found.join("\n")).toBe("");
    });

    test("shows one alert by a message's link, until that is ended", async () => {
      const { browser, product, page: other } = desk();
      await openList();
      const [id = ""] = await alertIds();
      const key = alertLinkKey(serviceSecret(product.home));
      const token = alertLinkToken(key, id, Date.now());
      const path = `/m/a/${encodeURIComponent(id)}?lang=en#${token}`;
      const stranger = await browser.newContext({ viewport: narrow });
      stranger.setDefaultTimeout(patienceMs);
      const linked = await stranger.newPage();
      try {
        for (const method of ["GET", "HEAD"]) {
          const url = `${wall}/api/alerts/${encodeURIComponent(id)}`;
          const headers = { authorization: `Bearer ${token}` };
          const reply = await fetch(url, { method, headers });
          expect([method, reply.status]).toEqual([method, 200]);
        }
        await linked.goto(`${wall}${path}`);
        const sheet = linked.locator("[data-test=linked-sheet]");
        await sheet.waitFor();
        // To look is not to acknowledge, and no way to act is there.
        expect(await sheet.getAttribute("data-state")).toBe("open");
        expect(await linked.locator("[data-test=phone-bar]").count()).toBe(0);
        const { violations } = await new AxeBuilder({ page: linked }).analyze();
        expect(violations.map((it) => it.id)).toEqual([]);
        await other.evaluate(async (alertId) => {
          await fetch(`/api/alerts/${alertId}/links/end`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: "{}",
          });
        }, id);
        await linked.reload();
        await linked.waitForSelector("[data-test=linked-over]");
        await linked.click("[data-test=linked-sign-in]");
        await linked.waitForURL(/\/login\?then=/);
        expect(linked.url()).not.toContain("rw_alert_");
      } finally {
        await stranger.close();
      }
    });

    test("queues without a network and sends when it is back", async () => {
      await openList();
      const [first = "", second = ""] = await alertIds();
      await openSheet(first);
      // To look is not to acknowledge.
      for (const method of ["GET", "HEAD"]) {
        const path = `/m/a/${encodeURIComponent(first)}`;
        await page.evaluate(async ([url, how]) => fetch(url, { method: how }), [
          path,
          method,
        ] as const);
      }
      expect(await stateOf(first)).toBe("open");
      await page.evaluate(async () => {
        await navigator.serviceWorker.ready;
      });

      await context.setOffline(true);
      await hold(page);
      await page.waitForSelector("[data-test=phone-queue][data-waiting='1']");
      await page.click("[data-test=phone-more]");
      await page.click("[data-test=phone-comment]");
      await page.fill("[data-test=phone-text]", "called the customer");
      await page.click("[data-test=phone-submit]");
      await page.waitForSelector("[data-test=phone-queue][data-waiting='2']");
      await page.waitForSelector("[data-test=phone-stale]");
      // The page opens without a network, and still knows what waits.
      await page.reload();
      await page.waitForSelector("[data-test=phone-queue][data-waiting='2']");

      await context.setOffline(false);
      await page.waitForSelector("[data-test=phone-queue][data-waiting='0']");
      await page.waitForSelector("article[data-state=acknowledged]");
      await page.waitForSelector("[data-test=phone-stale]", {
        state: "detached",
      });
      const timeline = page.locator("[data-test=phone-timeline]");
      await timeline.getByText("called the customer").waitFor();
      const done = page.locator("[data-test=phone-act][data-state=done]");
      expect(await done.count()).toBe(2);

      // Somebody else is faster while this one is in a tunnel.
      await page.click("[data-test=phone-back]");
      await openSheet(second);
      await context.setOffline(true);
      await hold(page);
      await page.waitForSelector("[data-test=phone-queue][data-waiting='1']");
      const other = desk().page;
      await other.evaluate(async (alertId) => {
        await fetch(`/api/alerts/${alertId}/actions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ action: "assign", assignee: "wang" }),
        });
      }, second);
      await context.setOffline(false);
      const refused = page.locator("[data-test=phone-act][data-state=refused]");
      await refused.waitFor();
      expect(await refused.textContent()).toMatch(
        /operator was first: assigned/,
      );
    });

    test("opens the alert whose code a text message brought", async () => {
      await openList();
      const [id = ""] = await alertIds();
      await page.fill("[data-test=phone-code]", "0000");
      await page.press("[data-test=phone-code]", "Enter");
      await page.getByText("No open alert has this code").waitFor();
      await page.fill("[data-test=phone-code]", alertCode(id).toLowerCase());
      await page.press("[data-test=phone-code]", "Enter");
      await page.waitForSelector(`article[data-alert-id="${id}"]`);
    });

    test("registers for pushes and shows the one that arrives", async () => {
      const service = await startPushService();
      const phone = await openPhone(desk().browser, desk(), async (context) => {
        await context.grantPermissions(["notifications"], { origin: wall });
        await context.addInitScript(pushAt, service.subscription);
      });
      try {
        const topics = topicNames(desk().product.namespace);
        await writeSetting({ topics }, "channel:push", {
          ...{ id: "push", kind: "webpush", subject: "mailto:a@example.com" },
          ...{ language: "en", allowPrivate: true },
        });
        await waitFor(async () =>
          phone.page.evaluate(async () => (await fetch("/api/push")).ok),
        );
        await phone.page.click("[data-test=phone-push] summary");
        await phone.page.click("[data-test=phone-push-on]");
        await phone.page.click("[data-test=phone-push-test]");
        const note = phone.page.locator("[data-test=phone-push-note]");
        await note
          .filter({ hasText: "Accepted by the push service" })
          .waitFor();
        expect(service.received).toHaveLength(1);
        const [data = ""] = service.received;

        // From here on the browser does what it does when a push arrives.
        const devTools = await phone.context.newCDPSession(phone.page);
        const registration = new Promise<string>((done) => {
          devTools.on(
            "ServiceWorker.workerRegistrationUpdated",
            ({ registrations }) => {
              const own = registrations.find(
                ({ scopeURL }) => scopeURL === `${wall}/m`,
              );
              if (own) done(own.registrationId);
            },
          );
        });
        await devTools.send("ServiceWorker.enable");
        await devTools.send("ServiceWorker.deliverPushMessage", {
          ...{ origin: wall, data, registrationId: await registration },
        });
        await note.filter({ hasText: "Shown on this phone" }).waitFor();
        const shown = await phone.page.evaluate(async () => {
          const worker = await navigator.serviceWorker.ready;
          const all = await worker.getNotifications();
          return all.map(({ title }) => title);
        });
        expect(shown).toEqual([(JSON.parse(data) as { t: string }).t]);

        await phone.page.click("[data-test=phone-push-off]");
        await phone.page.waitForSelector("[data-test=phone-push-on]");
        const left = await phone.page.evaluate(async () => {
          const reply = await fetch("/api/push");
          return ((await reply.json()) as { items: unknown[] }).items;
        });
        expect(left).toEqual([]);
      } finally {
        await phone.context.close();
        await service.close();
      }
    });

    test("decides a held order with a reason", async () => {
      await page.goto(`${wall}/m?lang=en`);
      const rows = page.locator("[data-test=phone-alert]");
      await rows.filter({ hasText: "Large sudden order" }).first().click();
      await page.waitForSelector("[data-test=phone-held]");
      await page.click("[data-test=phone-more]");
      await page.click("[data-test=phone-release]");
      await page.fill("[data-test=phone-text]", "prepaid in full");
      await page.click("[data-test=phone-submit]");
      await page.waitForSelector(
        "[data-test=phone-act][data-action=release][data-state=done]",
        { state: "attached" },
      );
      await page.waitForSelector("[data-test=phone-held]", {
        state: "detached",
      });
    });
  });
}
