/**
 * One batch of parsed JSON through the door: check each, append what is good,
 * dead-letter what is not, count what came before. HTTP, the gate and the
 * import all pass here.
 */
import { randomUUID } from "node:crypto";
import type { DeadLetter } from "@riskwall/schemas";
import {
  parseEvent,
  type BusinessEvent,
  type FxEvent,
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

/** Where an inbox record lies. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Rights {
  readonly scopes: ReadonlySet<string>;
  /** Sources that may be named; null = any. */
  readonly sources: ReadonlySet<string> | null;
}

/** An item of a batch: its JSON, or why it never became JSON. */
export type Item =
  | { readonly json: unknown; readonly raw?: string; readonly origin?: Origin }
  | {
      readonly refused: Problem;
      readonly raw: string;
      readonly origin?: Origin;
    };

export type Outcome = "accepted" | "duplicate" | "rejected";

export interface AcceptDeps {
  readonly appender: LogAppender;
  readonly encoder: Encoder;
  readonly door: Door;
  /** Counts events of a kind; called after the acknowledgement. */
  readonly count: (
    source: string,
    type: string,
    outcome: Outcome,
    events: number,
  ) => void;
}

export interface AcceptOptions {
  readonly context: ParseContext;
  readonly rights: Rights;
  readonly stage: "http" | "gate";
  /** Append a known (source, id) too, so that its decision comes again. */
  readonly repeatKnown: boolean;
  /** A dead letter sent again: it is kept already, no second one is written. */
  readonly redrive?: boolean;
}

type GoodEvent = BusinessEvent | FxEvent;

interface Good {
  readonly event: GoodEvent;
  readonly mark: string;
}

/** Why an event that is well formed may still not pass here. */
export function forbidden(
  event: GoodEvent,
  rights: Rights,
  stage: "http" | "gate",
): Problem | null {
  const { source } = event;
  if (rights.sources !== null && !rights.sources.has(source)) {
    const message = `not allowed to speak for ${source}`;
    return { code: "source_forbidden", path: "source", message };
  }
  if (!event.privileged) return null;
  if (stage === "gate") {
    const message = "this type is not taken from an inbox";
    return { code: "privileged_type", path: "type", message };
  }
  if (!rights.scopes.has("credit:write")) {
    const message = "needs the scope credit:write";
    return { code: "scope_missing", path: "type", message };
  }
  return null;
}

/** Records of the log that a good event becomes. */
export function recordsOf(event: GoodEvent, encoder: Encoder): OutRecord[] {
  if (event.kind === "fx") return encoder.control("Fx", event.value);
  const { name, value } = event;
  return [encoder.business(name, value.customerId, value)];
}

function judge(
  item: Item,
  index: number,
  options: AcceptOptions,
): Good | Failed {
  if ("refused" in item) return { index, id: null, ...item.refused };
  const parsed = parseEvent(item.json, options.context);
  if (parsed.kind === "problem") {
    return { index, id: parsed.id, ...parsed.problem };
  }
  const problem = forbidden(parsed, options.rights, options.stage);
  if (problem !== null) return { index, id: parsed.id, ...problem };
  return { event: parsed, mark: doorId(parsed.source, parsed.id) };
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null
    ? (json as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

const shown = (value: unknown): string | null =>
  typeof value === "string" ? value.slice(0, 200).toWellFormed() : null;

function deadLetterOf(
  item: Item,
  failed: Failed,
  options: AcceptOptions,
): DeadLetter {
  const json = "json" in item ? item.json : null;
  const raw = item.raw ?? JSON.stringify(json);
  return {
    id: `${options.stage}-${randomUUID()}`,
    at: options.context.now,
    stage: options.stage,
    source: shown(fieldOf(json, "source")),
    eventId: shown(fieldOf(json, "id")),
    customerId: shown(fieldOf(fieldOf(json, "data"), "customerId")),
    type: shown(fieldOf(json, "type")),
    code: failed.code,
    path: failed.path,
    message: failed.message,
    raw: Buffer.from(raw).subarray(0, rawMaxBytes),
    topic: item.origin?.topic ?? null,
    partition: item.origin?.partition ?? -1,
    offset: item.origin?.offset ?? -1,
  };
}

/** Splits what is new from what the door, or this batch, has seen. */
export async function sift<T extends { readonly mark: string }>(
  items: readonly T[],
  door: Pick<Door, "known">,
): Promise<{ readonly fresh: T[]; readonly repeated: T[] }> {
  const known = await door.known(items.map((item) => item.mark));
  const seen = new Set<string>();
  const fresh: T[] = [];
  const repeated: T[] = [];
  items.forEach((item, i) => {
    const repeat = known[i] === true || seen.has(item.mark);
    (repeat ? repeated : fresh).push(item);
    seen.add(item.mark);
  });
  return { fresh, repeated };
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
  const letters: DeadLetter[] = [];
  items.forEach((item, index) => {
    const verdict = judge(item, index, options);
    if ("event" in verdict) good.push(verdict);
    else {
      failed.push(verdict);
      letters.push(deadLetterOf(item, verdict, options));
    }
  });
  const { fresh, repeated } = await sift(good, deps.door);
  const sent = options.repeatKnown ? good : fresh;
  await deps.appender.append([
    ...sent.flatMap(({ event }) => recordsOf(event, deps.encoder)),
    ...(options.redrive === true ? [] : letters).map((letter) =>
      deps.encoder.deadLetter(letter),
    ),
  ]);
  await deps.door.mark(fresh.map(({ mark }) => mark));
  tally(deps, fresh, repeated, letters);
  return { accepted: fresh.length, duplicates: repeated.length, failed };
}

function tally(
  deps: AcceptDeps,
  fresh: readonly Good[],
  repeated: readonly Good[],
  letters: readonly DeadLetter[],
): void {
  const kindOf = ({ event }: Good): string => `${event.type} ${event.source}`;
  countKinds(deps, "accepted", fresh.map(kindOf));
  countKinds(deps, "duplicate", repeated.map(kindOf));
  countKinds(
    deps,
    "rejected",
    letters.map(({ source, type }) => `${type ?? ""} ${source ?? ""}`),
  );
}

function countKinds(
  deps: AcceptDeps,
  outcome: Outcome,
  kinds: readonly string[],
): void {
  const sums = new Map<string, number>();
  for (const kind of kinds) sums.set(kind, (sums.get(kind) ?? 0) + 1);
  for (const [kind, events] of sums) {
    const [type = "", ...source] = kind.split(" ");
    deps.count(source.join(" "), type, outcome, events);
  }
}
