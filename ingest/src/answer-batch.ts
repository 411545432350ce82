/** One event, or an array of them, held whole. */
import type { BatchAnswer, Item } from "./accept.ts";
import { decisionJson } from "./core/decision-json.ts";
import type { Answer } from "./idempotency.ts";
import type { DecisionWaiter, FoldAnswer } from "./io/decisions.ts";
import { limits } from "./limits.ts";
import { RequestRefused } from "./problem.ts";
import {
  statusOf,
  takeBatch,
  type TakeDeps,
  type TakeOptions,
} from "./take.ts";

/** The order of an event that is waited for. */
export interface OrderIdentity {
  readonly source: string;
  readonly id: string;
  readonly orderId: string;
}

export interface BatchDeps extends TakeDeps {
  readonly decisions: DecisionWaiter;
  /** The newest decision that history has; rejects when it is away. */
  readonly storedDecision: (order: OrderIdentity) => Promise<object | null>;
}

/** The fold repeats what it keeps at once; what it forgot is in history. */
const foldFirstMs = 1000;

export interface BatchOptions extends TakeOptions {
  /** What the media type promises. */
  readonly shape: "one" | "array" | "any";
  /** Seconds of `Prefer: wait`; 0 = answer at once. */
  readonly waitSeconds: number;
  readonly requestId: string;
}

function parseBody(text: string): unknown {
  if (text.trim() === "") throw new RequestRefused("empty_body");
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : undefined;
    throw new RequestRefused("not_json", why);
  }
}

function itemsOf(
  json: unknown,
  text: string,
  shape: BatchOptions["shape"],
): Item[] {
  if (!Array.isArray(json)) {
    if (shape === "array") throw new RequestRefused("not_array");
    if (Buffer.byteLength(text) > limits.eventMaxBytes) {
      const detail = `at most ${String(limits.eventMaxBytes)} bytes`;
      throw new RequestRefused("event_too_large", detail);
    }
    return [{ json, raw: text }];
  }
  if (shape === "one") throw new RequestRefused("not_object");
  if (json.length === 0) throw new RequestRefused("empty_body");
  if (json.length > limits.batchMaxEvents) {
    const detail = `at most ${String(limits.batchMaxEvents)} events`;
    throw new RequestRefused("batch_too_large", detail);
  }
  const maySurpass = text.length * 3 > limits.eventMaxBytes;
  return json.map((item: unknown): Item => {
    if (!maySurpass) return { json: item };
    const raw = JSON.stringify(item);
    if (Buffer.byteLength(raw) <= limits.eventMaxBytes) {
      return { json: item, raw };
    }
    const message = `at most ${String(limits.eventMaxBytes)} bytes`;
    return { refused: { code: "event_too_large", path: "$", message }, raw };
  });
}

/** Identity of a single order.placed: the one event that can be waited for. */
function orderOf(json: unknown): OrderIdentity | null {
  if (typeof json !== "object" || json === null) return null;
  if (!("type" in json && json.type === "order.placed")) return null;
  if (!("source" in json && typeof json.source === "string")) return null;
  if (!("id" in json && typeof json.id === "string")) return null;
  const orderId = orderIdOf("data" in json ? json.data : null);
  return { source: json.source, id: json.id, orderId };
}

function orderIdOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  return "orderId" in data && typeof data.orderId === "string"
    ? data.orderId
    : "";
}

/** Answers when every event is acknowledged, or the order decided. */
export async function answerBatch(
  text: string,
  deps: BatchDeps,
  options: BatchOptions,
): Promise<Answer> {
  const json = parseBody(text);
  const items = itemsOf(json, text, options.shape);
  const order = options.waitSeconds > 0 ? orderOf(json) : null;
  if (order !== null) return answerOrder(order, items, deps, options);
  const answer = await takeBatch(items, deps, options);
  return plain(answer, options.requestId);
}

function plain(answer: BatchAnswer, requestId: string): Answer {
  const { accepted, duplicates, failed } = answer;
  const rest = failed.length === 0 ? {} : { failed };
  return {
    status: statusOf({ accepted, duplicates, failedCount: failed.length }),
    body: { accepted, duplicates, ...rest, requestId },
  };
}

/**
 * The decision on an order that was sent before: from the fold while it keeps
 * it, else from history; without either the wait goes on.
 */
async function repeatedDecision(
  order: OrderIdentity,
  waited: Promise<FoldAnswer | null>,
  deps: BatchDeps,
): Promise<FoldAnswer | { readonly kind: "stored"; decision: object } | null> {
  const first = await Promise.race([
    waited,
    new Promise<null>((go) => setTimeout(go, foldFirstMs, null)),
  ]);
  if (first !== null) return first;
  // Where history is away, the fold may still answer in the time asked for.
  const decision = await deps.storedDecision(order).catch(() => null);
  return decision === null ? waited : { kind: "stored", decision };
}

async function answerOrder(
  order: OrderIdentity,
  items: readonly Item[],
  deps: BatchDeps,
  options: BatchOptions,
): Promise<Answer> {
  const { source, id } = order;
  const wait = deps.decisions.wait(source, id, options.waitSeconds * 1000);
  let taken: BatchAnswer;
  try {
    taken = await takeBatch(items, deps, { ...options, repeatKnown: true });
    if (taken.failed.length > 0) wait.drop();
  } catch (error) {
    wait.drop();
    throw error;
  }
  const answer =
    taken.duplicates > 0
      ? await repeatedDecision(order, wait.answer, deps)
      : await wait.answer;
  wait.drop();
  const applied = `wait=${String(options.waitSeconds)}`;
  const { status, body } = decided(answer, id, taken, options.requestId);
  return { status, body, headers: { "preference-applied": applied } };
}

function decided(
  answer: Awaited<ReturnType<typeof repeatedDecision>>,
  id: string,
  taken: BatchAnswer,
  requestId: string,
): Answer {
  if (answer === null) return plain(taken, requestId);
  const { duplicates } = taken;
  if (answer.kind === "late") {
    const { status, body } = plain(taken, requestId);
    return { status, body: { ...body, late: answer.reason } };
  }
  if (answer.kind === "dead-letter") {
    const { code, message, path } = answer;
    const failed = [{ index: 0, id, code, message, path }];
    return {
      status: 422,
      body: { accepted: 0, duplicates, failed, requestId },
    };
  }
  const decision =
    answer.kind === "stored" ? answer.decision : decisionJson(answer.decision);
  const { accepted } = taken;
  return { status: 200, body: { decision, accepted, duplicates, requestId } };
}
