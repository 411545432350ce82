/** Metrics of the gateway (names: Prometheus base units). */
import { createServiceRegistry } from "@riskwall/schemas/service-metrics";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { AcceptDeps } from "./accept.ts";

/** Sources told apart in labels at most; further ones are "other". */
const sourcesMax = 100;
const typePattern = /^[a-z]+\.[a-z-]{1,40}$/;

export interface Metrics {
  readonly registry: Registry;
  readonly count: AcceptDeps["count"];
  readonly observeRequest: (
    route: string,
    status: number,
    seconds: number,
  ) => void;
}

export function createMetrics(queueDepth: () => number): Metrics {
  const registry = createServiceRegistry("ingest");
  const events = new Counter({
    name: "riskwall_ingest_events_total",
    help: "Events at the door",
    labelNames: ["source", "type", "outcome"] as const,
    registers: [registry],
  });
  const requests = new Histogram({
    name: "riskwall_ingest_request_seconds",
    help: "Time to answer a request",
    labelNames: ["route", "status"] as const,
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  new Gauge({
    name: "riskwall_ingest_queue_records",
    help: "Records waiting for the log",
    registers: [registry],
    collect() {
      this.set(queueDepth());
    },
  });
  const sources = new Set<string>();
  const bounded = (source: string): string => {
    if (sources.has(source)) return source;
    if (sources.size >= sourcesMax) return "other";
    sources.add(source);
    return source;
  };
  return {
    registry,
    count: (source, type, outcome, amount) => {
      // Labels come from accepted events only: a stranger cannot make series.
      const known = outcome !== "rejected";
      const labels = {
        source: known || sources.has(source) ? bounded(source) : "other",
        type: typePattern.test(type) && known ? type : "other",
        outcome,
      };
      events.inc(labels, amount);
    },
    observeRequest: (route, status, seconds) => {
      requests.observe({ route, status: String(status) }, seconds);
    },
  };
}
