/** API keys of the gateway. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { callerOf } from "../guard.ts";
import type { Settings } from "../io/settings.ts";
import { keyScopes, type Keys } from "../people/keys.ts";
import { describeRoute, instant, readBody, readId } from "./request.ts";

export interface KeysRoutesDeps {
  readonly keys: Keys;
  readonly settings: Pick<Settings, "sources">;
}

const tag = "keys";
/** Longest time that an old key lives beside its successor. */
export const overlapMaxHours = 168;

const fields = {
  name: z.string().trim().min(1).max(100),
  scopes: z.array(z.enum(keyScopes)).min(1).max(keyScopes.length),
  sources: z
    .array(z.union([z.literal("*"), z.string().regex(/^[\w.-]{1,100}$/)]))
    .min(1)
    .max(50)
    .describe("sources it may name in events; `*` = any"),
};
const newKey = z.object({
  ...fields,
  test: z.boolean().default(false).describe("its text begins with `rw_test_`"),
  expiresAt: instant.optional(),
});
const changedKey = z.object(fields);
const rotation = z
  .object({
    overlapHours: z
      .number()
      .min(0)
      .max(overlapMaxHours)
      .default(24)
      .describe("how long the old key still works"),
  })
  .default({ overlapHours: 24 });
const reasonBody = z
  .object({ reason: z.string().trim().max(2000).optional() })
  .default({});

export function keyRoutes(app: FastifyInstance, deps: KeysRoutesDeps): void {
  const { keys } = deps;
  const needs = "administer";
  const id = "key id";

  app.get(
    "/api/keys",
    describeRoute({
      ...{ needs, tag },
      summary: "API keys of the gateway, the newest first",
      answer: "A page of keys, without their secrets; `sources` with an inbox",
    }),
    () => ({
      items: keys.list(),
      next: null,
      sources: deps.settings.sources(),
    }),
  );

  app.post(
    "/api/keys",
    describeRoute({
      ...{ needs, tag },
      summary: "Make a key",
      body: newKey,
      answer: "The key; its text as `key`, shown this once",
      status: 201,
    }),
    async (request, reply) => {
      const { expiresAt = null, ...rest } = readBody(newKey, request);
      const wanted = { ...rest, expiresAt };
      const made = await keys.create(callerOf(request), wanted);
      return reply.status(201).send(made);
    },
  );

  app.put(
    "/api/keys/:id",
    describeRoute({
      ...{ needs, tag, id },
      summary: "Change name, scopes and sources; holds at once",
      body: changedKey,
      answer: "The key",
    }),
    async (request) =>
      keys.change(
        callerOf(request),
        readId(request),
        readBody(changedKey, request),
      ),
  );

  app.post(
    "/api/keys/:id/rotate",
    describeRoute({
      ...{ needs, tag, id },
      summary: "Make its successor; both work for a while",
      body: rotation,
      answer: "The new key; its text as `key`, shown this once",
      status: 201,
    }),
    async (request, reply) => {
      const { overlapHours } = readBody(rotation, request);
      const who = callerOf(request);
      const made = await keys.rotate(who, readId(request), overlapHours);
      return reply.status(201).send(made);
    },
  );

  app.post(
    "/api/keys/:id/revoke",
    describeRoute({
      ...{ needs, tag, id },
      summary: "End a key at once",
      body: reasonBody,
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const why = readBody(reasonBody, request).reason ?? null;
      await keys.revoke(callerOf(request), readId(request), why);
      return reply.status(204).send();
    },
  );
}
