/** Metrics of the dashboard, names of ux 5.3. */
import type { AlertView } from "@riskwall/schemas";
import { createServiceRegistry } from "@riskwall/schemas/service-metrics";
import type { Logger } from "pino";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { isOpen } from "./core/alert-book.ts";

export interface MetricsDeps {
  /** Alerts of the wall; asked when metrics are read. */
  readonly alerts: () => readonly AlertView[];
  /** Dead letters that the topic holds; asked when metrics are read. */
  readonly deadLetters: () => Promise<number>;
  readonly log: Logger;
}

export interface Metrics {
  readonly registry: Registry;
  readonly pixelSeconds: Histogram;
  readonly digestMismatches: Counter;
  readonly resumes: Counter<"result">;
  readonly clients: Gauge;
  readonly ackSeconds: Histogram<"severity">;
}

export function createMetrics(deps: MetricsDeps): Metrics {
  const registry = createServiceRegistry("dashboard");
  const registers = [registry];
  new Gauge({
    name: "riskwall_alerts_open",
    help: "Alerts that wait for a person or for their cause to end",
    labelNames: ["severity", "state"] as const,
    registers,
    collect() {
      this.reset();
      for (const alert of deps.alerts()) {
        if (!isOpen(alert)) continue;
        this.inc({ severity: alert.severity, state: alert.state });
      }
    },
  });
  new Gauge({
    name: "riskwall_dlq_records",
    help: "Dead letters written so far",
    registers,
    async collect() {
      this.reset();
      try {
        this.set(await deps.deadLetters());
      } catch (error) {
        // The other metrics are read all the more while Kafka is away.
        deps.log.warn({ error: String(error) }, "dead letters are not counted");
      }
    },
  });
  return {
    registry,
    pixelSeconds: new Histogram({
      name: "riskwall_event_to_pixel_seconds",
      help: "From broker append to paint, sampled by browsers",
      buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 3, 10],
      registers,
    }),
    digestMismatches: new Counter({
      name: "riskwall_ws_digest_mismatch_total",
      help: "Digests that a client found different from its own state",
      registers,
    }),
    resumes: new Counter({
      name: "riskwall_ws_resume_total",
      help: "Subscriptions, by what the client got: snapshot, deltas, error",
      labelNames: ["result"] as const,
      registers,
    }),
    clients: new Gauge({
      name: "riskwall_ws_clients",
      help: "Sockets connected",
      registers,
    }),
    ackSeconds: new Histogram({
      name: "riskwall_alert_ack_seconds",
      help: "From the opening of an alert to its acknowledgement",
      labelNames: ["severity"] as const,
      buckets: [10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400],
      registers,
    }),
  };
}
