/** A span for each HTTP request that comes with a sampled `traceparent`. */
import {
  headerText,
  traceHeader,
  type Tracing,
  type TraceSpan,
} from "@riskwall/schemas/tracing";
import type { FastifyInstance, FastifyRequest } from "fastify";

export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const open = new WeakMap<FastifyRequest, TraceSpan>();
  app.addHook("onRequest", (request, _reply, done) => {
    const { method, routeOptions, headers } = request;
    const span = tracing.start(
      `${method} ${routeOptions.url ?? "unknown"}`,
      headerText(headers[traceHeader]),
    );
    if (span === null) {
      done();
      return;
    }
    open.set(request, span);
    tracing.within(span, done);
  });
  app.addHook("onResponse", (request, _reply, done) => {
    open.get(request)?.end();
    done();
  });
}
