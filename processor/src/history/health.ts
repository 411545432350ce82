/** HTTP of the historian: livez, readyz and metrics. */
import fastify, { type FastifyInstance } from "fastify";
import { createServiceRegistry } from "@riskwall/schemas/service-metrics";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Historian } from "./historian.ts";

export interface HistoryMetrics {
  readonly registry: Registry;
  readonly stored: (table: string, rows: number) => void;
  readonly gap: (topic: string) => void;
}

export function createMetrics(): HistoryMetrics {
  const registry = createServiceRegistry("historian");
  const rows = new Counter({
    name: "riskwall_history_rows_total",
    help: "Rows stored, by table",
    labelNames: ["table"],
    registers: [registry],
  });
  const gaps = new Counter({
    name: "riskwall_history_gaps_total",
    help: "Holes met in the offsets of a topic",
    labelNames: ["topic"],
    registers: [registry],
  });
  return {
    registry,
    stored: (table, count) => {
      rows.inc({ table }, count);
    },
    gap: (topic) => {
      gaps.inc({ topic });
    },
  };
}

export interface HealthDeps {
  readonly historian: Historian;
  readonly ping: () => Promise<boolean>;
  readonly metrics: Registry;
}

/** Server without a listening socket. */
export function buildHealth(deps: HealthDeps): FastifyInstance {
  const { historian } = deps;
  const lag = new Gauge({
    name: "riskwall_consumer_lag_records",
    help: "Records of a topic that are not stored yet",
    labelNames: ["group", "topic"],
    registers: [deps.metrics],
  });
  const app = fastify({ logger: false });
  app.get("/livez", () => ({ status: "ok" }));
  // The server listens once it has started whole: asked early, nobody answers.
  app.get("/startupz", () => ({ status: "ok" }));
  app.get<{ Querystring: Readonly<Record<string, string>> }>(
    "/readyz",
    async (request, reply) => {
      const status = historian.status();
      const clickhouse = await deps.ping();
      const ready = clickhouse && status.joined && status.waitingFor === null;
      const topics = "verbose" in request.query ? await historian.lag() : null;
      return reply.status(ready ? 200 : 503).send({
        status: ready ? "ready" : "not ready",
        clickhouse: clickhouse ? "up" : "down",
        ...status,
        ...(topics === null
          ? {}
          : {
              lag: topics.reduce((sum, item) => sum + item.records, 0),
              topics,
            }),
      });
    },
  );
  app.get("/metrics", async (_, reply) => {
    for (const item of await historian.lag()) {
      lag.set({ group: "historian", topic: item.topic }, item.records);
    }
    const text = await deps.metrics.metrics();
    return reply.type(deps.metrics.contentType).send(text);
  });
  return app;
}
