/**
 * One trace from an HTTP request to a socket message, by W3C trace context.
 * Off unless `RISKWALL_TRACES_URL` names an OTLP/HTTP collector; then only what
 * comes in with a sampled `traceparent` is traced: who wants to see the way of
 * an order sends that header. OpenTelemetry is loaded only when it is on.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Name of the header, in HTTP and in Kafka. */
export const traceHeader = "traceparent";

/** Spans leave the process after this time at most. */
const exportEveryMs = 1000;

export interface TraceSpan {
  /** What the next one on the way gets as its parent. */
  readonly traceparent: string;
  /** Ends it, once. */
  readonly end: () => void;
}

export interface SpanOptions {
  /** When it began, ms since 1970; default: now. */
  readonly startedAt?: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface Tracing {
  /** Null where the parent is none, or not sampled. */
  readonly start: (
    name: string,
    parent: string | undefined,
    options?: SpanOptions,
  ) => TraceSpan | null;
  /** What `work` does, and what it waits for, belongs to the span. */
  readonly within: <T>(span: TraceSpan, work: () => T) => T;
  /** `traceparent` of the span that this belongs to. */
  readonly current: () => string | undefined;
  /** Sends what is left. */
  readonly stop: () => Promise<void>;
}

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Reads a `traceparent`; null where it is none (version 00 and later ones). */
export function parseTraceparent(text: string | undefined): TraceParent | null {
  const found =
    /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(
      text ?? "",
    );
  const [, traceId, spanId, flags] = found ?? [];
  if (traceId === undefined || spanId === undefined) return null;
  const sampled = (Number.parseInt(flags ?? "", 16) & 1) === 1;
  return { traceId, spanId, sampled };
}

/** A Kafka or HTTP header's one value as text. */
export function headerText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return Buffer.isBuffer(value) ? value.toString("latin1") : undefined;
}

/** The tracing of a service; null where no collector is named. */
export async function openTracing(
  service: string,
  collectorUrl: string | null,
): Promise<Tracing | null> {
  if (collectorUrl === null) return null;
  const [api, sdk, resources, otlp] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/exporter-trace-otlp-http"),
  ]);
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      "service.name": `riskwall-${service}`,
    }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new otlp.OTLPTraceExporter({ url: collectorUrl }),
        scheduledDelayMillis: exportEveryMs,
      }),
    ],
  });
  const tracer = provider.getTracer("riskwall");
  const local = new AsyncLocalStorage<TraceSpan>();
  return {
    start: (name, parent, { startedAt, attributes } = {}) => {
      const from = parseTraceparent(parent);
      if (from === null || !from.sampled) return null;
      const { traceId, spanId } = from;
      const remote = api.trace.setSpanContext(api.ROOT_CONTEXT, {
        ...{ traceId, spanId, isRemote: true },
        traceFlags: api.TraceFlags.SAMPLED,
      });
      const span = tracer.startSpan(
        name,
        {
          ...(startedAt === undefined ? {} : { startTime: startedAt }),
          ...(attributes === undefined ? {} : { attributes }),
        },
        remote,
      );
      const own = span.spanContext();
      let ended = false;
      return {
        traceparent: `00-${own.traceId}-${own.spanId}-01`,
        end: () => {
          if (!ended) span.end();
          ended = true;
        },
      };
    },
    within: (span, work) => local.run(span, work),
    current: () => local.getStore()?.traceparent,
    stop: async () => provider.shutdown(),
  };
}
