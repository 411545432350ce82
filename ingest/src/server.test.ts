import { gzipSync } from "node:zlib";
import type { Decision, NamedRecord } from "@riskwall/schemas";
import type { FastifyInstance, InjectOptions } from "fastify";
import { Registry } from "prom-client";
import { beforeEach, describe, expect, it } from "vitest";
import { createMeter } from "./core/token-bucket.ts";
import { createWaitingRoom, type WaitingRoom } from "./io/decisions.ts";
import {
  memoryCodec,
  memoryDoor,
  memoryLog,
  memoryRequests,
  type MemoryLog,
} from "./io/in-memory.ts";
import { createEncoder } from "./io/kafka.ts";
import { limits } from "./limits.ts";
import { buildServer } from "./server.ts";
import { shippedTextReader } from "./text-reader.ts";

const now = Date.UTC(2026, 10, 20, 1);
const codec = memoryCodec();
const readText = shippedTextReader();
const keys = {
  all: ["events:write", "credit:write", "orders:read"],
  plain: ["events:write"],
  reader: ["orders:read"],
} as const;

const order = (id: string, data: object = {}, more: object = {}): object => ({
  id,
  source: "erp",
  type: "order.placed",
  time: "2026-11-20T08:30:00+08:00",
  data: {
    customerId: "C-1",
    orderId: `O-${id}`,
    amount: "125.00",
    currency: "CNY",
    ...data,
  },
  ...more,
});

const decisionOf = (eventId: string): Decision => ({
  partition: 0,
  offset: 1,
  n: 0,
  id: "0-1-0",
  eventId,
  source: "erp",
  actionId: null,
  appendedAt: now,
  orderId: `O-${eventId}`,
  customerId: "C-1",
  name: "",
  amount: 12_500,
  currency: "CNY",
  amountBase: 12_500,
  outcome: "hold",
  codes: ["H01"],
  hits: [],
  trigger: "order",
  releaseCode: null,
  score: 600,
  class: "C",
  exposureBefore: 0,
  exposureAfter: 12_500,
  limit: 10_000,
  reportingCurrency: "CNY",
  clearsZh: "",
  clearsEn: "",
  actor: null,
  reason: null,
  muted: false,
  rulesetVersion: 1,
  decidedAt: now,
  group: null,
});

let log: MemoryLog;
let room: WaitingRoom;
let app: FastifyInstance;

async function build(keyRate: number): Promise<FastifyInstance> {
  log = memoryLog();
  room = createWaitingRoom();
  return buildServer({
    appender: log,
    encoder: createEncoder(codec, "test"),
    door: memoryDoor(),
    count: () => undefined,
    meter: createMeter(keyRate),
    now: () => now,
    simulated: false,
    readText,
    decisions: room,
    memory: memoryRequests(),
    settings: {
      keyOf: (token) => {
        const scopes = Object.entries(keys).find(([name]) => name === token);
        return scopes === undefined
          ? null
          : {
              id: token,
              hash: "",
              scopes: [...scopes[1]],
              sources: token === "plain" ? ["erp"] : ["*"],
              revokedAt: null,
              expiresAt: null,
            };
      },
    },
    storedDecision: async ({ source, id, orderId }) => {
      if (id === "away") throw new Error("history is away");
      const known = `${source} ${id} ${orderId}` === "erp 1 O-1";
      return Promise.resolve(known ? { orderId, outcome: "allow" } : null);
    },
    orderHistory: async (id) => {
      if (id === "broken") throw new Error("no table");
      return Promise.resolve(id === "O-1" ? [{ outcome: "allow" }] : []);
    },
    processorUrl: "http://127.0.0.1:9",
    observed: { registry: new Registry(), observeRequest: () => undefined },
    parts: async () =>
      Promise.resolve({
        kafka: { up: !log.down, needed: true },
        redis: { up: false, needed: false },
      }),
    log: { warn: () => undefined, error: () => undefined },
  });
}

beforeEach(async () => {
  app = await build(100_000);
});

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function post(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  url = "/v1/events",
): Promise<Reply> {
  const payload =
    typeof body === "string" || Buffer.isBuffer(body)
      ? body
      : JSON.stringify(body);
  const options: InjectOptions = {
    method: "POST",
    url,
    payload,
    headers: {
      authorization: "Bearer all",
      "content-type": "application/json",
      ...headers,
    },
  };
  const reply = await app.inject(options);
  const parsed: unknown = JSON.parse(reply.payload);
  return {
    status: reply.statusCode,
    body: parsed as Record<string, unknown>,
    headers: reply.headers,
  };
}

