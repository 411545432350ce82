/** HTTP of the notifier: health for everybody, the rest for its own home. */
import Fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { z } from "zod";
import { checkCallers, openRoute } from "./caller-check.ts";
import { addChannelRoutes, type ChannelDeps } from "./channel-routes.ts";
import { addDeliveryRoutes, type DeliveryDeps } from "./delivery-routes.ts";
import { addOncallRoutes, type OncallDeps } from "./oncall-routes.ts";
import { refuse } from "./problem.ts";
import { addPushRoutes, type PushDeps } from "./push-routes.ts";
import { addRoutingRoutes, type RoutingDeps } from "./routing-routes.ts";
import { addSilenceRoutes, type SilenceDeps } from "./silence-routes.ts";

interface Part {
  readonly up: boolean;
  /** Without it nothing works; a standby does not route. */
  readonly needed: boolean;
}

export type ServerDeps = ChannelDeps &
  DeliveryDeps &
  OncallDeps &
  PushDeps &
  RoutingDeps &
  SilenceDeps & {
    /** What callers show. */
    readonly secret: string;
    readonly registry: Registry;
    readonly parts: () => Readonly<Record<string, Part>>;
  };

function addHealth(app: FastifyInstance, deps: ServerDeps): void {
  app.get("/livez", openRoute, () => ({ status: "ok" }));
  app.get("/startupz", openRoute, async (_, reply) => {
    const started = deps.parts()["started"]?.up === true;
    return reply.status(started ? 200 : 503).send({ started });
  });
  app.get("/readyz", openRoute, async (_, reply) => {
    const parts = deps.parts();
    const ready = Object.values(parts).every(({ up, needed }) => up || !needed);
    return reply.status(ready ? 200 : 503).send({
      ready,
      parts: Object.fromEntries(
        Object.entries(parts).map(([name, { up }]) => [name, up]),
      ),
    });
  });
  app.get("/metrics", openRoute, async (_, reply) =>
    reply.type(deps.registry.contentType).send(await deps.registry.metrics()),
  );
}

export function buildServer(deps: ServerDeps): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024 });
  app.setErrorHandler(async (error, _, reply) => {
    if (!(error instanceof z.ZodError)) throw error;
    const title = z.prettifyError(error);
    return refuse(reply, { status: 400, code: "invalid_path", title });
  });
  checkCallers(app, deps.secret);
  addHealth(app, deps);
  addDeliveryRoutes(app, deps);
  addChannelRoutes(app, deps);
  addRoutingRoutes(app, deps);
  addSilenceRoutes(app, deps);
  addOncallRoutes(app, deps);
  addPushRoutes(app, deps);
  return app;
}
