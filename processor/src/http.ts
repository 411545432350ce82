/**
 * HTTP of the processor: health, metrics, and looking at customers by the same
 * pure step that decides (architecture 7). Nothing here writes.
 */
import type { Logger } from "pino";
import fastify, { type FastifyInstance } from "fastify";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import type { Registry } from "prom-client";
import { isCustomer } from "@riskwall/schemas/names";
import type { Customer } from "./core/customer.ts";
import { hopsMax, mergedInto } from "./core/merge-step.ts";
import type { RuleSet } from "./core/rule-set.ts";
import { forecastRoutes } from "./forecast-routes.ts";
import { groupRoutes } from "./group-routes.ts";
import { answerProblems, problem } from "./http-problem.ts";
import type { Ownership } from "./ownership.ts";
import { createPortfolioForecast } from "./portfolio-forecast.ts";
import { questionRoutes } from "./question-routes.ts";
import {
  createStandingStates,
  type Standing,
  type StandingStates,
} from "./standing-states.ts";
import { customerView } from "./view.ts";

/** Trouble that goes on for so long is told; a short one mends itself. */
const stalledMs = 2000;

export interface HttpDeps {
  readonly redis: RedisClient;
  readonly namespace: string;
  readonly shipped: RuleSet;
  readonly ownership: Ownership;
  readonly metrics: Registry;
  readonly log: Logger;
  readonly now: () => number;
}

/** A customer by any of its names: the one that an old id became part of. */
async function readMerged(
  states: StandingStates,
  customerId: string,
): Promise<{
  readonly seen: Standing | null;
  readonly customer: Customer | null;
}> {
  let id = customerId;
  for (let hops = 0; hops <= hopsMax; hops += 1) {
    const [seen] = await states.read([id]);
    const customer = seen?.open() ?? null;
    const into = mergedInto(customer);
    if (into === null) return { seen: seen ?? null, customer };
    id = into;
  }
  return { seen: null, customer: null };
}

/** Server without a listening socket. */
export function buildHttp(deps: HttpDeps): FastifyInstance {
  const app = fastify({ logger: false });
  answerProblems(app, deps.log);

  const states = createStandingStates(deps);

  app.get("/livez", () => ({ status: "ok" }));
  // The server listens once it has started whole: asked early, nobody answers.
  app.get("/startupz", () => ({ status: "ok" }));
  app.get("/readyz", async (_, reply) => {
    const partitions = deps.ownership.status();
    const halted = partitions.filter((item) => item.halted !== null);
    const waiting = partitions.filter(
      (item) => !item.claimed && item.halted === null,
    );
    const stalled = partitions.filter(
      ({ trouble }) =>
        trouble !== null && deps.now() - trouble.since >= stalledMs,
    );
    const redis = deps.redis.status === "ready";
    const ready =
      redis &&
      partitions.length > 0 &&
      halted.length === 0 &&
      waiting.length === 0 &&
      stalled.length === 0;
    await reply.status(ready ? 200 : 503).send({
      status: ready ? "ready" : "not ready",
      redis: redis ? "up" : "down",
      stalled: stalled.length,
      partitions,
    });
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
  app.get<{ Params: { id: string } }>(
    "/v1/customers/:id",
    async (request, reply) => {
      const { seen, customer } = await readMerged(states, request.params.id);
      if (!seen || customer === null || !isCustomer(customer.state.id)) {
        return reply
          .status(404)
          .type("application/problem+json")
          .send(problem(404, "customer_unknown", "No such customer"));
      }
      return customerView(customer, seen.env, seen.now);
    },
  );
  groupRoutes(app, states, deps);
  questionRoutes(app, states);
  forecastRoutes(
    app,
    states,
    createPortfolioForecast({ ...deps, present: states.present }),
  );
  return app;
}
