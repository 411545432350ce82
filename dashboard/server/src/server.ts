/** HTTP of the dashboard: the API of contract 3 and the web app. No listen. */
import { randomBytes, randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import scalar from "@scalar/fastify-api-reference";
import fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Logger } from "pino";
import { addGuard, type GuardDeps } from "./guard.ts";
import { Problem } from "./problem.ts";
import { accountRoutes, type AccountRoutesDeps } from "./routes/account.ts";
import { alertRoutes, type AlertsDeps } from "./routes/alerts.ts";
import {
  alertLinkRoutes,
  type AlertLinksRoutesDeps,
} from "./routes/alert-links.ts";
import { deliveryRoutes, type DeliveriesDeps } from "./routes/deliveries.ts";
import { auditRoutes, type AuditRoutesDeps } from "./routes/audit.ts";
import {
  customerActionRoutes,
  type CustomerActionsDeps,
} from "./routes/customer-actions.ts";
import { customerRoutes, type CustomersDeps } from "./routes/customers.ts";
import {
  deadLetterRoutes,
  type DeadLettersDeps,
} from "./routes/dead-letters.ts";
import { heldOrderRoutes, type HeldOrdersDeps } from "./routes/held-orders.ts";
import { forecastRoutes, type ForecastDeps } from "./routes/forecast.ts";
import { groupRoutes, type GroupsDeps } from "./routes/groups.ts";
import { healthRoutes, type HealthDeps } from "./routes/health.ts";
import { historyRoutes, type HistoryDeps } from "./routes/history.ts";
import { ingestRoutes, type IngestRoutesDeps } from "./routes/ingest.ts";
import { keyRoutes, type KeysRoutesDeps } from "./routes/keys.ts";
import { livePollRoutes, type LivePollDeps } from "./routes/live-poll.ts";
import { oncallRoutes, type OncallDeps } from "./routes/oncall.ts";
import {
  oncallReportRoutes,
  type OncallReportDeps,
} from "./routes/oncall-report.ts";
import { notifyRoutes, type NotifyDeps } from "./routes/notify.ts";
import { pushRoutes, type PushRoutesDeps } from "./routes/push.ts";
import { orderRoutes, type OrdersDeps } from "./routes/orders.ts";
import { pageRoutes } from "./routes/pages.ts";
import {
  oidcRoutes,
  sessionRoutes,
  type SessionDeps,
} from "./routes/session.ts";
import { silenceRoutes, type SilencesDeps } from "./routes/silences.ts";
import { userRoutes, type UsersDeps } from "./routes/users.ts";
import { wallRoutes, type WallRoutesDeps } from "./routes/wall.ts";
import { wallsRoutes, type WallsRoutesDeps } from "./routes/walls.ts";
import { webhookRoutes, type WebhooksDeps } from "./routes/webhooks.ts";

/** Largest body of a request. */
export const bodyMaxBytes = 262_144;

export type ServerDeps = AccountRoutesDeps &
  AlertsDeps &
  AlertLinksRoutesDeps &
  DeliveriesDeps &
  AuditRoutesDeps &
  CustomerActionsDeps &
  CustomersDeps &
  DeadLettersDeps &
  ForecastDeps &
  GuardDeps &
  GroupsDeps &
  HealthDeps &
  HeldOrdersDeps &
  HistoryDeps &
  IngestRoutesDeps &
  KeysRoutesDeps &
  LivePollDeps &
  OncallDeps &
  OncallReportDeps &
  NotifyDeps &
  OrdersDeps &
  PushRoutesDeps &
  SessionDeps &
  SilencesDeps &
  UsersDeps &
  WallRoutesDeps &
  WallsRoutesDeps &
  WebhooksDeps & {
    readonly webRoot: string;
    readonly log: Logger;
    /** Proxies whose word on the caller's address counts. */
    readonly trustedProxies: readonly string[];
  };

/**
 * Scripts, style sheets and workers are files of our own, none is inline. Only
 * `style` attributes pass: the charts' tooltips are made of markup with them,
 * and they can neither run nor load anything.
 */
const contentPolicy = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  scriptSrcAttr: ["'none'"],
  // Workbooks are packed in workers made of our own bundle.
  workerSrc: ["'self'", "blob:"],
  styleSrc: ["'self'"],
  styleSrcAttr: ["'unsafe-inline'"],
  imgSrc: ["'self'", "data:", "blob:"],
  fontSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