const records = (): NamedRecord[] => log.decoded(codec);
const named = (name: string): NamedRecord[] =>
  records().filter((record) => record.name === name);

describe("POST /v1/events takes", () => {
  it("one event", async () => {
    const { status, body } = await post(order("1"));
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(body).not.toHaveProperty("failed");
    expect(log.records).toMatchObject([
      { topic: "test.events.v1", key: "C-1" },
    ]);
    expect(named("OrderPlaced")).toHaveLength(1);
  });

  it("an array, and says of each failed one what is wrong", async () => {
    const { status, body } = await post([
      order("1"),
      order("2", { amount: 5 }),
      order("3"),
    ]);
    expect(status).toBe(207);
    expect(body).toMatchObject({
      accepted: 2,
      failed: [
        {
          index: 1,
          id: "2",
          code: "amount_not_string",
          path: "data.amount",
        },
      ],
    });
    const letter = { code: "amount_not_string", stage: "http", eventId: "2" };
    expect(named("DeadLetter")).toMatchObject([{ value: letter }]);
  });

  it("none of an array without a valid event", async () => {
    const { status, body } = await post([order("1", { amount: 5 })]);
    expect(status).toBe(422);
    expect(body).toMatchObject({ accepted: 0, failed: [{ index: 0 }] });
  });

  it.each([
    ["application/cloudevents+json", { ...order("1"), specversion: "1.0" }],
    ["application/cloudevents-batch+json", [order("1")]],
    ["application/json; charset=utf-8", order("1")],
    ["application/x-ndjson", JSON.stringify(order("1"))],
  ])("%s", async (type, body) => {
    expect((await post(body, { "content-type": type })).status).toBe(202);
  });

  it("gzip", async () => {
    const body = gzipSync(JSON.stringify(order("1")));
    const { status } = await post(body, { "content-encoding": "gzip" });
    expect(status).toBe(202);
  });

  it("lines, with the index of each failed one", async () => {
    const lines = [order("1"), order("2", { currency: "XXX" })]
      .map((item) => JSON.stringify(item))
      .join("\n");
    const type = { "content-type": "application/x-ndjson" };
    const { status, body } = await post(`${lines}\n\n{"a\n`, type);
    expect(status).toBe(207);
    expect(body).toMatchObject({
      accepted: 1,
      failedCount: 2,
      failed: [
        { index: 1, code: "currency_unknown" },
        { index: 2, code: "not_json", path: "$" },
      ],
    });
  });

  it("a bounded list of failures of a long stream, and their count", async () => {
    const bad = `${JSON.stringify(order("1", { amount: 1 }))}\n`;
    const type = { "content-type": "application/x-ndjson" };
    const { body } = await post(bad.repeat(2500), type);
    expect(body["failedCount"]).toBe(2500);
    expect(body["failed"]).toHaveLength(limits.failedMax);
  });

  it("a repeat as a duplicate, in a request and across", async () => {
    const twice = await post([order("1"), order("1")]);
    expect(twice.body).toMatchObject({ accepted: 1, duplicates: 1 });
    const again = await post(order("1"));
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(named("OrderPlaced")).toHaveLength(1);
  });

  it("a dead letter sent again: known ids too, and no second letter", async () => {
    await post(order("1"));
    const again = [order("1"), order("2", { amount: 1 })];
    const { status, body } = await post(again, {}, "/v1/events?redrive=true");
    expect(status).toBe(207);
    expect(body).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(body["failed"]).toMatchObject([{ code: "amount_not_string" }]);
    expect(named("OrderPlaced")).toHaveLength(2);
    expect(named("DeadLetter")).toEqual([]);
    const plain = { authorization: "Bearer plain" };
    const denied = await post(order("3"), plain, "/v1/events?redrive=true");
    expect(denied.body["code"]).toBe("scope_missing");
  });

  it("history by the query", async () => {
    await post(order("1"), {}, "/v1/events?historical=true");
    expect(named("OrderPlaced")).toMatchObject([
      { value: { historical: true } },
    ]);
  });

  it("rates, once to every partition", async () => {
    const data = { asOf: "2026-11-20", base: "CNY", rates: { USD: "0.14" } };
    await post({ ...order("1"), type: "fx.published", data });
    const partitions = log.records.map(({ partition }) => partition);
    expect(partitions).toEqual([...Array(12).keys()]);
  });
});

