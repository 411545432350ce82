/**
 * kill -9 of the notifier while it sends: each firing is delivered at least
 * once, a repeat carries the delivery id it had, none is lost (ux 6, bar 7).
 * RISKWALL_NOTIFIER_KILLS sets how often; the bar is 100.
 */
import { expect, test } from "vitest";
import { namespaceRedis } from "../support/dashboard.ts";
import { testNamespace } from "../support/namespace.ts";
import {
  raise,
  receiverSecret,
  startNotifier,
  startReceiver,
  writeSetting,
} from "../support/notifier.ts";
import { freePort } from "../support/ports.ts";
import type { Service } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";

const kills = Number(process.env["RISKWALL_NOTIFIER_KILLS"] ?? "6");
const alertsEach = 12;
/** The receiver answers late, so that a kill meets tries under way. */
const answerAfterMs = 40;

test(
  `${String(kills)} kills in the middle of sending lose nothing`,
  { timeout: 60_000 + kills * 20_000 },
  async () => {
    const space = await testNamespace();
    namespaceRedis(space.namespace);
    const receiver = await startReceiver(answerAfterMs);
    const { url } = receiver;
    await writeSetting(space, "webhook:ops", {
      ...{ id: "ops", url, secret: receiverSecret, minSeverity: "high" },
      ...{ enabled: true, allowPrivate: true },
    });
    const port = await freePort();
    let notifier: Service = await startNotifier(space, port);
    const routes = async (): Promise<boolean> => {
      const reply = await fetch(`${notifier.url}/readyz`);
      return (await reply.text()).includes('"routing":true');
    };
    await waitFor(routes);

    const raised: string[] = [];
    let killedAmidst = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const before = receiver.received.length;
      for (let i = 0; i < alertsEach; i += 1) {
        const alertId = `k${String(kill)}-${String(i)}`;
        raised.push(alertId);
        await raise(space, raised.length, { alertId });
      }
      // Some have arrived, not all: this is the middle.
      await waitFor(() => receiver.received.length > before + (kill % 5), {
        everyMs: 1,
      });
      const arrived = new Set(receiver.received.map((item) => item.alertId));
      if (raised.some((alertId) => !arrived.has(alertId))) killedAmidst += 1;
      await notifier.kill();
      notifier = await startNotifier(space, port);
    }
    await waitFor(
      () => {
        const arrived = new Set(receiver.received.map((item) => item.alertId));
        return raised.every((alertId) => arrived.has(alertId));
      },
      { timeoutMs: 90_000 },
    );
    const idsOf = Map.groupBy(receiver.received, (item) => item.alertId);
    for (const [alertId, items] of idsOf) {
      const ids = new Set(items.map((item) => item.id));
      expect(ids.size, `ids of ${alertId}`).toBe(1);
    }
    expect(idsOf.size).toBe(raised.length);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(
      raised.length,
    );
    expect(killedAmidst).toBeGreaterThan(0);
  },
);
