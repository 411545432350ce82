/**
 * HTTP of the processor: health, metrics, and looking at customers by the same
 * pure step that decides (architecture 7). Nothing here writes.
 */
import type { Logger } from "pino";
import fastify, { type FastifyInstance } from "fastify";
import { partitionKeys, logPartitions } from "@riskwall/schemas/names";
import { formatMinor, parseMinor } from "@riskwall/schemas/money";
import { decodeState } from "@riskwall/schemas/state";
import type { Redis } from "ioredis";
import { Partitioners } from "kafkajs";
import type { Registry } from "prom-client";
import { z } from "zod";
import {
  createPartition,
  mapTime,
  type PartitionRegister,
} from "./core/partition.ts";
import { dayMs } from "./core/calendar.ts";
import { newCustomer, openCustomer, type Customer } from "./core/customer.ts";
import { holdHits } from "./core/decide.ts";
import type { Env } from "./core/env.ts";
import { measureExposure } from "./core/exposure.ts";
import { toBase } from "./core/rates.ts";
import { classOf } from "./core/order-rules.ts";
import type { RuleSet } from "./core/rule-set.ts";
import { parseRegister } from "./io/redis.ts";
import type { Ownership } from "./ownership.ts";
import { parseRuleBody } from "./rule-file.ts";
import { customerForecastView } from "./forecast-view.ts";
import { createPortfolioForecast } from "./portfolio-forecast.ts";
import { customerView, viewMoment } from "./view.ts";

/** Orders of one bulk credit check at most (contract 2). */
const checksMax = 500;

export interface HttpDeps {
  readonly redis: Redis;
  readonly namespace: string;
  readonly shipped: RuleSet;
  readonly ownership: Ownership;
  readonly metrics: Registry;
  readonly log: Logger;
  readonly now: () => number;
}

const forecastSpanTitle =
  "from and to are dates from today to 365 days ahead, step is day or week";

const partitioner = Partitioners.DefaultPartitioner();
const metadata = Array.from({ length: logPartitions }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 0,
  replicas: [],
  isr: [],
  offlineReplicas: [],
}));

/** Partition of a customer: murmur2 of the id, as every producer does. */
export function partitionOf(customerId: string): number {
  return partitioner({
    topic: "",
    partitionMetadata: metadata,
    message: { key: customerId, value: null },
  });
}

interface Seen {
  readonly env: Env;
  readonly now: number;
  readonly customer: Customer | null;
}

const checksBody = z.object({
  orders: z
    .array(
      z.object({
        customerId: z.string().min(1),
        amount: z.string(),
        currency: z.string(),
      }),
    )
    .min(1)
    .max(checksMax),
});

const day = z.iso
  .date()
  .transform((text) => Date.parse(`${text}T00:00:00Z`) / dayMs);
const forecastQuery = z.object({
  from: day.nullable().default(null),
  to: day.nullable().default(null),
  step: z.enum(["day", "week"]).default("week"),
});

function problem(status: number, code: string, title: string): object {
  return { type: "about:blank", status, code, title };
}