const hstsSeconds = 31_536_000;

/** The reference page brings inline scripts: each carries the answer's nonce. */
function docsPolicy(nonce: string): string {
  return `default-src 'self'; script-src 'self' 'nonce-${nonce}'; script-src-attr 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`;
}

async function send(
  reply: FastifyReply,
  problem: Problem,
  requestId: string,
): Promise<void> {
  if (problem.retryAfterS !== null) {
    void reply.header("retry-after", String(problem.retryAfterS));
  }
  await reply
    .status(problem.status)
    .type("application/problem+json")
    .send(problem.document(requestId));
}

/** What a caller is told of an error that is no problem document itself. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status =
    error instanceof Error && "statusCode" in error
      ? Number(error.statusCode)
      : 500;
  if (!(error instanceof Error) || status < 400 || status >= 500) {
    return new Problem(500, "internal", "Internal error");
  }
  const code = status === 415 ? "unsupported_media_type" : "bad_request";
  return new Problem(status, code, error.message);
}

function handleErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler(async (error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const { id: requestId, method } = request;
      const path = request.routeOptions.url ?? "";
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      const line = { err: cause, requestId, method, path };
      if (problem.status === 503) log.warn(line, "a part is away");
      else log.error(line, "request failed");
    }
    await send(reply, problem, request.id);
  });
  app.setNotFoundHandler(async (request, reply) => {
    await send(
      reply,
      new Problem(404, "not_found", "No such route"),
      request.id,
    );
  });
}

export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: bodyMaxBytes,
    forceCloseConnections: true,
    trustProxy:
      deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
  });
  // JSON only: a form of a foreign page cannot be a state change.
  app.removeContentTypeParser("text/plain");
  // Requests are checked by their handlers; the schemas describe them.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  handleErrors(app, deps.log);
  await app.register(cookie);
  addGuard(app, deps);
  await app.register(helmet, {
    contentSecurityPolicy: { directives: contentPolicy },
    // Told over TLS only; on plain HTTP browsers would not listen.
    hsts: deps.publicUrl.startsWith("https:") && { maxAge: hstsSeconds },
  });
  app.addHook("onSend", async (request, reply, payload: unknown) => {
    if (request.url.startsWith("/api/")) {
      void reply.header("cache-control", "no-store");
    }
    if (!request.url.startsWith("/docs/api")) return payload;
    const nonce = randomBytes(16).toString("base64");
    void reply.header("content-security-policy", docsPolicy(nonce));
    // The page alone: its script says "<script" in places of its own.
    const type = String(reply.getHeader("content-type") ?? "");
    if (typeof payload !== "string" || !type.includes("text/html")) {
      return payload;
    }
    return payload.replaceAll("<script", `<script nonce="${nonce}"`);
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "riskwall dashboard", version: "1" },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: deps.cookieName },
          bearer: { type: "http", scheme: "bearer" },
        },
      },
    },
  });
  await app.register(scalar, {
    routePrefix: "/docs/api",
    // Fonts of another house are not asked for.
    configuration: { withDefaultFonts: false },
  });
  sessionRoutes(app, deps);
  const { oidc } = deps;
  if (oidc !== null) oidcRoutes(app, { ...deps, oidc });
  accountRoutes(app, deps);
  userRoutes(app, deps);
  keyRoutes(app, deps);
  ingestRoutes(app, deps);
  auditRoutes(app, deps);
  customerRoutes(app, deps);
  customerActionRoutes(app, deps);
  alertRoutes(app, deps);
  alertLinkRoutes(app, deps);
  deliveryRoutes(app, deps);
  oncallRoutes(app, deps);
  oncallReportRoutes(app, deps);
  silenceRoutes(app, deps);
  notifyRoutes(app, deps);
  pushRoutes(app, deps);
  heldOrderRoutes(app, deps);
  orderRoutes(app, deps);
  historyRoutes(app, deps);
  deadLetterRoutes(app, deps);
  wallRoutes(app, deps);
  wallsRoutes(app, deps);
  webhookRoutes(app, deps);
  livePollRoutes(app, deps);
  forecastRoutes(app, deps);
  groupRoutes(app, deps);
  healthRoutes(app, deps);
  await pageRoutes(app, deps.webRoot);
  return app;
}
