import type { FastifyRequest } from "fastify";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { describe, expect, it } from "vitest";
import { Problem } from "../problem.ts";
import { actionIdOf, answerKeptS, atWorkS, createOnce } from "./once.ts";

/** Three commands of Redis over a map; times to live are noted. */
function memory() {
  const values = new Map<string, { text: string; seconds: number }>();
  let away = false;
  const orAway = async <T>(work: () => T): Promise<T> =>
    away ? Promise.reject(new Error("closed")) : Promise.resolve(work());
  const redis = {
    set: async (key: string, text: string, _: "EX", s: number, nx?: "NX") =>
      orAway(() => {
        if (nx === "NX" && values.has(key)) return null;
        values.set(key, { text, seconds: s });
        return "OK";
      }),
    get: async (key: string) => orAway(() => values.get(key)?.text ?? null),
    del: async (key: string) => orAway(() => (values.delete(key) ? 1 : 0)),
  };
  // The three commands that are used.
  const once = createOnce(redis as unknown as RedisClient, "test");
  return { once, values, goAway: () => (away = true) };
}

function requestOf(key: string | undefined, body: unknown): FastifyRequest {
  const headers = key === undefined ? {} : { "idempotency-key": key };
  const url = "/api/alerts/a-1/actions";
  // What is read of a request.
  return { headers, url, body } as unknown as FastifyRequest;
}
const ack = { action: "acknowledge", expected: 0 };

describe("an action under a key", () => {
  it("is done once and answered the same again", async () => {
    const { once, values } = memory();
    const ids: (string | undefined)[] = [];
    const work = async (id: string | undefined): Promise<object> => {
      ids.push(id);
      return Promise.resolve({ actionVersion: ids.length });
    };
    const ask = async (): Promise<object> =>
      once(requestOf("k", ack), "li", work);
    expect(await ask()).toEqual({ actionVersion: 1 });
    expect(await ask()).toEqual({ actionVersion: 1 });
    expect(ids).toEqual([actionIdOf("li", "k")]);
    expect([...values.values()].map(({ seconds }) => seconds)).toEqual([
      answerKeptS,
    ]);
  });

  it("is refused the same again", async () => {
    const { once } = memory();
    let tries = 0;
    const stale = async (): Promise<object> => {
      tries += 1;
      const current = { actor: "wang" };
      return Promise.reject(new Problem(409, "STALE", "late", { current }));
    };
    for (let i = 0; i < 2; i += 1) {
      await expect(
        once(requestOf("k", ack), "li", stale),
      ).rejects.toMatchObject({
        ...{ status: 409, code: "STALE", message: "late" },
        extra: { current: { actor: "wang" } },
      });
    }
    expect(tries).toBe(1);
  });

  it("belongs to one person and one request", async () => {
    const { once } = memory();
    const work = async (): Promise<object> => Promise.resolve({ ok: 1 });
    await once(requestOf("k", ack), "li", work);
    await expect(
      once(requestOf("k", { ...ack, expected: 1 }), "li", work),
    ).rejects.toMatchObject({ status: 422, code: "idempotency_mismatch" });
    expect(actionIdOf("wang", "k")).not.toBe(actionIdOf("li", "k"));
    expect(await once(requestOf("k", ack), "wang", work)).toEqual({ ok: 1 });
  });

  it("that is still at work is not begun a second time", async () => {
    const { once, values } = memory();
    const open = Promise.withResolvers<object>();
    const first = once(requestOf("k", ack), "li", async () => open.promise);
    // The first has begun once its key is there.
    while (values.size === 0) await Promise.resolve();
    expect([...values.values()][0]?.seconds).toBe(atWorkS);
    await expect(
      once(requestOf("k", ack), "li", async () => Promise.resolve({})),
    ).rejects.toMatchObject({ status: 409, code: "idempotency_in_flight" });
    open.resolve({ done: true });
    expect(await first).toEqual({ done: true });
  });

  it.each<[string, () => Promise<object>]>([
    ["the fold is late", async () => Promise.resolve({ pending: true })],
    [
      "the log is away",
      async () => Promise.reject(new Problem(503, "log_unavailable", "away")),
    ],
  ])("keeps no answer while %s", async (_, work) => {
    const { once, values } = memory();
    await once(requestOf("k", ack), "li", work).catch((error: unknown) => {
      expect(error).toMatchObject({ status: 503 });
    });
    expect(values.size).toBe(0);
  });

  it("does nothing while answers cannot be kept", async () => {
    const { once, goAway } = memory();
    goAway();
    let tries = 0;
    const work = async (): Promise<object> => Promise.resolve({ n: ++tries });
    await expect(once(requestOf("k", ack), "li", work)).rejects.toMatchObject({
      status: 503,
    });
    expect(tries).toBe(0);
  });

  it("has a key that can be read, or none", async () => {
    const { once } = memory();
    const work = async (id: string | undefined): Promise<object> =>
      Promise.resolve({ id });
    await expect(once(requestOf("k k", ack), "li", work)).rejects.toMatchObject(
      { status: 400, code: "bad_idempotency_key" },
    );
    expect(await once(requestOf(undefined, ack), "li", work)).toEqual({
      id: undefined,
    });
  });
});
