/** Web Push to one's own browsers. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { callerOf } from "../guard.ts";
import type { Push } from "../people/push.ts";
import { describeRoute, readBody, readId } from "./request.ts";

export interface PushRoutesDeps {
  readonly push: Push;
}

const tag = "push";

/** Bytes of base64url, with or without padding. */
const bytesOf = (count: number, first?: number) =>
  z
    .string()
    .max(200)
    .refine(
      (text) => {
        const bytes = Buffer.from(text, "base64url");
        return bytes.length === count && (first ?? bytes[0]) === bytes[0];
      },
      `is not ${String(count)} bytes in base64url`,
    );

const browserBody = z.object({
  name: z.string().trim().min(1).max(100),
  endpoint: z.url({ protocol: /^https?$/ }).max(1000),
  keys: z.object({
    // An uncompressed point of P-256, and 16 random bytes.
    p256dh: bytesOf(65, 4),
    auth: bytesOf(16),
  }),
});

export function pushRoutes(
  app: FastifyInstance,
  { push }: PushRoutesDeps,
): void {
  app.get(
    "/api/push",
    describeRoute({
      ...{ needs: "self", tag },
      summary: "What a browser needs to register for pushes, and your browsers",
      answer:
        "`publicKey` and a page of `{browserId, name, createdAt}`; 409 `push_off` where it is not set up",
    }),
    async (request) => ({
      ...(await push.look(callerOf(request))),
      next: null,
    }),
  );

  app.put(
    "/api/push/browsers",
    describeRoute({
      ...{ needs: "self", tag, body: browserBody },
      summary: "Register this browser, as `PushSubscription` describes it",
      answer: "`{browserId, name, createdAt}`",
    }),
    async (request) =>
      push.register(callerOf(request), readBody(browserBody, request)),
  );

  app.delete(
    "/api/push/browsers/:id",
    describeRoute({
      ...{ needs: "self", tag, id: "browser id", status: 204 },
      summary: "Push nothing to one of your browsers any more",
      answer: "Nothing",
    }),
    async (request, reply) => {
      await push.remove(callerOf(request), readId(request));
      return reply.status(204).send();
    },
  );

  app.post(
    "/api/push/browsers/:id/test",
    describeRoute({
      ...{ needs: "self", tag, id: "browser id" },
      summary: "Push a test message to one of your browsers",
      answer: "`outcome` and the push service's raw `answer`",
    }),
    async (request) => push.test(callerOf(request), readId(request)),
  );
}
