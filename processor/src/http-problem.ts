import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyInstance } from "fastify";
import type { Logger } from "pino";

/** Body of an RFC 9457 problem of the processor's HTTP port. */
export function problem(status: number, code: string, title: string): object {
  return { type: "about:blank", status, code, title };
}

/** Codes of refusals that fastify makes before a route is asked. */
const codes: Readonly<Record<number, string>> = {
  400: "not_json",
  413: "body_too_large",
  415: "media_type_unsupported",
};

/**
 * What no route answered is a problem document, too: a gateway passes it on
 * word for word.
 */
export function answerProblems(
  app: FastifyInstance,
  log: Pick<Logger, "error">,
): void {
  app.setErrorHandler<FastifyError>(async (error, _, reply) => {
    const given = error.statusCode ?? 500;
    const status = given >= 400 && given < 500 ? given : 500;
    if (status === 500) log.error({ err: error }, "request failed");
    const code = status === 500 ? "internal" : (codes[status] ?? "bad_request");
    const title = STATUS_CODES[status] ?? "Refused";
    await reply
      .status(status)
      .type("application/problem+json")
      .send(problem(status, code, title));
  });
  app.setNotFoundHandler(async (_, reply) => {
    await reply
      .status(404)
      .type("application/problem+json")
      .send(problem(404, "not_found", "No such route"));
  });
}
