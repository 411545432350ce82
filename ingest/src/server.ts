/** The HTTP gateway (contract 2). Built without listening. */
import { createHash, randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import swagger from "@fastify/swagger";
import scalar from "@scalar/fastify-api-reference";
import type { Decision } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { Logger } from "pino";
import type { Counter, Registry } from "prom-client";
import {
  acceptBatch,
  type AcceptDeps,
  type BatchAnswer,
  type Failed,
  type Item,
  type Rights,
} from "./accept.ts";
import {
  inflate,
  limits,
  readLines,
  readWhole,
  RequestRefused,
} from "./body.ts";
import type { DecisionWaiter } from "./io/decisions.ts";
import { LogUnavailable } from "./io/kafka.ts";
import type { ApiKey, Settings } from "./io/settings.ts";

const retryAfterSeconds = 2;
const idempotencyPattern = /^[\x21-\x7e]{1,200}$/;

export interface ServerDeps extends AcceptDeps {
  readonly settings: Pick<Settings, "keyOf">;
  readonly decisions: Pick<DecisionWaiter, "wait" | "ready">;
  /** Rows of one order, newest first, from ClickHouse. */
  readonly orderHistory: (orderId: string) => Promise<readonly unknown[]>;
  readonly processorUrl: string;
  readonly reportingCurrency: string;
  readonly keyRate: number;
  readonly metrics: Registry;
  readonly events: Counter<"outcome">;
  readonly ready: () => Promise<Readonly<Record<string, boolean>>>;
  readonly log: Logger;
  readonly now: () => number;
}

type Answer = { readonly status: number; readonly body: object };

function requestScope(key: ApiKey, scope: string): void {
  if (!key.scopes.includes(scope)) {
    throw new RequestRefused(
      403,
      "scope_missing",
      `The key lacks the scope ${scope}`,
    );
  }
}

function rightsOf(key: ApiKey): Rights {
  return {
    scopes: new Set(key.scopes),
    sources: key.sources.includes("*") ? null : new Set(key.sources),
  };
}

function itemOf(line: string): Item {
  try {
    return { json: JSON.parse(line) as unknown, raw: line };
  } catch (error) {
    const why = error instanceof Error ? error.message : "not JSON";
    return { malformed: why, raw: line };
  }
}

/** Contract JSON of a decision: money as decimal strings. */
export function decisionJson(decision: Decision, currency: string): object {
  const money = (minor: number): string => formatMinor(minor, currency);
  return {
    orderId: decision.orderId,
    customerId: decision.customerId,
    outcome: decision.outcome,
    codes: decision.codes,
    hits: decision.hits,
    score: decision.score,
    class: decision.class,
    amount: formatMinor(decision.amount, decision.currency),
    orderCurrency: decision.currency,
    exposureBefore: money(decision.exposureBefore),
    exposureAfter: money(decision.exposureAfter),
    limit: decision.limit === null ? null : money(decision.limit),
    currency,
    clearsZh: decision.clearsZh,
    clearsEn: decision.clearsEn,
    rulesetVersion: decision.rulesetVersion,
    decidedAt: new Date(decision.decidedAt).toISOString(),
  };
}

function statusOf(answer: BatchAnswer): number {
  if (answer.failed.length === 0) return 202;
  return answer.accepted + answer.duplicates > 0 ? 207 : 422;
}

/** Token bucket per key: `rate` events a second, ten seconds of burst. */
function createMeter(
  rate: number,
  now: () => number,
): (keyId: string, events: number) => number {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (keyId, events) => {
    const at = now();
    const bucket = buckets.get(keyId) ?? { tokens: rate * 10, at };
    const refilled = bucket.tokens + ((at - bucket.at) / 1000) * rate;
    bucket.tokens = Math.min(rate * 10, refilled);
    bucket.at = at;
    buckets.set(keyId, bucket);
    if (bucket.tokens < 0) return Math.ceil(-bucket.tokens / rate);
    bucket.tokens -= events;
    return 0;
  };
}

export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: limits.ndjsonMaxBytes,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_, payload, done) => {
    done(null, payload);
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "riskwall ingest", version: "1" },
    },
  });
  await app.register(scalar, { routePrefix: "/docs/api" });
  const meter = createMeter(deps.keyRate, deps.now);

  const sendProblem = async (
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    code: string,
    title: string,
    retryAfter: number | null,
  ): Promise<void> => {
    if (retryAfter !== null)
      void reply.header("retry-after", String(retryAfter));
    await reply.status(status).type("application/problem+json").send({
      type: "about:blank",
      status,
      code,
      title,
      requestId: request.id,
    });
  };

  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof RequestRefused) {
      const { status, code, message, retryAfter } = error;
      await sendProblem(request, reply, status, code, message, retryAfter);
    } else if (error instanceof LogUnavailable) {
      await sendProblem(
        request,
        reply,
        503,
        "log_unavailable",
        "The log cannot take events now",
        retryAfterSeconds,
      );
    } else {
      const status =
        error instanceof Error && "statusCode" in error
          ? Number(error.statusCode)
          : 500;
      const known = status >= 400 && status < 500;
      if (!known)
        deps.log.error({ err: error, requestId: request.id }, "request failed");
      const title =
        known && error instanceof Error ? error.message : "Internal error";
      await sendProblem(
        request,
        reply,
        known ? status : 500,
        known ? "bad_request" : "internal",
        title,
        null,
      );
    }
  });
  app.setNotFoundHandler(async (request, reply) =>
    sendProblem(request, reply, 404, "not_found", "No such route", null),
  );

  const authenticate = (request: FastifyRequest): ApiKey => {
    const match = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "");
    const key = match?.[1] === undefined ? null : deps.settings.keyOf(match[1]);
    if (key === null) {
      throw new RequestRefused(
        401,
        "unauthorized",
        "A valid API key is required",
      );
    }
    return key;
  };

  const accept = async (
    items: readonly Item[],
    key: ApiKey,
    historical: boolean,
    repeatKnown = false,
  ): Promise<BatchAnswer> => {
    const wait = meter(key.id, items.length);
    if (wait > 0) {
      throw new RequestRefused(429, "rate_limited", "Too many events", wait);
    }
    const answer = await acceptBatch(items, deps, {
      context: { now: deps.now(), historical },
      rights: rightsOf(key),
      stage: "http",
      repeatKnown,
    });
    deps.events.inc({ outcome: "accepted" }, answer.accepted);
    deps.events.inc({ outcome: "duplicate" }, answer.duplicates);
    deps.events.inc({ outcome: "rejected" }, answer.failed.length);
    return answer;
  };

  const answerLines = async (
    body: Readable,
    key: ApiKey,
    historical: boolean,
    requestId: string,
  ): Promise<Answer> => {
    const failed: Failed[] = [];
    let failedCount = 0;
    let accepted = 0;
    let duplicates = 0;
    let index = 0;
    let chunk: Item[] = [];
    const flush = async (): Promise<void> => {
      const part = await accept(chunk, key, historical);
      accepted += part.accepted;
      duplicates += part.duplicates;
      failedCount += part.failed.length;
      const room = limits.failedMax - failed.length;
      for (const item of part.failed.slice(0, Math.max(0, room))) {
        failed.push({ ...item, index: item.index + index });
      }
      index += chunk.length;
      chunk = [];
    };
    try {
      for await (const line of readLines(body)) {
        chunk.push(
          line.length > limits.eventMaxBytes
            ? { malformed: "the event is too large", raw: line }
            : itemOf(line),
        );
        if (chunk.length >= limits.ndjsonChunkEvents) await flush();
      }
      if (chunk.length > 0) await flush();
    } catch (error) {
      if (
        !(error instanceof LogUnavailable) &&
        !(error instanceof RequestRefused)
      ) {
        throw error;
      }
      const status = error instanceof RequestRefused ? error.status : 503;
      const code =
        error instanceof RequestRefused ? error.code : "log_unavailable";
      const sums = { accepted, duplicates, failed, failedCount, lines: index };
      const title = "The stream ended early; the counts say what was taken";
      return {
        status,
        body: { type: "about:blank", status, code, title, requestId, ...sums },
      };
    }
    if (index === 0) {
      throw new RequestRefused(400, "empty_body", "No event in the body");
    }
    const sums = { accepted, duplicates, failed };
    return {
      status: statusOf(sums),
      body:
        failedCount === 0
          ? { accepted, duplicates, requestId }
          : { ...sums, failedCount, requestId },
    };
  };

  const answerJson = async (
    request: FastifyRequest,
    text: string,
    batch: boolean,
    key: ApiKey,
    historical: boolean,
  ): Promise<Answer> => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : "";
      throw new RequestRefused(400, "not_json", `The body is not JSON: ${why}`);
    }
    if (batch && !Array.isArray(json)) {
      throw new RequestRefused(400, "not_array", "A batch is a JSON array");
    }
    const list: unknown[] = Array.isArray(json) ? json : [json];
    if (list.length === 0) {
      throw new RequestRefused(400, "empty_body", "No event in the body");
    }
    if (list.length > limits.batchMaxEvents) {
      throw new RequestRefused(
        413,
        "batch_too_large",
        `At most ${String(limits.batchMaxEvents)} events`,
      );
    }
    const items = list.map((item): Item => {
      const raw = JSON.stringify(item);
      return raw.length > limits.eventMaxBytes
        ? { malformed: "the event is too large", raw }
        : { json: item };
    });
    const seconds = Array.isArray(json) ? 0 : waitSeconds(request, json);
    if (seconds > 0) {
      return answerWaiting(json, items, key, historical, seconds, request.id);
    }
    const answer = await accept(items, key, historical);
    const { accepted, duplicates, failed } = answer;
    return {
      status: statusOf(answer),
      body:
        failed.length === 0
          ? { accepted, duplicates, requestId: request.id }
          : { accepted, duplicates, failed, requestId: request.id },
    };
  };

  const answerWaiting = async (
    json: unknown,
    items: readonly Item[],
    key: ApiKey,
    historical: boolean,
    seconds: number,
    requestId: string,
  ): Promise<Answer> => {
    const { source, id } = json as { source?: unknown; id?: unknown };
    const waiting = deps.decisions.wait(
      String(source),
      String(id),
      seconds * 1000,
    );
    const answer = await accept(items, key, historical, true);
    const { accepted, duplicates, failed } = answer;
    if (failed.length > 0) {
      return {
        status: statusOf(answer),
        body: { accepted, duplicates, failed, requestId },
      };
    }
    const got = await waiting;
    if (got === null) {
      return { status: 202, body: { accepted, duplicates, requestId } };
    }
    if (got.kind === "dead-letter") {
      const refused = [
        {
          index: 0,
          id: String(id),
          code: got.code,
          message: got.message,
          path: "$",
        },
      ];
      return {
        status: 422,
        body: { accepted: 0, duplicates, failed: refused, requestId },
      };
    }
    const decision = decisionJson(got.decision, deps.reportingCurrency);
    return { status: 200, body: { decision, accepted, duplicates, requestId } };
  };

  /** Runs a request under its idempotency key (contract 2). */
  const idempotent = async (
    request: FastifyRequest,
    text: string,
    work: () => Promise<Answer>,
    keyId: string,
  ): Promise<Answer> => {
    const given = request.headers["idempotency-key"];
    if (typeof given !== "string") return work();
    if (!idempotencyPattern.test(given)) {
      throw new RequestRefused(
        400,
        "bad_idempotency_key",
        "1-200 visible ASCII characters",
      );
    }
    const name = `${keyId}:${given}`;
    const hash = createHash("sha256").update(text).digest("hex");
    const state = await deps.door.begin(name, hash);
    if (state === "in-flight") {
      throw new RequestRefused(
        409,
        "idempotency_in_flight",
        "The same key is still in flight",
        1,
      );
    }
    if (state === "mismatch") {
      throw new RequestRefused(
        422,
        "idempotency_mismatch",
        "The key was used with another body",
      );
    }
    if (state !== "started") {
      return { status: state.status, body: JSON.parse(state.body) as object };
    }
    try {
      const answer = await work();
      if (answer.status < 500) {
        await deps.door.finish(name, hash, {
          status: answer.status,
          body: JSON.stringify(answer.body),
        });
      } else await deps.door.abandon(name);
      return answer;
    } catch (error) {
      await deps.door.abandon(name);
      throw error;
    }
  };

  app.post(
    "/v1/events",
    {
      schema: {
        summary: "Take events: one, an array, CloudEvents, or NDJSON",
        querystring: {
          type: "object",
          properties: {
            historical: { type: "string", enum: ["true", "false"] },
          },
        },
      },
    },
    async (request, reply) => {
      const key = authenticate(request);
      requestScope(key, "events:write");
      const type = (request.headers["content-type"] ?? "")
        .split(";")[0]
        ?.trim();
      const historical =
        (request.query as { historical?: string }).historical === "true";
      const lines = type === "application/x-ndjson";
      const single =
        type === "application/json" || type === "application/cloudevents+json";
      const batch = type === "application/cloudevents-batch+json";
      if (!lines && !single && !batch) {
        throw new RequestRefused(
          415,
          "media_type_unsupported",
          "JSON, CloudEvents or NDJSON",
        );
      }
      const max = lines ? limits.ndjsonMaxBytes : limits.batchMaxBytes;
      const encoding = request.headers["content-encoding"];
      const body = inflate(request.body as Readable, encoding, max);
      let answer: Answer;
      if (lines) {
        answer = await answerLines(body, key, historical, request.id);
      } else {
        const text = await readWhole(body);
        const work = async (): Promise<Answer> =>
          answerJson(request, text, batch, key, historical);
        answer = await idempotent(request, text, work, key.id);
      }
      if (answer.status === 503) {
        void reply.header("retry-after", String(retryAfterSeconds));
      }
      const problem = "code" in answer.body && "title" in answer.body;
      return reply
        .status(answer.status)
        .type(problem ? "application/problem+json" : "application/json")
        .send(answer.body);
    },
  );

  app.get(
    "/v1/limits",
    { schema: { summary: "Limits of requests and events" } },
    () => limits,
  );

  app.post(
    "/v1/history/seal",
    {
      schema: {
        summary:
          "A historical source is complete: later repeats of it are refused",
      },
    },
    async (request, reply) => {
      const key = authenticate(request);
      requestScope(key, "credit:write");
      const text = await readWhole(
        inflate(request.body as Readable, undefined, limits.eventMaxBytes),
      );
      const { source, floor } = JSON.parse(text) as {
        source?: unknown;
        floor?: unknown;
      };
      if (
        typeof source !== "string" ||
        typeof floor !== "string" ||
        Number.isNaN(Date.parse(floor))
      ) {
        throw new RequestRefused(
          422,
          "bad_value",
          "source and floor (an instant) are required",
        );
      }
      await deps.appender.append(
        deps.encoder.control("HistorySealed", {
          source,
          floor: Date.parse(floor),
        }),
      );
      return reply.status(202).send({ sealed: source });
    },
  );

  app.get(
    "/v1/orders/:id",
    {
      schema: { summary: "Decision, holds and releases of one order" },
    },
    async (request, reply) => {
      requestScope(authenticate(request), "orders:read");
      const { id } = request.params as { id: string };
      const history = await deps.orderHistory(id);
      if (history.length === 0) {
        throw new RequestRefused(
          404,
          "order_unknown",
          "No decision on this order yet",
        );
      }
      return reply.send({ orderId: id, decision: history[0], history });
    },
  );

  app.post(
    "/v1/credit-checks",
    {
      schema: { summary: "Would these orders pass now? Nothing is reserved" },
    },
    async (request, reply) => {
      requestScope(authenticate(request), "orders:read");
      const text = await readWhole(
        inflate(
          request.body as Readable,
          request.headers["content-encoding"],
          limits.batchMaxBytes,
        ),
      );
      const answer = await forward(
        `${deps.processorUrl}/v1/credit-checks`,
        text,
      );
      return reply.status(answer.status).type(answer.type).send(answer.text);
    },
  );

  app.get("/livez", () => ({ status: "ok" }));
  app.get("/readyz", async (_, reply) => {
    const parts = {
      ...(await deps.ready()),
      decisions: deps.decisions.ready(),
    };
    const ready = Object.values(parts).every(Boolean);
    return reply
      .status(ready ? 200 : 503)
      .send({ status: ready ? "ready" : "not ready", parts });
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
  app.get("/openapi.json", () => app.swagger());
  return app;
}

/** Seconds of `Prefer: wait=N`; 0 when it does not apply. */
function waitSeconds(request: FastifyRequest, json: unknown): number {
  const prefer = request.headers["prefer"];
  const match = /(?:^|[,;\s])wait=(\d{1,4})/.exec(
    typeof prefer === "string" ? prefer : "",
  );
  if (!match || typeof json !== "object" || json === null) return 0;
  const isOrder = "type" in json && json.type === "order.placed";
  return isOrder ? Math.min(limits.waitMaxSeconds, Number(match[1])) : 0;
}

async function forward(
  url: string,
  text: string,
): Promise<{ status: number; type: string; text: string }> {
  let reply: Response;
  try {
    reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: text,
      signal: AbortSignal.timeout(5000),
    });
  } catch (error) {
    throw new RequestRefused(
      503,
      "processor_unavailable",
      `No processor answers: ${String(error)}`,
      retryAfterSeconds,
    );
  }
  const type = reply.headers.get("content-type") ?? "application/json";
  return { status: reply.status, type, text: await reply.text() };
}
