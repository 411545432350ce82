/** Metrics of the dashboard, names of ux 5.3. */
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly pixelSeconds: Histogram;
  readonly digestMismatches: Counter;
  readonly resumes: Counter<"result">;
  readonly clients: Gauge;
  readonly deliveries: Counter<"channel" | "outcome">;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
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
    deliveries: new Counter({
      name: "riskwall_notify_deliveries_total",
      help: "Webhook deliveries tried, by outcome",
      labelNames: ["channel", "outcome"] as const,
      registers,
    }),
  };
}
