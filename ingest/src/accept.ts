/**
 * One batch of parsed JSON through the door: check each, append what is good,
 * dead-letter what is not, count what came before. Shared by HTTP, the gate
 * and the import.
 */
import type { DeadLetter } from "@riskwall/schemas";
import {
  parseEvent,
  type ParseContext,
  type Problem,
} from "./core/parse-event.ts";
import { doorId, type Door } from "./io/door.ts";
import type { Encoder, LogAppender, OutRecord } from "./io/kafka.ts";

/** Raw text kept of a rejected item. */
export const rawMaxBytes = 64 * 1024;

export interface Failed extends Problem {
  readonly index: number;
  readonly id: string | null;
}

export interface BatchAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: readonly Failed[];
}

export interface Rights {
  readonly scopes: ReadonlySet<string>;
  /** Sources the key may name; null = any. */
  readonly sources: ReadonlySet<string> | null;
}

export interface AcceptDeps {
  readonly appender: LogAppender;
  readonly encoder: Encoder;
  readonly door: Door;
}

export interface AcceptOptions {
  readonly context: ParseContext;
  readonly rights: Rights;
  readonly stage: "http" | "gate" | "import";
  /** Append a known (source, id) too, so that its decision comes again. */
  readonly repeatKnown: boolean;
  readonly origin?: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  };
}

/** An item of a batch: its JSON, or why it could not be parsed. */
export type Item =
  | { readonly json: unknown; readonly raw?: string }
  | { readonly malformed: string; readonly raw: string };

interface Good {
  readonly index: number;
  readonly mark: string;
  readonly records: readonly OutRecord[];
}

const anyText = (value: unknown): string | null =>
  typeof value === "string" ? value.slice(0, 200) : null;

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null
    ? (json as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function deadLetterOf(
  item: Item,
  failed: Failed,
  options: AcceptOptions,
): DeadLetter {
  const json = "json" in item ? item.json : null;
  const text = item.raw ?? ("json" in item ? JSON.stringify(item.json) : "");
  const { origin, context } = options;
  return {
    id: `${options.stage}-${String(context.now)}-${crypto.randomUUID()}`,
    at: context.now,
    stage: options.stage,
    source: anyText(fieldOf(json, "source")),
    eventId: anyText(fieldOf(json, "id")),
    customerId: anyText(fieldOf(fieldOf(json, "data"), "customerId")),
    type: anyText(fieldOf(json, "type")),
    code: failed.code,
    path: failed.path,
    message: failed.message,
    raw: Buffer.from(text).subarray(0, rawMaxBytes),
    topic: origin?.topic ?? null,
    partition: origin?.partition ?? -1,
    offset: origin?.offset ?? -1,
  };
}

function judge(
  item: Item,
  index: number,
  deps: AcceptDeps,
  options: AcceptOptions,
): Good | Failed {
  if ("malformed" in item) {
    const { malformed: message } = item;
    return { index, id: null, code: "not_json", path: "$", message };
  }
  const parsed = parseEvent(item.json, options.context);
  if (parsed.kind === "problem") {
    return { index, id: parsed.id, ...parsed.problem };
  }
  const source = parsed.kind === "fx" ? parsed.source : parsed.value.source;
  const id = parsed.kind === "fx" ? parsed.id : parsed.value.eventId;
  const { rights, stage } = options;
  if (rights.sources !== null && !rights.sources.has(source)) {
    const message = `this key may not speak for ${source}`;
    return { index, id, code: "source_forbidden", path: "source", message };
  }
  const privileged = parsed.kind === "fx" || parsed.privileged;
  if (privileged && stage === "gate") {
    const message = "this type is not taken from an inbox";
    return { index, id, code: "privileged_type", path: "type", message };
  }
  if (privileged && !rights.scopes.has("credit:write")) {
    const message = "needs the scope credit:write";
    return { index, id, code: "scope_missing", path: "type", message };
  }
  const records =
    parsed.kind === "fx"
      ? deps.encoder.control("Fx", parsed.value)
      : [
          deps.encoder.business(
            parsed.name,
            parsed.value.customerId,
            parsed.value,
          ),
        ];
  return { index, mark: doorId(source, id), records };
}

/**
 * Answers only after all in-sync replicas have every accepted event and every
 * dead letter. Throws `LogUnavailable` when the log cannot take them.
 */
export async function acceptBatch(
  items: readonly Item[],
  deps: AcceptDeps,
  options: AcceptOptions,
): Promise<BatchAnswer> {
  const good: Good[] = [];
  const failed: Failed[] = [];
  const letters: OutRecord[] = [];
  items.forEach((item, index) => {
    const verdict = judge(item, index, deps, options);
    if ("records" in verdict) good.push(verdict);
    else {
      failed.push(verdict);
      letters.push(
        deps.encoder.deadLetter(deadLetterOf(item, verdict, options)),
      );
    }
  });
  const known = await deps.door.known(good.map((item) => item.mark));
  const inRequest = new Set<string>();
  const fresh: Good[] = [];
  let duplicates = 0;
  good.forEach((item, i) => {
    const repeat = known[i] === true || inRequest.has(item.mark);
    if (repeat) duplicates += 1;
    if (!repeat || options.repeatKnown) fresh.push(item);
    inRequest.add(item.mark);
  });
  await deps.appender.append([
    ...fresh.flatMap((item) => item.records),
    ...letters,
  ]);
  await deps.door.mark(fresh.map((item) => item.mark));
  return { accepted: good.length - duplicates, duplicates, failed };
}