/** Server without a listening socket. */
export function buildHttp(deps: HttpDeps): FastifyInstance {
  const app = fastify({ logger: false });

  const envOf = (register: PartitionRegister): Env =>
    createPartition({
      partition: 0,
      register,
      subjects: [],
      bootstrapRules: deps.shipped,
      parseRules: parseRuleBody,
    }).env();

  const presentOf = (
    text: string | null,
  ): { readonly env: Env; readonly now: number } => {
    const register = parseRegister(text ?? undefined);
    const now = Math.max(register.logTime, mapTime(deps.now(), register.clock));
    return { env: envOf(register), now };
  };

  const look = async (customerId: string): Promise<Seen> => {
    const keys = partitionKeys(deps.namespace, partitionOf(customerId));
    const [text, bytes] = await Promise.all([
      deps.redis.hget(keys.meta, "register"),
      deps.redis.getBuffer(keys.customer(customerId)),
    ]);
    const customer = bytes === null ? null : openCustomer(decodeState(bytes));
    return { ...presentOf(text), customer };
  };

  const forecast = createPortfolioForecast({
    ...{ redis: deps.redis, namespace: deps.namespace, now: deps.now },
    present: async () => {
      const keys = partitionKeys(deps.namespace, 0);
      return presentOf(await deps.redis.hget(keys.meta, "register"));
    },
  });

  app.get("/livez", () => ({ status: "ok" }));
  app.get("/readyz", async (_, reply) => {
    const partitions = deps.ownership.status();
    const halted = partitions.filter((item) => item.halted !== null);
    const waiting = partitions.filter(
      (item) => !item.claimed && item.halted === null,
    );
    const redis = deps.redis.status === "ready";
    const ready =
      redis &&
      partitions.length > 0 &&
      halted.length === 0 &&
      waiting.length === 0;
    await reply.status(ready ? 200 : 503).send({
      status: ready ? "ready" : "not ready",
      redis: redis ? "up" : "down",
      partitions,
    });
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
  app.get<{ Params: { id: string } }>(
    "/v1/customers/:id",
    async (request, reply) => {
      const seen = await look(request.params.id);
      if (seen.customer === null) {
        return reply
          .status(404)
          .type("application/problem+json")
          .send(problem(404, "customer_unknown", "No such customer"));
      }
      return customerView(seen.customer, seen.env, seen.now);
    },
  );
  app.get<{ Params: { id: string } }>(
    "/v1/customers/:id/forecast",
    async (request, reply) => {
      const { customer, env, now } = await look(request.params.id);
      if (customer !== null) return customerForecastView(customer, env, now);
      return reply
        .status(404)
        .type("application/problem+json")
        .send(problem(404, "customer_unknown", "No such customer"));
    },
  );
  app.get("/v1/forecast", async (request, reply) => {
    const query = forecastQuery.safeParse(request.query);
    const view = query.success ? await forecast.ask(query.data) : null;
    if (view !== null) return view;
    return reply
      .status(422)
      .type("application/problem+json")
      .send(problem(422, "forecast_span", forecastSpanTitle));
  });
  app.post("/v1/credit-checks", async (request, reply) => {
    const parsed = checksBody.safeParse(request.body);
    if (!parsed.success) {
      return reply
        .status(422)
        .type("application/problem+json")
        .send({
          ...problem(422, "invalid_body", "The body is not valid"),
          detail: z.prettifyError(parsed.error),
        });
    }
    const checks = await Promise.all(
      parsed.data.orders.map(async (order, index) => {
        const seen = await look(order.customerId);
        return checkOrder(order, index, seen);
      }),
    );
    return { checks };
  });
  return app;
}

/** The decision an order would get now, by itself; nothing is reserved. */
function checkOrder(
  order: { customerId: string; amount: string; currency: string },
  index: number,
  seen: Seen,
): object {
  const { env, now } = seen;
  const minor = parseMinor(order.amount, order.currency);
  if (typeof minor === "string") {
    return { index, customerId: order.customerId, error: { code: minor } };
  }
  const customer =
    seen.customer ?? newCustomer(order.customerId, env.rules.currency);
  const moment = viewMoment(env, now);
  const exposure = measureExposure(customer, moment);
  const value = toBase(minor, order.currency, env.rates) ?? 0;
  const item = {
    id: "",
    placed: now,
    eventId: "",
    source: "",
    amount: minor,
    currency: order.currency,
    base: value,
    frozen: 0,
    open: minor,
    due: null,
    version: 0,
    status: 1,
    changed: 0,
    recheck: 0,
    expires: 0,
    decision: null,
  };
  const hits = holdHits(customer, item, value, exposure, moment);
  const money = (n: number): string => formatMinor(n, env.rules.currency);
  return {
    index,
    customerId: order.customerId,
    outcome: hits.length === 0 ? "allow" : "hold",
    codes: hits.map((hit) => hit.code),
    hits,
    score: customer.state.score,
    class: classOf(customer),
    exposureBefore: money(exposure.total),
    exposureAfter: money(exposure.total + value),
    limit: exposure.limit === null ? null : money(exposure.limit),
    currency: env.rules.currency,
    rulesetVersion: env.rules.version,
    decidedAt: new Date(now).toISOString(),
  };
}
