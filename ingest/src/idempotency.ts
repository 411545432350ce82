/** `Idempotency-Key` of a request (contract 2): answers kept for 24 h. */
import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { inFlightSeconds, type RequestMemory } from "./io/door.ts";
import { RequestRefused } from "./problem.ts";

/** A whole answer: what is sent, and stored under the key. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body, hashed while it is read, and a sign of life for long ones. */
export interface GuardedBody {
  readonly body: AsyncGenerator<Buffer>;
  readonly alive: () => Promise<void>;
}

const keyPattern = /^[\x21-\x7e]{1,200}$/;
const renewMs = (inFlightSeconds * 1000) / 4;

async function* hashed(body: Readable, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    // A readable without an encoding gives buffers.
    const bytes = chunk as Buffer;
    hash.update(bytes);
    yield bytes;
  }
}

async function drain(body: AsyncIterable<Buffer>): Promise<void> {
  const reader = body[Symbol.asyncIterator]();
  while ((await reader.next()).done !== true);
}

function keyOf(request: FastifyRequest): string | null {
  const given = request.headers["idempotency-key"];
  if (given === undefined) return null;
  if (typeof given !== "string" || !keyPattern.test(given)) {
    throw new RequestRefused("bad_idempotency_key");
  }
  return given;
}

/** Asks the memory; a memory that is away is a 503, never a guess. */
async function ask<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new RequestRefused("idempotency_unavailable", String(error));
  }
}

/**
 * Runs `work` once per key of an API key: the same body again gets the stored
 * answer, another body 422, one still running 409.
 */
export function createIdempotent(
  memory: RequestMemory,
  log: Pick<Logger, "warn">,
  now: () => number,
) {
  return async (
    request: FastifyRequest,
    owner: string,
    raw: Readable,
    work: (guarded: GuardedBody) => Promise<Answer>,
  ): Promise<Answer> => {
    const given = keyOf(request);
    const hash = createHash("sha256");
    const body = hashed(raw, hash);
    if (given === null) return work({ body, alive: async () => nothing });
    const key = `${owner}:${given}`;
    const begun = await ask(async () => memory.begin(key));
    if (begun.kind === "in-flight") {
      throw new RequestRefused("idempotency_in_flight", undefined, 1);
    }
    if (begun.kind === "answered") {
      await drain(body);
      if (hash.digest("hex") !== begun.hash) {
        throw new RequestRefused("idempotency_mismatch");
      }
      const { status, body: text } = begun.answer;
      // Stored below, from an object.
      const stored = JSON.parse(text) as object;
      return { status, body: stored, headers: { "idempotent-replay": "true" } };
    }
    const forget = async (): Promise<void> => {
      await memory.abandon(key).catch((error: unknown) => {
        log.warn({ error: String(error) }, "idempotency key stays in flight");
      });
    };
    let renewed = now();
    const alive = async (): Promise<void> => {
      if (now() - renewed < renewMs) return;
      renewed = now();
      await ask(async () => memory.renew(key));
    };
    let answer: Answer;
    try {
      answer = await work({ body, alive });
    } catch (error) {
      await forget();
      throw error;
    }
    if (answer.status >= 500) {
      await forget();
      return answer;
    }
    const kept = { status: answer.status, body: JSON.stringify(answer.body) };
    await memory
      .finish(key, hash.digest("hex"), kept)
      .catch((error: unknown) => {
        // The events are in the log: the answer is true even if not kept.
        log.warn({ error: String(error) }, "idempotent answer not kept");
      });
    return answer;
  };
}

const nothing = undefined;
export type Idempotent = ReturnType<typeof createIdempotent>;
