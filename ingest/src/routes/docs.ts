/** What OpenAPI says of the routes. Documents only: nothing validates by it. */
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { businessTypes } from "@riskwall/schemas";
import type { FastifySchema } from "fastify";

const eventExample = {
  id: "so-1001-placed",
  source: "erp-shanghai",
  type: "order.placed",
  time: "2026-11-20T08:30:00+08:00",
  data: {
    customerId: "C-1001",
    orderId: "SO-1001",
    amount: "125000.00",
    currency: "CNY",
    dueDate: "2026-12-20",
  },
};

const event = {
  type: "object",
  description: "A CloudEvents 1.0 envelope; `specversion` may be left out.",
  required: ["id", "source", "type", "time", "data"],
  properties: {
    id: { type: "string", maxLength: 128 },
    source: { type: "string", maxLength: 128 },
    type: {
      type: "string",
      enum: [...Object.keys(businessTypes), "fx.published"],
      examples: ["order.placed", "payment.received"],
    },
    time: { type: "string", format: "date-time" },
    data: { type: "object", additionalProperties: true },
  },
  examples: [eventExample],
} as const;

const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;

const failed = {
  type: "array",
  items: {
    type: "object",
    properties: {
      index: count,
      id: { type: ["string", "null"] },
      code: text,
      message: text,
      path: text,
    },
  },
} as const;

const problem = {
  description: "Refused as a whole (RFC 9457)",
  content: {
    "application/problem+json": {
      schema: {
        type: "object",
        required: ["title", "status", "code", "requestId"],
        properties: {
          type: text,
          title: text,
          status: { type: "integer" },
          code: text,
          detail: text,
          requestId: text,
        },
      },
    },
  },
} as const;

const counts = {
  type: "object",
  required: ["accepted", "duplicates", "requestId"],
  properties: { accepted: count, duplicates: count, requestId: text },
} as const;

const withFailed = {
  type: "object",
  required: ["accepted", "duplicates", "failed"],
  properties: {
    ...counts.properties,
    failed,
    failedCount: count,
  },
} as const;

const decision = {
  type: "object",
  properties: {
    orderId: text,
    outcome: { type: "string", enum: ["allow", "hold", "reject"] },
    codes: { type: "array", items: text },
    score: { type: "integer" },
    class: { type: "string", enum: ["A", "B", "C", "D", "E"] },
    exposureBefore: text,
    exposureAfter: text,
    limit: { type: ["string", "null"] },
    rulesetVersion: { type: "integer" },
    decidedAt: { type: "string", format: "date-time" },
  },
  additionalProperties: true,
} as const;

const security = [{ key: [] }];
const refused = (...codes: readonly number[]): object =>
  Object.fromEntries(codes.map((code) => [code, problem]));

/** Title, server-wide description and the bearer key. */
export const apiInfo: NonNullable<FastifyDynamicSwaggerOptions["openapi"]> = {
  openapi: "3.1.0",
  info: {
    title: "riskwall ingest",
    version: "1",
    description:
      "Events in, decisions out. Money is a decimal string with a currency, times are RFC 3339 with offset, due dates are plain dates.",
  },
  components: {
    securitySchemes: {
      key: {
        type: "http",
        scheme: "bearer",
        description: "An API key `rw_live_…`",
      },
    },
  },
};

export const eventsDocs: FastifySchema = {
  summary: "Take events: one, an array, CloudEvents, or a stream of NDJSON",
  description:
    "Answers after all in-sync replicas acknowledged. `Prefer: wait=N` on a single `order.placed` answers the decision. `Idempotency-Key` is kept for 24 h. `Content-Encoding: gzip` is taken.",
  tags: ["events"],
  security,
  consumes: [
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/x-ndjson",
  ],
  querystring: {
    type: "object",
    properties: {
      historical: {
        type: "string",
        enum: ["true", "false"],
        description: "Loaded history: scored, never pushed",
      },
      redrive: {
        type: "string",
        enum: ["true", "false"],
        description:
          "Dead letters sent again: known ids are appended too (the fold drops repeats), refusals make no second dead letter; needs `credit:write`",
      },
    },
  },
  headers: {
    type: "object",
    properties: {
      prefer: { type: "string", description: "wait=N, N up to 10 seconds" },
      "idempotency-key": { type: "string", maxLength: 200 },
    },
  },
  body: { oneOf: [event, { type: "array", items: event, maxItems: 1000 }] },
  response: {
    200: {
      description: "The decision on the order that was waited for",
      type: "object",
      properties: { ...counts.properties, decision },
    },
    202: {
      description: "All accepted",
      type: "object",
      properties: {
        ...counts.properties,
        late: {
          type: "string",
          description:
            "Why an order that was waited for is kept in the late topic and never decided",
        },
      },
    },
    207: { description: "Some accepted", ...withFailed },
    422: { description: "None valid", ...withFailed },
    ...refused(400, 401, 403, 409, 413, 415, 429, 503),
  },
};

export const limitsDocs: FastifySchema = {
  summary: "Limits of requests and events",
  tags: ["events"],
};

export const orderDocs: FastifySchema = {
  summary: "Decision, holds and releases of one order",
  tags: ["orders"],
  security,
  params: { type: "object", properties: { id: text } },
  response: {
    200: {
      description: "The newest decision first",
      type: "object",
      properties: {
        orderId: text,
        decision,
        history: { type: "array", items: decision },
      },
    },
    ...refused(401, 403, 404, 503),
  },
};

export const creditChecksDocs: FastifySchema = {
  summary: "Would these orders pass now? Each by itself, nothing is reserved",
  tags: ["orders"],
  security,
  body: {
    type: "object",
    required: ["orders"],
    properties: {
      orders: {
        type: "array",
        maxItems: 500,
        items: {
          type: "object",
          required: ["customerId", "amount", "currency"],
          properties: { customerId: text, amount: text, currency: text },
        },
      },
    },
  },
  response: {
    200: {
      description: "A decision for each order",
      type: "object",
      properties: { checks: { type: "array", items: decision } },
    },
    ...refused(401, 403, 422, 503),
  },
};

export const sealDocs: FastifySchema = {
  summary: "A historical source is complete: older events of it are late",
  tags: ["events"],
  security,
  body: {
    type: "object",
    required: ["source", "floor"],
    properties: {
      source: text,
      floor: { type: "string", format: "date-time" },
    },
  },
  response: { ...refused(400, 401, 403, 422, 503) },
};

export const readyDocs: FastifySchema = {
  summary: "Ready to take events; `verbose` lists each part",
  tags: ["operations"],
};

export const hidden: FastifySchema = { hide: true };
