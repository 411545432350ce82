/** One trace: from the request of an order to the message of its alert. */
import { randomBytes } from "node:crypto";
import { parseTraceparent, traceHeader } from "@riskwall/schemas/tracing";
import { expect, test } from "vitest";
import { gatewayOptions } from "../../deploy/local/process-options.ts";
import { startDashboard } from "../support/dashboard.ts";
import { makeKey } from "../support/ingest.ts";
import { testNamespace } from "../support/namespace.ts";
import { startService } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";
import {
  startTraceCollector,
  type CollectedSpan,
} from "../support/trace-collector.ts";

const usual = 12;

function order(n: number, amount: string): object {
  return {
    ...{ id: `o-${String(n)}`, source: "shop", type: "order.placed" },
    time: new Date().toISOString(),
    data: {
      ...{ customerId: "C-1", orderId: `SO-${String(n)}` },
      ...{ amount, currency: "CNY" },
    },
  };
}

/** From a span back to the caller's, parent by parent; null = some lack. */
function wayOf(
  spans: readonly CollectedSpan[],
  last: string | undefined,
  first: string,
): string[] | null {
  const way: string[] = [];
  let at = last;
  while (at !== first) {
    const span = spans.find((item) => item.spanId === at);
    if (!span) return null;
    way.unshift(`${span.service}: ${span.name}`);
    at = span.parentSpanId;
  }
  return way;
}

test("an order is followed through every service by one trace", async () => {
  const ns = await testNamespace();
  const collector = await startTraceCollector();
  const env = {
    RISKWALL_NAMESPACE: ns.namespace,
    RISKWALL_TRACES_URL: collector.url,
  };
  const key = await makeKey(ns);
  const [gateway, dashboard] = await Promise.all([
    startService({
      entry: "ingest/src/main.ts",
      portVariable: "RISKWALL_INGEST_PORT",
      env: { ...gatewayOptions.env, ...env },
    }),
    startDashboard(ns, env),
    startService({
      entry: "processor/src/main.ts",
      portVariable: "RISKWALL_PROCESSOR_PORT",
      env,
    }),
  ]);
  const client = dashboard.connect(dashboard.credentials.wallToken);
  await client.connected();
  await client.subscribe("alerts");
  await client.subscribe("orders");
  const post = async (
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const reply = await fetch(`${gateway.url}/v1/events`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });
    expect(reply.status).toBe(202);
  };
  await post(Array.from({ length: usual }, (_, n) => order(n, "1000.00")));
  const traceId = randomBytes(16).toString("hex");
  const spanId = randomBytes(8).toString("hex");
  await post(order(usual, "90000.00"), {
    [traceHeader]: `00-${traceId}-${spanId}-01`,
  });
  const told = await waitFor(
    () =>
      client.deltas.find(
        ({ topic, times }) =>
          topic === "alerts" &&
          parseTraceparent(times.traceparent)?.traceId === traceId,
      ),
    { timeoutMs: 60_000 },
  );
  // What nobody asked to trace carries nothing.
  const others = client.deltas.filter(({ times }) => times.traceparent);
  for (const { times } of others) {
    expect(parseTraceparent(times.traceparent)?.traceId).toBe(traceId);
  }
  const last = parseTraceparent(told.times.traceparent)?.spanId;
  const way = await waitFor(() => wayOf(collector.spans, last, spanId), {
    timeoutMs: 30_000,
  });
  expect(way).toEqual([
    "riskwall-ingest: POST /v1/events",
    "riskwall-ingest: append",
    "riskwall-processor: fold",
    "riskwall-dashboard: live alert",
  ]);
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(
    new Set([traceId]),
  );
});