describe("POST /v1/events refuses", () => {
  const json = "application/json";
  const big = "x".repeat(limits.batchMaxBytes + 1);
  it.each<[string, number, string, unknown, Record<string, string>]>([
    ["no key", 401, "unauthorized", {}, { authorization: "" }],
    ["a foreign key", 401, "unauthorized", {}, { authorization: "Bearer x" }],
    ["a reader", 403, "scope_missing", {}, { authorization: "Bearer reader" }],
    [
      "text",
      415,
      "media_type_unsupported",
      "x",
      { "content-type": "text/plain" },
    ],
    [
      "another charset",
      415,
      "media_type_unsupported",
      "{}",
      { "content-type": `${json}; charset=gbk` },
    ],
    ["brotli", 415, "encoding_unsupported", "x", { "content-encoding": "br" }],
    ["bad gzip", 400, "bad_gzip", "x", { "content-encoding": "gzip" }],
    ["a bare NaN", 400, "not_json", '{"a":NaN}', {}],
    ["nothing", 400, "empty_body", "", {}],
    ["an empty array", 400, "empty_body", "[]", {}],
    [
      "bytes that are not UTF-8",
      400,
      "not_utf8",
      Buffer.from([0xff, 0xfe]),
      {},
    ],
    ["a large body", 413, "body_too_large", big, {}],
    [
      "a large body behind gzip",
      413,
      "body_too_large",
      gzipSync(big),
      { "content-encoding": "gzip" },
    ],
    [
      "too many events",
      413,
      "batch_too_large",
      JSON.stringify(Array(1001).fill(1)),
      {},
    ],
    [
      "a large event",
      413,
      "event_too_large",
      JSON.stringify({ a: "x".repeat(limits.eventMaxBytes) }),
      {},
    ],
    [
      "an array as one CloudEvent",
      400,
      "not_object",
      "[{}]",
      { "content-type": "application/cloudevents+json" },
    ],
    [
      "one event as a batch",
      400,
      "not_array",
      "{}",
      { "content-type": "application/cloudevents-batch+json" },
    ],
    [
      "a strange idempotency key",
      400,
      "bad_idempotency_key",
      "{}",
      { "idempotency-key": "a b" },
    ],
  ])("%s", async (_, status, code, body, headers) => {
    const reply = await post(body, headers);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ status, code });
    expect(reply.body["title"]).toBeTypeOf("string");
    expect(reply.headers["content-type"]).toMatch(/problem\+json/);
    expect(log.records).toEqual([]);
  });

  it("a large event of a batch alone", async () => {
    const heavy = order("2", { note: "x".repeat(limits.eventMaxBytes) });
    const { status, body } = await post([order("1"), heavy]);
    expect(status).toBe(207);
    expect(body).toMatchObject({
      failed: [{ index: 1, code: "event_too_large" }],
    });
  });

  it("what the key may not say, item by item", async () => {
    const limit = {
      ...order("2"),
      type: "customer.limit-set",
      data: {
        customerId: "C-1",
        amount: "1",
        currency: "CNY",
        kind: "standing",
        reason: "r",
      },
    };
    const { status, body } = await post(
      [order("1"), limit, order("3", {}, { source: "crm" })],
      { authorization: "Bearer plain" },
    );
    expect(status).toBe(207);
    expect(body).toMatchObject({
      failed: [
        { index: 1, code: "scope_missing", path: "type" },
        { index: 2, code: "source_forbidden", path: "source" },
      ],
    });
  });

  it("everything while the log is away, and counts none of it", async () => {
    log.down = true;
    const reply = await post(order("1"));
    expect(reply.status).toBe(503);
    expect(reply.headers["retry-after"]).toBe("2");
    expect(reply.body).toMatchObject({ code: "log_unavailable" });
    log.down = false;
    expect((await post(order("1"))).body).toMatchObject({ accepted: 1 });
  });

  it("the rest of a stream when the log goes, and says how far it came", async () => {
    const lines = Array.from({ length: 2500 }, (_, i) =>
      JSON.stringify(order(String(i))),
    ).join("\n");
    log.onAppend = () => {
      log.down = true;
    };
    const type = { "content-type": "application/x-ndjson" };
    const { status, body, headers } = await post(lines, type);
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("2");
    expect(body).toMatchObject({ code: "log_unavailable", accepted: 1000 });
    expect(named("OrderPlaced")).toHaveLength(1000);
  });
});

