/** Health, metrics and the API's own description. */
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

export interface HealthDeps {
  /** Parts by name: true when they work. */
  readonly parts: () => Promise<Readonly<Record<string, boolean>>>;
  /** Parts without which the dashboard is not ready; others degrade it. */
  readonly needed: readonly string[];
  readonly draining: () => boolean;
  readonly metrics: Registry;
}

export function healthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  const hidden = { schema: { hide: true }, config: { needs: "open" } } as const;

  app.get("/livez", hidden, () => ({ status: "ok" }));
  // The server listens once it has started whole: asked early, nobody answers.
  app.get("/startupz", hidden, () => ({ status: "ok" }));

  app.get("/readyz", hidden, async (_, reply) => {
    const parts = await deps.parts();
    const draining = deps.draining();
    const ready = !draining && deps.needed.every((name) => parts[name]);
    const whole = Object.values(parts).every(Boolean);
    const status = draining
      ? "draining"
      : ready
        ? whole
          ? "ready"
          : "degraded"
        : "not ready";
    return reply.status(ready ? 200 : 503).send({ status, parts });
  });

  app.get("/metrics", hidden, async (_, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );

  app.get("/openapi.json", hidden, () => app.swagger());
}
