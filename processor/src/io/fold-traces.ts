/**
 * The way of traced records through the fold, which itself knows nothing of
 * it: what came with a `traceparent` is noted as it is read, and its outputs
 * get the header of a span that ends when they are acknowledged.
 */
import {
  headerText,
  traceHeader,
  type Tracing,
  type TraceSpan,
} from "@riskwall/schemas/tracing";
import type { Output } from "../core/emit.ts";
import type { EachBatchPayload } from "./kafka.ts";
import type { EncodedOutput, OutputSink } from "./ports.ts";

/** Traced records without outputs yet at most; the oldest are forgotten. */
const notedMax = 10_000;

export interface FoldTraces {
  readonly note: (batch: EachBatchPayload["batch"]) => void;
  readonly sink: OutputSink;
}

interface Noted {
  readonly parent: string;
  readonly readAt: number;
}

/** Key of the record that an output was made from. */
function causeOf({ value }: Output): string | null {
  if (!("partition" in value) || !("offset" in value)) return null;
  return `${String(value.partition)}-${String(value.offset)}`;
}

export function traceFold(
  sink: OutputSink,
  tracing: Tracing,
  now: () => number,
): FoldTraces {
  const noted = new Map<string, Noted>();
  const spans = new WeakMap<EncodedOutput, TraceSpan>();
  return {
    note: (batch) => {
      for (const { headers, offset } of batch.messages) {
        const parent = headerText(headers?.[traceHeader]);
        if (parent === undefined) continue;
        const cause = `${String(batch.partition)}-${offset}`;
        noted.set(cause, { parent, readAt: now() });
        if (noted.size <= notedMax) continue;
        const [oldest = cause] = noted.keys();
        noted.delete(oldest);
      }
    },
    sink: {
      encode: (outputs) => {
        const encoded = sink.encode(outputs);
        if (noted.size === 0) return encoded;
        const started = new Map<string, TraceSpan>();
        return encoded.map((item, i) => {
          const output = outputs[i];
          const cause = output === undefined ? null : causeOf(output);
          const from = cause === null ? undefined : noted.get(cause);
          if (cause === null || from === undefined) return item;
          const span =
            started.get(cause) ??
            tracing.start("fold", from.parent, {
              startedAt: from.readAt,
              attributes: { "riskwall.record": cause },
            });
          if (span === null) return item;
          started.set(cause, span);
          const headers = { [traceHeader]: span.traceparent };
          const traced = { ...item, headers };
          spans.set(traced, span);
          return traced;
        });
      },
      send: async (partition, outputs) => {
        await sink.send(partition, outputs);
        for (const output of outputs) spans.get(output)?.end();
      },
    },
  };
}
