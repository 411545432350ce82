/** HTTP of the dashboard: the API of contract 3 and the web app. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import statics from "@fastify/static";
import swagger from "@fastify/swagger";
import scalar from "@scalar/fastify-api-reference";
import {
  liveTopics,
  type AlertView,
  type CustomerView,
  type NamedRecord,
  type OperatorAction,
} from "@riskwall/schemas";
import { parseMinor } from "@riskwall/schemas/money";
import { stringify } from "csv-stringify/sync";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { z } from "zod";
import { sessionCookie, type Auth, type Identity } from "./auth.ts";
import { sortNames } from "./core/directory.ts";
import type { Hub } from "./hub.ts";
import type { Past } from "./io/clickhouse.ts";
import type { ActionWriter } from "./io/kafka.ts";
import { Problem } from "./problem.ts";
import type { Live } from "./socket.ts";
import { queryTrend, trendMetrics, trendSteps } from "./trends.ts";

const pageMax = 200;
const pageDefault = 50;
const actionWaitMs = 1000;

export interface ServerDeps {
  readonly hub: () => Hub;
  readonly live: () => Live;
  readonly past: Past;
  readonly auth: Auth;
  readonly writer: ActionWriter;
  readonly webhooks: () => readonly Readonly<Record<string, unknown>>[];
  readonly customerView: (id: string) => Promise<CustomerView | null>;
  readonly portfolio: () => unknown;
  readonly ready: () => Promise<Readonly<Record<string, boolean>>>;
  readonly webRoot: string;
  readonly metrics: Registry;
  readonly log: Logger;
  readonly now: () => number;
}

const text = z.string().trim().min(1).max(2000);
const alertAction = z.object({
  action: z.enum([
    "acknowledge",
    "assign",
    "snooze",
    "comment",
    "confirm",
    "dismiss",
    "resolve",
  ]),
  expected: z.number().int().optional(),
  reason: text.optional(),
  note: text.optional(),
  assignee: text.optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});
const orderAction = z.object({
  action: z.enum(["release", "reject"]),
  reason: text,
  expires: z.iso.datetime({ offset: true }).optional(),
});
const customerAction = z.object({
  action: z.enum([
    "set-limit",
    "hold",
    "unhold",
    "watch",
    "unwatch",
    "comment",
  ]),
  reason: text.optional(),
  note: text.optional(),
  amount: z.string().optional(),
  currency: z.string().optional(),
  kind: z.string().max(40).optional(),
  validTo: z.iso.datetime({ offset: true }).optional(),
});
const webhookBody = z.object({
  url: z.url(),
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/=]{16,}$/),
  minSeverity: z
    .enum(["info", "low", "medium", "high", "critical"])
    .default("high"),
  enabled: z.boolean().default(true),
  allowPrivate: z.boolean().default(false),
});

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(
    422,
    "invalid_body",
    issue?.message ?? "The body is not valid",
    {
      path: issue?.path.map(String).join("."),
      detail: z.prettifyError(result.error),
    },
  );
}

type Query = Readonly<Record<string, string | undefined>>;

function sizeOf(query: Query): number {
  const size = Number(query["limit"] ?? pageDefault);
  return Number.isInteger(size) && size > 0
    ? Math.min(size, pageMax)
    : pageDefault;
}

function instantOf(query: Query, name: string, otherwise: number): number {
  const value = query[name];
  if (value === undefined || value === "") return otherwise;
  const ms = Date.parse(value);
  if (Number.isNaN(ms))
    throw new Problem(422, "bad_time", `${name} is no instant`, { path: name });
  return ms;
}

/** Cursor of lists ordered by (time, id): both, base64url. */
function encodeCursor(at: string, id: string): string {
  return Buffer.from(JSON.stringify([at, id])).toString("base64url");
}

function decodeCursor(
  cursor: string | undefined,
): readonly [string, string] | null {
  if (cursor === undefined || cursor === "") return null;
  try {
    const [at, id] = JSON.parse(
      Buffer.from(cursor, "base64url").toString(),
    ) as [string, string];
    return [at, id];
  } catch {
    throw new Problem(422, "bad_cursor", "The cursor is not one of ours", {
      path: "cursor",
    });
  }
}

