/**
 * From the moment a sudden large order was due to be posted until the row of
 * its alert is painted on the wall in a headless Chromium, while other events
 * arrive. Its limit: the decision as the answer of the same posts.
 */
import { chromium, type Page } from "playwright-core";
import type { Product } from "../support/product.ts";
import { waitFor } from "../support/stack.ts";
import {
  withNamespace,
  withProduct,
  type BenchNamespace,
} from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import { postEvents, postForDecision } from "./gateway.ts";
import {
  createLatencies,
  percentileFigure,
  type Latencies,
} from "./latencies.ts";
import { nowMs, runPaced } from "./paced.ts";
import { calmCustomer, createTraffic, suddenOrder } from "./traffic.ts";

const ordersPerSecond = 1;
/** Events that arrive beside them. */
const backgroundPerSecond = 500;
const backgroundPerSend = 5;
const customers = 2000;
/** Orders whose rows are not counted. */
const warmOrders = 5;

declare global {
  interface Window {
    /** Epoch ms at which a customer's first alert row was painted. */
    benchPainted?: Map<string, number>;
  }
}

/** Notes when the frame with a new alert row has been painted. */
function watchRows(): void {
  const painted = new Map<string, number>();
  window.benchPainted = painted;
  const look = (): void => {
    const found: string[] = [];
    const rows = document.querySelectorAll("[data-test=alert-row] .name");
    for (const { textContent: name } of rows) {
      if (!painted.has(name)) found.push(name);
    }
    if (found.length === 0) return;
    for (const name of found) painted.set(name, Number.POSITIVE_INFINITY);
    // The second frame begins after the first, with the row, is painted.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        for (const name of found) painted.set(name, Date.now());
      });
    });
  };
  new MutationObserver(look).observe(document.body, {
    childList: true,
    subtree: true,
  });
  look();
}

async function openWall(
  product: Product,
): Promise<{ readonly page: Page; readonly close: () => Promise<void> }> {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  const page = await browser.newPage({
    viewport: { width: 1920, height: 1080 },
  });
  const { wallToken } = product.credentials;
  await page.goto(`${product.wall}/wall?token=${wallToken}`);
  await page.waitForSelector(
    "[data-test=freshness][data-state=LIVE], [data-test=freshness][data-state=QUIET]",
  );
  await page.evaluate(watchRows);
  return { page, close: async () => browser.close() };
}

async function paintedRows(page: Page): Promise<ReadonlyMap<string, number>> {
  const rows = await page.evaluate(() => [...(window.benchPainted ?? [])]);
  return new Map(rows.filter(([, ms]) => Number.isFinite(ms)));
}

/** Sends the background and the sudden orders; answers when each was due. */
async function sendLoad(
  space: BenchNamespace,
  product: Product,
  calm: readonly string[],
  decided: Latencies,
): Promise<ReadonlyMap<string, number>> {
  const traffic = createTraffic(customers);
  await space.fill(traffic.introductions());
  await space.settled();
  const seconds = calm.length / ordersPerSecond;
  const dueMs = new Map<string, number>();
  const background = runPaced({
    rate: backgroundPerSecond / backgroundPerSend,
    seconds,
    send: async () =>
      space.append(
        Array.from({ length: backgroundPerSend }, () =>
          traffic.next(Date.now()),
        ),
      ),
  });
  const orders = runPaced({
    rate: ordersPerSecond,
    seconds,
    send: async (i, due) => {
      const id = calm[i];
      if (id === undefined) return;
      dueMs.set(id, due);
      await postForDecision(product, suddenOrder(id));
      if (i >= warmOrders) decided.add(nowMs() - due);
    },
  });
  await Promise.all([background, orders]);
  return dueMs;
}

export const eventToPixel: Benchmark = {
  name: "pixel",
  run: async ({ full }) => {
    const count = (full ? 120 : 40) + warmOrders;
    const calm = Array.from({ length: count }, (_, i) => `CALM-${String(i)}`);
    return withNamespace(async (space) =>
      withProduct(space, async (product) => {
        await postEvents(product, calm.flatMap(calmCustomer));
        await space.settled();
        const { page, close } = await openWall(product);
        try {
          const decided = createLatencies();
          const dueMs = await sendLoad(space, product, calm, decided);
          const painted = await waitFor(async () => {
            const rows = await paintedRows(page);
            return calm.every((id) => rows.has(id)) ? rows : null;
          });
          const times = createLatencies();
          for (const id of calm.slice(warmOrders)) {
            times.add((painted.get(id) ?? 0) - (dueMs.get(id) ?? 0));
          }
          const limit = { what: "POST to decision", times: decided };
          const name = "POST to alert row painted";
          const note = `1920×1080, headless, no GPU; ${String(backgroundPerSecond)} events/s beside it; the row's entrance of 250 ms begins then; ${String(warmOrders)} orders of warm-up left out`;
          return [
            percentileFigure(name, 50, times, { limit }),
            percentileFigure(name, 95, times, {
              ...{ target: { atMost: 700 }, limit, note },
            }),
          ];
        } finally {
          await close();
        }
      }),
    );
  },
};
