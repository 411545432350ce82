/** Events of one key through the door, within the rate of the key. */
import {
  acceptBatch,
  type AcceptDeps,
  type BatchAnswer,
  type Item,
} from "./accept.ts";
import { rightsOf } from "./authorise.ts";
import type { Meter } from "./core/token-bucket.ts";
import type { TextReader } from "./core/complaint-text/text-facts.ts";
import { futureMs, type ParseContext } from "./core/parse-event.ts";
import type { ApiKey } from "./io/settings.ts";
import { RequestRefused } from "./problem.ts";

export interface TakeDeps extends AcceptDeps {
  readonly meter: Meter;
  readonly now: () => number;
  /** True in a simulated namespace: the fold alone judges event times. */
  readonly simulated: boolean;
  readonly readText: TextReader;
}

export interface TakeOptions {
  readonly key: ApiKey;
  readonly historical: boolean;
  readonly repeatKnown?: boolean;
  /** Dead letters sent again (`AcceptOptions.redrive`). */
  readonly redrive?: boolean;
}

/** What event times are judged by now. */
export function parseContext(
  deps: Pick<TakeDeps, "now" | "simulated" | "readText">,
  historical: boolean,
): ParseContext {
  const now = deps.now();
  const latest = deps.simulated ? null : now + futureMs;
  return { now, latest, historical, readText: deps.readText };
}

/** RateLimit fields of an answer (current draft names, and the old ones). */
export function rateHeaders(
  deps: Pick<TakeDeps, "meter" | "now">,
  key: ApiKey,
): Record<string, string> {
  const { remaining, limit } = deps.meter.take(key.id, 0, deps.now());
  return {
    "ratelimit-policy": `"events";q=${String(limit)};w=10`,
    ratelimit: `"events";r=${String(remaining)};t=10`,
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
  };
}

/** Refuses with 429 when the key has used up its rate. */
export async function takeBatch(
  items: readonly Item[],
  deps: TakeDeps,
  options: TakeOptions,
): Promise<BatchAnswer> {
  const { key } = options;
  const { waitSeconds } = deps.meter.take(key.id, items.length, deps.now());
  if (waitSeconds > 0) {
    throw new RequestRefused("rate_limited", undefined, waitSeconds);
  }
  return acceptNow(items, deps, options);
}

/** Waits for the rate instead: the sender of a stream is held back. */
export async function takePiece(
  items: readonly Item[],
  deps: TakeDeps,
  options: TakeOptions,
): Promise<BatchAnswer> {
  for (;;) {
    const now = deps.now();
    const { waitSeconds } = deps.meter.take(options.key.id, items.length, now);
    if (waitSeconds === 0) return acceptNow(items, deps, options);
    await new Promise((go) => setTimeout(go, waitSeconds * 1000));
  }
}

async function acceptNow(
  items: readonly Item[],
  deps: TakeDeps,
  { key, historical, repeatKnown = false, redrive = false }: TakeOptions,
): Promise<BatchAnswer> {
  return acceptBatch(items, deps, {
    context: parseContext(deps, historical),
    rights: rightsOf(key),
    stage: "http",
    repeatKnown: repeatKnown || redrive,
    redrive,
  });
}

/** 202 all, 207 some, 422 none. */
export function statusOf(answer: {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failedCount: number;
}): number {
  if (answer.failedCount === 0) return 202;
  return answer.accepted + answer.duplicates > 0 ? 207 : 422;
}