describe("Idempotency-Key", () => {
  const key = { "idempotency-key": "k1" };

  it("answers the same body with the stored answer", async () => {
    const first = await post(order("1"), key);
    const second = await post(order("1"), key);
    expect(second.body).toEqual(first.body);
    expect(second.headers["idempotent-replay"]).toBe("true");
    expect(named("OrderPlaced")).toHaveLength(1);
  });

  it("refuses another body", async () => {
    await post(order("1"), key);
    const { status, body } = await post(order("2"), key);
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "idempotency_mismatch" });
  });

  it("refuses while the first is in flight", async () => {
    let second: Promise<Reply> | null = null;
    log.onAppend = () => {
      second ??= post(order("1"), key);
    };
    const prefer = { ...key, prefer: "wait=1" };
    expect((await post(order("1"), prefer)).status).toBe(202);
    const reply = await second;
    expect(reply).toMatchObject({
      status: 409,
      body: { code: "idempotency_in_flight" },
    });
  });

  it("forgets a request that was refused as a whole", async () => {
    log.down = true;
    expect((await post(order("1"), key)).status).toBe(503);
    log.down = false;
    expect((await post(order("2"), key)).status).toBe(202);
  });

  it("covers streams", async () => {
    const type = { ...key, "content-type": "application/x-ndjson" };
    await post(JSON.stringify(order("1")), type);
    const again = await post(JSON.stringify(order("1")), type);
    expect(again.body).toMatchObject({ accepted: 1 });
    const other = await post(JSON.stringify(order("2")), type);
    expect(other.status).toBe(422);
  });
});

describe("Prefer: wait", () => {
  it("answers the decision", async () => {
    log.onAppend = () => {
      room.offer({ name: "Decision", value: decisionOf("1") });
    };
    const { status, body, headers } = await post(order("1"), {
      prefer: "wait=2",
    });
    expect(status).toBe(200);
    expect(headers["preference-applied"]).toBe("wait=2");
    expect(body).toMatchObject({
      decision: {
        orderId: "O-1",
        outcome: "hold",
        codes: ["H01"],
        score: 600,
        class: "C",
        exposureBefore: "0.00",
        exposureAfter: "125.00",
        limit: "100.00",
        rulesetVersion: 1,
        group: null,
        decidedAt: "2026-11-20T01:00:00.000Z",
      },
    });
    expect(room.size()).toBe(0);
  });

  it("appends a repeat again, so that the fold answers it", async () => {
    await post(order("1"));
    log.onAppend = () => {
      room.offer({ name: "Decision", value: decisionOf("1") });
    };
    const { status, body } = await post(order("1"), { prefer: "wait=2" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ duplicates: 1 });
    expect(named("OrderPlaced")).toHaveLength(2);
  });

  it("answers 202 when the time is over", async () => {
    const { status, body } = await post(order("1"), { prefer: "wait=1" });
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1 });
    expect(room.size()).toBe(0);
  });

  it.each([
    ["1", 200],
    ["2", 202],
    ["away", 202],
  ])("answers a repeat of %s that the fold forgot: %i", async (id, code) => {
    const sent = order(id, { orderId: `O-${id}` });
    expect((await post(sent)).status).toBe(202);
    const { status, body } = await post(sent, { prefer: "wait=1" });
    expect(status).toBe(code);
    const decision = { orderId: "O-1", outcome: "allow" };
    const answer = { accepted: 0, duplicates: 1 };
    expect(body).toMatchObject(code === 200 ? { ...answer, decision } : answer);
    expect(room.size()).toBe(0);
  });

  it("answers 202 at once when the order is too late to be decided", async () => {
    log.onAppend = () => {
      room.offer({
        name: "Late",
        value: {
          ...{ partition: 0, offset: 1, n: 0, reason: "beyond-window" },
          ...{ eventId: "1", source: "erp", type: "order.placed" },
          ...{ customerId: "C-1", time: now, appendedAt: now },
          raw: Buffer.alloc(0),
        },
      });
    };
    const { status, body } = await post(order("1"), { prefer: "wait=10" });
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, late: "beyond-window" });
    expect(room.size()).toBe(0);
  });

  it("answers 422 when the fold refuses the order", async () => {
    log.onAppend = () => {
      room.offer({
        name: "DeadLetter",
        value: {
          id: "d",
          at: now,
          stage: "fold",
          source: "erp",
          eventId: "1",
          customerId: "C-1",
          type: "order.placed",
          code: "FUTURE",
          path: "time",
          message: "ahead of the log",
          raw: Buffer.alloc(0),
          topic: null,
          partition: 0,
          offset: 1,
        },
      });
    };
    const { status, body } = await post(order("1"), { prefer: "wait=2" });
    expect(status).toBe(422);
    expect(body).toMatchObject({ failed: [{ code: "FUTURE", id: "1" }] });
  });

  it("does not wait for what is refused at the door", async () => {
    const bad = order("1", { amount: 1 });
    expect((await post(bad, { prefer: "wait=9" })).status).toBe(422);
    expect(room.size()).toBe(0);
  });

  it("does not apply to a batch or to another type", async () => {
    const prefer = { prefer: "wait=9" };
    expect((await post([order("1")], prefer)).status).toBe(202);
    const cancelled = order("2", {}, { type: "order.cancelled" });
    expect((await post(cancelled, prefer)).status).toBe(202);
  });
});

