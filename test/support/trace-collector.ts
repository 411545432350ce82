/** An OTLP/HTTP collector that keeps the spans it is sent. */
import { createServer } from "node:http";
import { onTestFinished } from "vitest";

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: { readonly stringValue?: string };
      }[];
    };
    readonly scopeSpans: readonly {
      readonly spans: readonly Omit<CollectedSpan, "service">[];
    }[];
  }[];
}

function spansOf(request: ExportRequest): CollectedSpan[] {
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = resource.attributes.find(({ key }) => key === "service.name");
    const service = name?.value.stringValue ?? "";
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({ ...span, service })),
    );
  });
}

export interface TraceCollector {
  /** Value of `RISKWALL_TRACES_URL`. */
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
}

export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, reply) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      // OpenTelemetry's own JSON.
      const body = JSON.parse(
        Buffer.concat(pieces).toString(),
      ) as ExportRequest;
      spans.push(...spansOf(body));
      reply.writeHead(200, { "content-type": "application/json" });
      reply.end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the collector has no port");
  }
  return { url: `http://127.0.0.1:${String(address.port)}/v1/traces`, spans };
}
