/**
 * Every service tells how it is doing, and what the shipped Prometheus rules
 * and the Grafana dashboard ask for is what the services say.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { startDashboard } from "../support/dashboard.ts";
import { startNotifier } from "../support/notifier.ts";
import { startHistorian } from "../support/historian.ts";
import { startGateway } from "../support/ingest.ts";
import { testNamespace } from "../support/namespace.ts";
import { startProcessor } from "../support/processor.ts";
import { waitFor } from "../support/stack.ts";

const monitoring = new URL("../../deploy/monitoring/", import.meta.url);
const fileOf = (name: string): string =>
  readFileSync(fileURLToPath(new URL(name, monitoring)), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
}

const readMetrics = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.status).toBe(200);
  return answer.text();
};

test("services tell of themselves all that rules and dashboard ask", async () => {
  const ns = await testNamespace();
  const gateway = await startGateway(ns);
  const processor = await startProcessor(ns.namespace);
  const historian = await startHistorian(ns.namespace);
  const dashboard = await startDashboard(ns);
  const notifier = await startNotifier(ns);
  const urls = new Map([
    ["ingest", gateway.service.url],
    ["processor", processor.url],
    ["historian", historian.url],
    ["dashboard", dashboard.url],
    ["notifier", notifier.url],
  ]);
  for (const [service, url] of urls) {
    expect((await fetch(`${url}/startupz`)).status).toBe(200);
    expect(await readMetrics(url)).toMatch(
      new RegExp(`riskwall_build_info\\{service="${service}",version="\\d`),
    );
  }

  const { status } = await gateway.post({
    id: "e1",
    source: "erp",
    type: "order.placed",
    time: new Date().toISOString(),
    data: {
      customerId: "C-1",
      orderId: "SO-1",
      amount: "120.00",
      currency: "CNY",
    },
  });
  expect(status).toBe(202);
  const folded =
    'riskwall_processor_records_total{name="OrderPlaced",outcome="applied"} 1';
  await waitFor(async () =>
    (await readMetrics(processor.url)).includes(folded),
  );
  const text = await readMetrics(processor.url);
  expect(text).toContain('riskwall_processor_partitions{state="claimed"} 12');
  expect(text.match(/riskwall_consumer_lag_records\{/g)).toHaveLength(12);

  const said = new Set<string>();
  for (const url of urls.values()) {
    const all = await readMetrics(url);
    for (const [, name = ""] of all.matchAll(/^# TYPE (\w+)/gm)) said.add(name);
  }
  const { groups } = parse(fileOf("prometheus-rules.yaml")) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(10);
  const asked = [
    ...rules.map(({ expr }) => expr),
    fileOf("grafana-dashboard.json"),
  ].flatMap((text) => text.match(/\b(riskwall_\w+|process_\w+)/g) ?? []);
  const unknown = new Set(
    asked
      .map((name) => name.replace(/_(bucket|count|sum)$/, ""))
      .filter((name) => !said.has(name)),
  );
  expect([...unknown]).toEqual([]);
  const page = readFileSync(
    fileURLToPath(new URL("../../docs/runbooks.md", import.meta.url)),
    "utf8",
  );
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(
    ([, heading = ""]) =>
      `docs/runbooks.md#${heading.toLowerCase().replaceAll(" ", "-")}`,
  );
  for (const { alert, annotations } of rules) {
    expect(headings, alert).toContain(annotations.runbook);
  }
});