describe("the rate of a key", () => {
  it("is answered with each request, and with 429 when used up", async () => {
    app = await build(1);
    const first = await post(
      Array.from({ length: 20 }, (_, i) => order(`${i}`)),
    );
    expect(first.status).toBe(202);
    expect(first.headers).toMatchObject({
      "ratelimit-policy": '"events";q=10;w=10',
      "x-ratelimit-remaining": "0",
    });
    const second = await post(order("x"));
    expect(second.status).toBe(429);
    expect(second.headers["retry-after"]).toBe("11");
    expect(second.body).toMatchObject({ code: "rate_limited" });
  });
});

describe("other routes", () => {
  const get = async (
    url: string,
    key = "all",
    method: "GET" | "DELETE" = "GET",
  ): Promise<{ status: number; body: unknown; headers: object }> => {
    const headers = { authorization: `Bearer ${key}` };
    const reply = await app.inject({ method, url, headers });
    const body: unknown = JSON.parse(reply.payload);
    return { status: reply.statusCode, body, headers: reply.headers };
  };

  it("answers one order, or why not", async () => {
    expect(await get("/v1/orders/O-1")).toMatchObject({
      status: 200,
      body: { orderId: "O-1", decision: { outcome: "allow" } },
    });
    const cases = [
      ["/v1/orders/O-2", "all", 404, "order_unknown"],
      ["/v1/orders/O-1", "plain", 403, "scope_missing"],
      ["/v1/orders/broken", "all", 503, "history_unavailable"],
    ] as const;
    for (const [url, key, status, code] of cases) {
      expect(await get(url, key)).toMatchObject({ status, body: { code } });
    }
  });

  it("says so when no processor answers", async () => {
    const reply = await post({ orders: [] }, {}, "/v1/credit-checks");
    expect(reply.status).toBe(503);
    expect(reply.body).toMatchObject({ code: "processor_unavailable" });
  });

  it("answers limits without a key", async () => {
    expect(await get("/v1/limits")).toMatchObject({ body: limits });
  });

  it("knows unknown routes and wrong methods", async () => {
    expect(await get("/v2/events")).toMatchObject({
      status: 404,
      body: { code: "not_found", title: "No such route" },
    });
    expect(await get("/v1/events", "all", "DELETE")).toMatchObject({
      status: 405,
      headers: { allow: "POST" },
    });
  });

  it("is ready when what it needs is", async () => {
    expect(await get("/readyz")).toMatchObject({ status: 200 });
    expect(await get("/readyz?verbose")).toMatchObject({
      body: { parts: { redis: { up: false } } },
    });
    log.down = true;
    expect(await get("/readyz")).toMatchObject({ status: 503 });
  });

  it("documents its routes", async () => {
    const { body } = await get("/openapi.json");
    const paths = Object.keys((body as { paths: object }).paths);
    expect(paths).toEqual(
      expect.arrayContaining([
        "/v1/events",
        "/v1/limits",
        "/v1/orders/{id}",
        "/v1/credit-checks",
      ]),
    );
  });

  it("seals history", async () => {
    const seal = { source: "old", floor: "2026-01-01T00:00:00Z" };
    const reply = await post(seal, {}, "/v1/history/seal");
    expect(reply.status).toBe(202);
    expect(named("HistorySealed")).toHaveLength(12);
    const bad = await post({ source: "old" }, {}, "/v1/history/seal");
    expect(bad).toMatchObject({ status: 422, body: { code: "bad_value" } });
  });
});
