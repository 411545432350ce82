/**
 * `Idempotency-Key` of an action: the same request again gets the same answer,
 * a refusal included. Redis keeps the answer; that an action is applied once is
 * the fold's to see, which knows it by the id made from the key.
 */
import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { partAway, Problem } from "../problem.ts";

/** How long an answer is kept. */
export const answerKeptS = 86_400;
/** How long a request may be at work before another may try. */
export const atWorkS = 30;

const keyPattern = /^[\x21-\x7e]{1,200}$/;

/** Runs an action under the request's key; without a key just runs it. */
export type Once = (
  request: FastifyRequest,
  user: string,
  /** Gets the id of the action; undefined: any. */
  work: (actionId: string | undefined) => Promise<object>,
) => Promise<object>;

interface Kept {
  /** Hash of path and body: a key belongs to one request. */
  readonly asked: string;
  readonly body?: object;
  readonly refusal?: {
    readonly status: number;
    readonly code: string;
    readonly title: string;
    readonly extra: Readonly<Record<string, unknown>>;
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The id of an action, always the same for a key of a person. */
export function actionIdOf(user: string, key: string): string {
  const hex = sha256(`${user}\n${key}`);
  const cut = [0, 8, 12, 16, 20, 32];
  return cut
    .slice(1)
    .map((end, i) => hex.slice(cut[i], end))
    .join("-");
}

function keyOf({ headers }: FastifyRequest): string | null {
  const given = headers["idempotency-key"];
  if (given === undefined) return null;
  if (typeof given === "string" && keyPattern.test(given)) return given;
  const title = "An idempotency key is 1-200 visible ASCII";
  throw new Problem(400, "bad_idempotency_key", title);
}

/** The answer kept of an earlier request; throws where it was a refusal. */
function replay(text: string, asked: string): object {
  // Written below.
  const kept = JSON.parse(text) as Kept;
  if (kept.asked !== asked) {
    const title = "The key was used with another body";
    throw new Problem(422, "idempotency_mismatch", title);
  }
  if (kept.refusal !== undefined) {
    const { status, code, title, extra } = kept.refusal;
    throw new Problem(status, code, title, extra);
  }
  if (kept.body !== undefined) return kept.body;
  const title = "A request under this key is still running";
  throw new Problem(409, "idempotency_in_flight", title, {}, 1);
}

/** True for an answer that another try could change: it is not kept. */
function isOpen(body: object): boolean {
  return "pending" in body;
}

export function createOnce(redis: RedisClient, namespace: string): Once {
  const orAway = async <Value>(ask: Promise<Value>): Promise<Value> =>
    ask.catch((error: unknown) => {
      throw partAway("redis", error);
    });

  return async (request, user, work) => {
    const key = keyOf(request);
    if (key === null) return work(undefined);
    const actionId = actionIdOf(user, key);
    const name = `{${namespace}:dash}:once:${actionId}`;
    const asked = sha256(`${request.url}\n${JSON.stringify(request.body)}`);
    const begun: Kept = { asked };
    const mine = await orAway(
      redis.set(name, JSON.stringify(begun), "EX", atWorkS, "NX"),
    );
    if (mine === null) {
      const text = await orAway(redis.get(name));
      // Gone between the two: its work was given up.
      if (text === null) return work(actionId);
      return replay(text, asked);
    }
    const keep = async (kept: Kept): Promise<void> => {
      await orAway(redis.set(name, JSON.stringify(kept), "EX", answerKeptS));
    };
    let body: object;
    try {
      body = await work(actionId);
    } catch (error) {
      if (error instanceof Problem && error.status === 409) {
        const { status, code, message: title, extra } = error;
        await keep({ asked, refusal: { status, code, title, extra } });
      } else await orAway(redis.del(name));
      throw error;
    }
    if (isOpen(body)) await orAway(redis.del(name));
    else await keep({ asked, body });
    return body;
  };
}
