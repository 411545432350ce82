/** Refusals of a whole request: RFC 9457 documents with a stable code. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { LogUnavailable } from "./io/kafka.ts";

/** Seconds after which a caller may ask again when a part is away. */
export const retryAfterSeconds = 2;

/** Status and title of each code a whole request may be refused with. */
const refusals = {
  bad_gzip: [400, "The gzip stream is broken"],
  bad_idempotency_key: [400, "An idempotency key is 1-200 visible ASCII"],
  bad_request: [400, "The request is not valid HTTP for this route"],
  empty_body: [400, "The body holds no event"],
  not_array: [400, "A batch is a JSON array"],
  not_json: [400, "The body is not JSON"],
  not_object: [400, "The body is not one event"],
  not_utf8: [400, "The body is not UTF-8"],
  unauthorized: [401, "A valid API key is required"],
  scope_missing: [403, "The key lacks a scope"],
  not_found: [404, "No such route"],
  order_unknown: [404, "No decision on this order yet"],
  method_not_allowed: [405, "The route does not take this method"],
  idempotency_in_flight: [409, "A request under this key is still running"],
  batch_too_large: [413, "The batch has too many events"],
  body_too_large: [413, "The body is too large"],
  event_too_large: [413, "The event is too large"],
  encoding_unsupported: [415, "Only gzip is inflated"],
  media_type_unsupported: [415, "JSON, CloudEvents or NDJSON in UTF-8"],
  bad_value: [422, "A field has a value that is not taken"],
  idempotency_mismatch: [422, "The key was used with another body"],
  rate_limited: [429, "Too many events for this key"],
  internal: [500, "Something is wrong on our side"],
  history_unavailable: [503, "History cannot be read now"],
  idempotency_unavailable: [503, "Idempotency keys cannot be kept now"],
  log_unavailable: [503, "The log cannot take events now"],
  too_busy: [503, "Too many large requests at once"],
  processor_unavailable: [503, "No processor answers now"],
} as const satisfies Record<string, readonly [number, string]>;

export type RefusalCode = keyof typeof refusals;

export interface ProblemDocument {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly code: RefusalCode;
  readonly detail?: string;
  readonly requestId: string;
}

/** A refusal of a whole request. */
export class RequestRefused extends Error {
  readonly code: RefusalCode;
  readonly detail: string | undefined;
  readonly retryAfter: number | null;
  constructor(
    code: RefusalCode,
    detail?: string,
    retryAfter: number | null = refusals[code][0] === 503
      ? retryAfterSeconds
      : null,
  ) {
    super(detail ?? refusals[code][1]);
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return refusals[this.code][0];
  }
}

export function problemDocument(
  refused: RequestRefused,
  requestId: string,
): ProblemDocument {
  const [status, title] = refusals[refused.code];
  return {
    type: "about:blank",
    title,
    status,
    code: refused.code,
    ...(refused.detail === undefined ? {} : { detail: refused.detail }),
    requestId,
  };
}

/** The refusal that an error means to the caller; null for our own faults. */
export function refusalOf(error: unknown): RequestRefused | null {
  if (error instanceof RequestRefused) return error;
  if (error instanceof LogUnavailable) {
    return new RequestRefused("log_unavailable", error.message);
  }
  if (error instanceof Error && "statusCode" in error) {
    const status = Number(error.statusCode);
    if (status >= 400 && status < 500) {
      return new RequestRefused("bad_request", error.message);
    }
  }
  return null;
}

export async function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refused: RequestRefused,
): Promise<void> {
  if (refused.retryAfter !== null) {
    void reply.header("retry-after", String(refused.retryAfter));
  }
  if (refused.status === 401) {
    void reply.header("www-authenticate", 'Bearer realm="riskwall"');
  }
  // What the client still sends of a body too large is not read.
  if (refused.status === 413) void reply.header("connection", "close");
  await reply
    .status(refused.status)
    .type("application/problem+json")
    .send(problemDocument(refused, request.id));
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Errors, unknown routes and wrong methods as problem documents. */
export function answerProblems(
  app: FastifyInstance,
  log: Pick<Logger, "error">,
): void {
  app.setErrorHandler(async (error, request, reply) => {
    const refused = refusalOf(error);
    if (refused === null) {
      log.error({ err: error, requestId: request.id }, "request failed");
    }
    await sendRefusal(
      request,
      reply,
      refused ?? new RequestRefused("internal"),
    );
  });
  app.setNotFoundHandler(async (request, reply) => {
    const url = request.url.split("?")[0] ?? "/";
    const allowed = methods.filter(
      (method) => app.findRoute({ method, url }) !== null,
    );
    if (allowed.length === 0) {
      return sendRefusal(request, reply, new RequestRefused("not_found"));
    }
    void reply.header("allow", allowed.join(", "));
    return sendRefusal(
      request,
      reply,
      new RequestRefused("method_not_allowed"),
    );
  });
}
