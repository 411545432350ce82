/** What operators of the service ask: alive, ready, metrics, documentation. */
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { hidden, readyDocs } from "./docs.ts";

export interface OperationsDeps {
  /** State of each part; `needed` ones decide over readiness. */
  readonly parts: () => Promise<
    Readonly<Record<string, { readonly up: boolean; readonly needed: boolean }>>
  >;
  readonly metrics: Registry;
}

export function addOperations(
  app: FastifyInstance,
  deps: OperationsDeps,
): void {
  app.get("/livez", { schema: hidden }, () => ({ status: "ok" }));
  // The server listens once it has started whole: asked early, nobody answers.
  app.get("/startupz", { schema: hidden }, () => ({ status: "ok" }));
  app.get<{ Querystring: { verbose?: string } }>(
    "/readyz",
    { schema: readyDocs },
    async (request, reply) => {
      const parts = await deps.parts();
      const ready = Object.values(parts).every(
        ({ up, needed }) => up || !needed,
      );
      const verbose = request.query.verbose !== undefined;
      return reply.status(ready ? 200 : 503).send({
        status: ready ? "ready" : "not ready",
        ...(verbose || !ready ? { parts } : {}),
      });
    },
  );
  app.get("/metrics", { schema: hidden }, async (_, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
  app.get("/openapi.json", { schema: hidden }, () => app.swagger());
}