export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: 262_144,
  });
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'", "ws:", "wss:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'self'"],
        upgradeInsecureRequests: null,
      },
    },
    hsts: false,
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "riskwall dashboard", version: "1" },
    },
  });
  await app.register(scalar, { routePrefix: "/docs/api" });

  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof Problem) {
      return reply
        .status(error.status)
        .type("application/problem+json")
        .send(error.document(request.id));
    }
    const given =
      error instanceof Error && "statusCode" in error
        ? Number(error.statusCode)
        : 500;
    if (given >= 400 && given < 500) {
      const title = error instanceof Error ? error.message : "Bad request";
      return reply
        .status(given)
        .type("application/problem+json")
        .send(new Problem(given, "bad_request", title).document(request.id));
    }
    deps.log.error({ err: error, requestId: request.id }, "request failed");
    return reply
      .status(500)
      .type("application/problem+json")
      .send(
        new Problem(500, "internal", "Internal error").document(request.id),
      );
  });

  const identify = async (request: FastifyRequest): Promise<Identity> => {
    const bearer = /^Bearer (\S+)$/.exec(
      request.headers.authorization ?? "",
    )?.[1];
    const session = request.cookies[sessionCookie];
    const identity =
      bearer !== undefined
        ? deps.auth.byToken(bearer)
        : session === undefined
          ? null
          : await deps.auth.bySession(session);
    if (identity === null)
      throw new Problem(401, "unauthorized", "Sign in first");
    return identity;
  };
  const operator = async (request: FastifyRequest): Promise<Identity> => {
    const identity = await identify(request);
    if (identity.role !== "operator")
      throw new Problem(403, "forbidden", "Needs the role operator");
    checkOrigin(request);
    return identity;
  };

  app.addHook("onRequest", async (request) => {
    const open = ["/api/session", "/api/live"];
    const path = request.url.split("?")[0] ?? "";
    if (!path.startsWith("/api/") || open.includes(path)) return;
    await identify(request);
  });

  app.post("/api/session", async (request, reply) => {
    checkOrigin(request);
    const body = parse(z.object({ user: text, password: text }), request.body);
    const session = await deps.auth.signIn(body.user, body.password);
    if (session === "paused")
      throw new Problem(
        429,
        "too_many_attempts",
        "Too many attempts; wait a minute",
      );
    if (session === null)
      throw new Problem(401, "bad_credentials", "User or password is wrong");
    void reply.setCookie(sessionCookie, session, {
      httpOnly: true,
      sameSite: "strict",
      path: "/",
    });
    return { user: body.user, role: "operator" };
  });
  app.get("/api/session", async (request) => identify(request));
  app.delete("/api/session", async (request, reply) => {
    const session = request.cookies[sessionCookie];
    if (session !== undefined) await deps.auth.signOut(session);
    void reply.clearCookie(sessionCookie, { path: "/" });
    return reply.status(204).send();
  });

  app.get("/api/portfolio", () => deps.portfolio());

  app.get("/api/customers", (request) => {
    const query = request.query as Query;
    const sort = query["sort"] ?? "score";
    if (!sortNames.includes(sort.replace(/^-/, ""))) {
      throw new Problem(
        422,
        "bad_sort",
        `sort is one of ${sortNames.join(", ")}`,
        { path: "sort" },
      );
    }
    return deps.hub().directory.page({
      q: query["q"] ?? "",
      riskClass: query["class"] ?? "",
      sort,
      after: query["cursor"] ?? null,
      size: sizeOf(query),
    });
  });

  app.get("/api/customers/:id", async (request) => {
    const { id } = request.params as { id: string };
    const view = await deps.customerView(id);
    if (view === null)
      throw new Problem(404, "customer_unknown", "No such customer");
    return view;
  });

  app.get("/api/customers/:id/scores", async (request) => {
    const { id } = request.params as { id: string };
    const query = request.query as Query;
    const size = sizeOf(query);
    const after = decodeCursor(query["cursor"]);
    const rows = await deps.past.rows<Record<string, unknown>>(
      `SELECT id, occurred_at, score_from, score, class, class_before, base, points, cap_effect, cap, pd, reasons, cause, corrected, ruleset_version, text_zh, text_en, name
       FROM score_changes FINAL WHERE customer_id = {id:String}
         AND occurred_at >= fromUnixTimestamp64Milli({from:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({to:Int64})
         AND ({at:String} = '' OR (occurred_at, id) < (parseDateTime64BestEffortOrZero({at:String}, 3, 'UTC'), {last:String}))
       ORDER BY occurred_at DESC, id DESC LIMIT {size:UInt32}`,
      {
        id,
        from: instantOf(query, "from", 0),
        to: instantOf(query, "to", deps.now() + 86_400_000),
        at: after?.[0] ?? "",
        last: after?.[1] ?? "",
        size: size + 1,
      },
    );
    const items = rows.slice(0, size).map((row) => ({
      id: row["id"],
      customerId: id,
      name: row["name"],
      at: utc(row["occurred_at"]),
      from: row["score_from"],
      score: row["score"],
      class: row["class"],
      classBefore: row["class_before"] === "" ? null : row["class_before"],
      base: row["base"],
      points: JSON.parse(String(row["points"])) as unknown,
      capEffect: row["cap_effect"],
      cap: row["cap"] === "" ? null : row["cap"],
      pd: row["pd"],
      reasons: JSON.parse(String(row["reasons"])) as unknown,
      cause: row["cause"],
      corrected: row["corrected"],
      rulesetVersion: Number(row["ruleset_version"]),
      textZh: row["text_zh"],
      textEn: row["text_en"],
    }));
    const last = rows[size - 1];
    const next =
      rows.length > size && last
        ? encodeCursor(String(last["occurred_at"]), String(last["id"]))
        : null;
    return { items, next };
  });

  app.get("/api/customers/:id/timeline", async (request) => {
    const { id } = request.params as { id: string };
    const query = request.query as Query;
    const size = sizeOf(query);
    const after = decodeCursor(query["cursor"]);
    const kinds = new Set(
      (query["kinds"] ?? "event,score,alert,decision").split(","),
    );
    const rows = await deps.past.rows<Record<string, unknown>>(
      `SELECT * FROM (
         SELECT 'event' AS kind, occurred_at AS at, concat(source, '/', event_id) AS id, type, '' AS zh, '' AS en, toString(amount) AS amount, currency, '' AS severity, data AS ref FROM events FINAL WHERE customer_id = {id:String} AND {event:Bool}
         UNION ALL SELECT 'score', occurred_at, id, 'score.changed', text_zh, text_en, '', '', '', toString(score) FROM score_changes FINAL WHERE customer_id = {id:String} AND {score:Bool}
         UNION ALL SELECT 'alert', updated_at, concat(alert_id, '/', toString(version)), concat(rule_id, ' ', state), title_zh, title_en, toString(money_at_risk), 'CNY', severity, alert_id FROM alerts FINAL WHERE customer_id = {id:String} AND {alert:Bool}
         UNION ALL SELECT 'decision', decided_at, id, outcome, arrayStringConcat(codes, ' '), arrayStringConcat(codes, ' '), toString(amount), currency, '', order_id FROM decisions FINAL WHERE customer_id = {id:String} AND {decision:Bool}
       ) WHERE at >= fromUnixTimestamp64Milli({from:Int64}) AND at <= fromUnixTimestamp64Milli({to:Int64})
         AND ({at:String} = '' OR (at, id) < (parseDateTime64BestEffortOrZero({at:String}, 3, 'UTC'), {last:String}))
       ORDER BY at DESC, id DESC LIMIT {size:UInt32}`,
      {
        id,
        event: kinds.has("event"),
        score: kinds.has("score"),
        alert: kinds.has("alert"),
        decision: kinds.has("decision"),
        from: instantOf(query, "from", 0),
        to: instantOf(query, "to", deps.now() + 86_400_000),
        at: after?.[0] ?? "",
        last: after?.[1] ?? "",
        size: size + 1,
      },
    );
    const items = rows.slice(0, size).map((row) => ({
      kind: row["kind"],
      at: utc(row["at"]),
      id: row["id"],
      type: row["type"],
      textZh: row["zh"],
      textEn: row["en"],
      amount: row["amount"] === "" ? null : row["amount"],
      currency: row["currency"] === "" ? null : row["currency"],
      severity: row["severity"] === "" ? null : row["severity"],
      ref: row["ref"],
    }));
    const last = rows[size - 1];
    const next =
      rows.length > size && last
        ? encodeCursor(String(last["at"]), String(last["id"]))
        : null;
    return { items, next };
  });

  const storedAlerts = async (
    where: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<AlertView[]> => {
    const rows = await deps.past.rows<{ view: string }>(
      `SELECT view FROM alerts_latest WHERE ${where} ORDER BY opened_at DESC, alert_id DESC LIMIT {size:UInt32}`,
      params,
    );
    return rows.map((row) => JSON.parse(row.view) as AlertView);
  };

  /** The newest snapshot of an alert: live memory wins over history. */
  const newest = (view: AlertView): AlertView => {
    const live = deps.hub().alert(view.alertId);
    return live && live.version > view.version ? live : view;
  };

  app.get("/api/alerts", async (request) => {
    const query = request.query as Query;
    const size = sizeOf(query);
    const after = decodeCursor(query["cursor"]);
    const filter = (view: AlertView): boolean =>
      (!query["state"] || query["state"].split(",").includes(view.state)) &&
      (!query["severity"] ||
        query["severity"].split(",").includes(view.severity)) &&
      (!query["rule"] || view.ruleId === query["rule"]) &&
      (!query["customer"] || view.customerId === query["customer"]) &&
      (after === null ||
        view.openedAt < after[0] ||
        (view.openedAt === after[0] && view.alertId < after[1]));
    const stored = await storedAlerts(
      `({customer:String} = '' OR customer_id = {customer:String}) AND ({rule:String} = '' OR rule_id = {rule:String})
       AND ({at:String} = '' OR (opened_at, alert_id) < (parseDateTime64BestEffortOrZero({at:String}, 3, 'UTC'), {last:String}))
       AND ({severity:String} = '' OR has(splitByChar(',', {severity:String}), severity))`,
      {
        customer: query["customer"] ?? "",
        rule: query["rule"] ?? "",
        severity: query["severity"] ?? "",
        at: after?.[0] ?? "",
        last: after?.[1] ?? "",
        size: query["state"] ? 5000 : size + 1,
      },
    );
    const merged = new Map<string, AlertView>();
    for (const view of [...deps.hub().alerts(), ...stored.map(newest)]) {
      if (filter(view)) merged.set(view.alertId, view);
    }
    const all = [...merged.values()].sort(
      (a, b) =>
        compare(b.openedAt, a.openedAt) || compare(b.alertId, a.alertId),
    );
    const counts: Record<string, number> = {};
    for (const view of deps.hub().alerts())
      counts[view.state] = (counts[view.state] ?? 0) + 1;
    const last = all[size - 1];
    const next =
      all.length > size && last
        ? encodeCursor(last.openedAt, last.alertId)
        : null;
    return { items: all.slice(0, size), next, counts };
  });

  const findAlert = async (id: string): Promise<AlertView> => {
    const live = deps.hub().alert(id);
    if (live) return live;
    const [stored] = await storedAlerts("alert_id = {id:String}", {
      id,
      size: 1,
    });
    if (!stored) throw new Problem(404, "alert_unknown", "No such alert");
    return stored;
  };
  app.get("/api/alerts/:id", async (request) =>
    findAlert((request.params as { id: string }).id),
  );

  const act = async (
    who: Identity,
    customerId: string,
    target: string,
    targetId: string,
    fields: Partial<OperatorAction> & { readonly action: string },
  ): Promise<NamedRecord | null> => {
    const actionId = randomUUID();
    const answered = deps.hub().awaitAction(actionId, actionWaitMs);
    await deps.writer.write({
      eventId: actionId,
      source: "dashboard",
      time: deps.now(),
      historical: false,
      customerId,
      actionId,
      actor: who.user,
      target,
      targetId,
      expected: null,
      reason: null,
      note: null,
      amount: null,
      currency: null,
      kind: null,
      until: null,
      assignee: null,
      secondActor: null,
      ...fields,
    });
    return answered;
  };

  /** 202 with what became of it, 409 when the fold refused, 202 pending. */
  const answerOf = (record: NamedRecord | null): object => {
    if (record === null) return { pending: true };
    if (record.name === "ActionOutcome") {
      const { outcome, code, message, current } = record.value;
      if (outcome === "refused") {
        throw new Problem(409, code, message, {
          current: JSON.parse(current) as unknown,
        });
      }
      return { applied: true };
    }
    if (record.name === "Alert") {
      const { version, actionVersion, state } = record.value;
      return { version, actionVersion, state };
    }
    return record.name === "Decision"
      ? { outcome: record.value.outcome }
      : { applied: true };
  };

  app.post("/api/alerts/:id/actions", async (request, reply) => {
    const who = await operator(request);
    const { id } = request.params as { id: string };
    const body = parse(alertAction, request.body);
    if (body.action === "snooze" && body.until === undefined) {
      throw new Problem(422, "invalid_body", "snooze needs until", {
        path: "until",
      });
    }
    const alert = await findAlert(id);
    const record = await act(who, alert.customerId, "alert", id, {
      action: body.action,
      expected: body.expected ?? null,
      reason: body.reason ?? null,
      note: body.note ?? null,
      assignee: body.assignee ?? null,
      until: body.until === undefined ? null : Date.parse(body.until),
    });
    return reply.status(202).send(answerOf(record));
  });

  const orderOwner = async (orderId: string): Promise<string> => {
    const live = deps.hub().orderCustomer(orderId);
    if (live !== null) return live;
    const [row] = await deps.past.rows<{ customer_id: string }>(
      "SELECT customer_id FROM decisions WHERE order_id = {id:String} LIMIT 1",
      { id: orderId },
    );
    if (!row)
      throw new Problem(404, "order_unknown", "No decision on this order yet");
    return row.customer_id;
  };

  app.get("/api/orders/:id", async (request) => {
    const { id } = request.params as { id: string };
    const rows = await deps.past.rows<{ view: string }>(
      "SELECT view FROM decisions FINAL WHERE order_id = {id:String} ORDER BY decided_at DESC, `offset` DESC, n DESC LIMIT 200",
      { id },
    );
    if (rows.length === 0)
      throw new Problem(404, "order_unknown", "No decision on this order yet");
    const history = rows.map((row) => JSON.parse(row.view) as unknown);
    return { orderId: id, decision: history[0], history };
  });

  app.post("/api/orders/:id/actions", async (request, reply) => {
    const who = await operator(request);
    const { id } = request.params as { id: string };
    const body = parse(orderAction, request.body);
    const record = await act(who, await orderOwner(id), "order", id, {
      action: body.action,
      reason: body.reason,
      until: body.expires === undefined ? null : Date.parse(body.expires),
    });
    return reply.status(202).send(answerOf(record));
  });

  app.post("/api/customers/:id/actions", async (request, reply) => {
    const who = await operator(request);
    const { id } = request.params as { id: string };
    const body = parse(customerAction, request.body);
    const needsReason = body.action === "set-limit" || body.action === "hold";
    if (needsReason && body.reason === undefined) {
      throw new Problem(422, "invalid_body", `${body.action} needs a reason`, {
        path: "reason",
      });
    }
    let amount: number | null = null;
    if (body.action === "set-limit") {
      const minor = parseMinor(body.amount, body.currency ?? "");
      if (typeof minor === "string")
        throw new Problem(422, minor, "Not an amount", { path: "amount" });
      if (body.kind !== "standing" && body.kind !== "temporary") {
        throw new Problem(
          422,
          "invalid_body",
          "kind is standing or temporary",
          { path: "kind" },
        );
      }
      amount = minor;
    }
    if ((await deps.customerView(id)) === null)
      throw new Problem(404, "customer_unknown", "No such customer");
    const record = await act(who, id, "customer", id, {
      action: body.action,
      reason: body.reason ?? null,
      note: body.note ?? null,
      amount,
      currency: body.currency ?? null,
      kind: body.kind ?? null,
      until: body.validTo === undefined ? null : Date.parse(body.validTo),
    });
    return reply.status(202).send(answerOf(record));
  });

  app.get("/api/trends", async (request, reply) => {
    const query = request.query as Query;
    const metric = trendMetrics.find((item) => item === query["metric"]);
    if (metric === undefined) {
      throw new Problem(
        422,
        "bad_metric",
        `metric is one of ${trendMetrics.join(", ")}`,
        { path: "metric" },
      );
    }
    const step = query["step"] === "hour" ? "hour" : "day";
    const to = instantOf(query, "to", deps.now());
    const from = instantOf(query, "from", to - trendSteps[step] * 1000 * 30);
    const trend = await queryTrend(deps.past, {
      metric,
      by: query["by"] ?? "none",
      from,
      to,
      step,
      customer: query["customer"] ?? "",
    });
    if (!(request.headers.accept ?? "").includes("text/csv")) return trend;
    const rows = trend.series.flatMap((series) =>
      series.points.map(([at, value]) => [at, guard(series.name), value ?? ""]),
    );
    return reply
      .type("text/csv; charset=utf-8")
      .send(stringify([["time", "series", metric], ...rows], { bom: true }));
  });

  app.get("/api/deadletters", async (request) => {
    const query = request.query as Query;
    const size = sizeOf(query);
    const after = decodeCursor(query["cursor"]);
    const rows = await deps.past.rows<Record<string, unknown>>(
      `SELECT * FROM dead_letters FINAL
       WHERE ({code:String} = '' OR code = {code:String}) AND ({source:String} = '' OR source = {source:String})
         AND ({at:String} = '' OR (occurred_at, id) < (parseDateTime64BestEffortOrZero({at:String}, 3, 'UTC'), {last:String}))
       ORDER BY occurred_at DESC, id DESC LIMIT {size:UInt32}`,
      {
        code: query["code"] ?? "",
        source: query["source"] ?? "",
        at: after?.[0] ?? "",
        last: after?.[1] ?? "",
        size: size + 1,
      },
    );
    const items = rows.slice(0, size).map((row) => ({
      id: row["id"],
      at: utc(row["occurred_at"]),
      stage: row["stage"],
      source: row["source"],
      eventId: row["event_id"],
      customerId: row["customer_id"],
      type: row["type"],
      code: row["code"],
      path: row["path"],
      message: row["message"],
      raw: row["raw"],
    }));
    const last = rows[size - 1];
    const next =
      rows.length > size && last
        ? encodeCursor(String(last["occurred_at"]), String(last["id"]))
        : null;
    return { items, next };
  });

  app.put("/api/settings/webhooks/:id", async (request, reply) => {
    await operator(request);
    const { id } = request.params as { id: string };
    if (!/^[a-z0-9-]{1,40}$/.test(id))
      throw new Problem(422, "bad_id", "a-z, 0-9 and dashes", { path: "id" });
    await deps.writer.setting(`webhook:${id}`, {
      id,
      ...parse(webhookBody, request.body),
    });
    return reply.status(202).send({ id });
  });
  app.get("/api/settings/webhooks", () => ({
    items: deps.webhooks().map((hook) => ({ ...hook, secret: "whsec_…" })),
    next: null,
  }));

  app.get("/api/live/:topic", async (request) => {
    await identify(request);
    const { topic } = request.params as { topic: string };
    const query = request.query as Query;
    const known = liveTopics.find((item) => item === topic);
    if (known === undefined)
      throw new Problem(404, "topic_unknown", "No such topic");
    const have =
      query["epoch"] === undefined
        ? undefined
        : { epoch: query["epoch"], seq: Number(query["seq"] ?? 0) };
    return deps.live().subscribe(known, query["id"], have);
  });

  app.get("/livez", () => ({ status: "ok" }));
  app.get("/readyz", async (_, reply) => {
    const parts = await deps.ready();
    const ready = Object.values(parts).every(Boolean);
    return reply
      .status(ready ? 200 : 503)
      .send({ status: ready ? "ready" : "not ready", parts });
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
  app.get("/openapi.json", () => app.swagger());

  if (existsSync(deps.webRoot)) {
    await app.register(statics, {
      root: deps.webRoot,
      index: false,
      wildcard: true,
    });
    const page = async (
      _: unknown,
      reply: { sendFile: (name: string) => unknown },
    ): Promise<unknown> => Promise.resolve(reply.sendFile("index.html"));
    for (const path of [
      "/",
      "/login",
      "/wall",
      "/alerts",
      "/customers",
      "/customers/:id",
      "/trends",
      "/ops",
    ]) {
      app.get(path, { schema: { hide: true } }, async (request, reply) =>
        page(request, reply),
      );
    }
  }
  app.setNotFoundHandler(async (request, reply) =>
    reply
      .status(404)
      .type("application/problem+json")
      .send(
        new Problem(404, "not_found", "No such route").document(request.id),
      ),
  );
  return app;
}

/** Browsers send an Origin: it must be ours (no foreign page may act). */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  let same = false;
  try {
    same = new URL(origin).host === host;
  } catch {
    same = false;
  }
  if (!same)
    throw new Problem(
      403,
      "origin_forbidden",
      "Another origin may not act here",
    );
}

/** ClickHouse's UTC text as RFC 3339. */
function utc(value: unknown): string {
  return `${String(value).replace(" ", "T")}Z`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Spreadsheets run cells that begin like formulas (F-43). */
function guard(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}
