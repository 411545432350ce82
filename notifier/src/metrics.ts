/** Metrics of the notifier, names of ux 5.3. */
import { createServiceRegistry } from "@riskwall/schemas/service-metrics";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly deliveries: Counter<"channel" | "outcome">;
  readonly acceptSeconds: Histogram<"channel">;
}

export function createMetrics(
  depth: () => Promise<ReadonlyMap<string, number>>,
): Metrics {
  const registry = createServiceRegistry("notifier");
  const registers = [registry];
  new Gauge({
    name: "riskwall_notify_queued",
    help: "Deliveries that wait or are being sent",
    labelNames: ["channel"] as const,
    registers,
    async collect() {
      this.reset();
      for (const [channel, count] of await depth())
        this.set({ channel }, count);
    },
  });
  return {
    registry,
    deliveries: new Counter({
      name: "riskwall_notify_deliveries_total",
      help: "Deliveries tried, by outcome",
      labelNames: ["channel", "outcome"] as const,
      registers,
    }),
    acceptSeconds: new Histogram({
      name: "riskwall_notify_seconds",
      help: "From being owed to being accepted by the provider",
      labelNames: ["channel"] as const,
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
  };
}
