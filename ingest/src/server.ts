/** The HTTP gateway (contract 2), built without listening. */
import type { Tracing } from "@riskwall/schemas/tracing";
import { randomUUID } from "node:crypto";
import swagger from "@fastify/swagger";
import scalar from "@scalar/fastify-api-reference";
import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { BatchDeps } from "./answer-batch.ts";
import { createAuthorise } from "./authorise.ts";
import { createIdempotent } from "./idempotency.ts";
import type { RequestMemory } from "./io/door.ts";
import type { Settings } from "./io/settings.ts";
import { limits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import { answerProblems } from "./problem.ts";
import { apiInfo } from "./routes/docs.ts";
import { addEvents } from "./routes/events.ts";
import { addHistory } from "./routes/history.ts";
import { addOperations, type OperationsDeps } from "./routes/operations.ts";
import { addOrders, type OrdersDeps } from "./routes/orders.ts";
import { traceRequests } from "./trace-requests.ts";

export interface ServerDeps
  extends
    BatchDeps,
    Omit<OrdersDeps, "authorise">,
    Pick<OperationsDeps, "parts"> {
  readonly settings: Pick<Settings, "keyOf">;
  readonly memory: RequestMemory;
  readonly observed: Pick<Metrics, "registry" | "observeRequest">;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Null or absent where nothing is traced. */
  readonly tracing?: Tracing | null;
}

export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: limits.ndjsonMaxBytes,
    routerOptions: { maxParamLength: 400 },
  });
  // Bodies stay streams; what they must be is checked where they are read.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_, payload, done) => {
    done(null, payload);
  });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  answerProblems(app, deps.log);
  if (deps.tracing) traceRequests(app, deps.tracing);
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    const seconds = reply.elapsedTime / 1000;
    deps.observed.observeRequest(route, reply.statusCode, seconds);
    return Promise.resolve();
  });
  await app.register(swagger, { openapi: apiInfo });
  await app.register(scalar, { routePrefix: "/docs/api" });
  const authorise = createAuthorise(deps.settings);
  const idempotent = createIdempotent(deps.memory, deps.log, deps.now);
  addEvents(app, { ...deps, authorise, idempotent });
  addOrders(app, { ...deps, authorise });
  addHistory(app, { ...deps, authorise });
  addOperations(app, { parts: deps.parts, metrics: deps.observed.registry });
  return app;
}
