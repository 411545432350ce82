/** Channels, routing and deliveries of the notifier, for people. */
import { deliveryStates } from "@riskwall/schemas/notify-views";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf } from "../guard.ts";
import { notifierPath, testTimeoutMs, type Notifier } from "../io/notifier.ts";
import { severityNames } from "../io/settings.ts";
import {
  describeRoute,
  pageDefault,
  pageMax,
  readBody,
  readId,
  readQuery,
} from "./request.ts";

export interface NotifyDeps {
  readonly notifier: Pick<Notifier, "get" | "post">;
  readonly audit: Pick<AuditTrail, "done">;
}

const tag = "notifications";

const whoBody = z.object({
  severity: z.enum(severityNames),
  rule: z.string().min(1).max(100),
  customer: z.string().min(1).max(200),
  at: z.iso.datetime({ offset: true }).optional(),
});

const listQuery = z.object({
  state: z.enum(deliveryStates).optional(),
  channel: z.string().min(1).max(100).optional(),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(pageMax).default(pageDefault),
});

/** What of a delivery goes to the audit log: not the provider's words. */
const deliveryShape = z.object({
  channel: z.string(),
  kind: z.string(),
  state: z.string(),
  attempts: z.number(),
  why: z.string().default(""),
});

function channelRoutes(app: FastifyInstance, deps: NotifyDeps): void {
  const { notifier, audit } = deps;

  app.get(
    "/api/notify/channels",
    describeRoute({
      needs: "look",
      summary: "Channels; nothing of them that is secret",
      tag,
      answer:
        "A page of `{id, kind, language, enabled, target, health, why, circuit, acceptedAt, failedAt, quotas[], waiting}`",
    }),
    async () => notifier.get("/v1/channels"),
  );

  app.post(
    "/api/notify/channels/:id/test",
    describeRoute({
      needs: "configure",
      summary: "Send a test message by a channel",
      tag,
      id: "channel id",
      answer: "The request, masked, the raw answer, and what it means",
    }),
    async (request) => {
      const id = readId(request);
      const path = notifierPath("channels", id, "/test");
      const answer = await notifier.post(path, {}, testTimeoutMs);
      await audit.done(callerOf(request), {
        ...{ action: "channel.test", targetKind: "channel", targetId: id },
        after: answer["outcome"],
      });
      return answer;
    },
  );
}

function routingRoutes(app: FastifyInstance, { notifier }: NotifyDeps): void {
  app.get(
    "/api/notify/routing",
    describeRoute({
      needs: "look",
      summary: "The routing tree, with everything inherited filled in",
      tag,
      answer: "`version`, `roots[]`, `receivers[]`, `inhibitRules[]`",
    }),
    async () => notifier.get("/v1/routing"),
  );

  app.post(
    "/api/notify/routing/who",
    describeRoute({
      needs: "look",
      summary: "Who gets such an alert, when, and why",
      tag,
      body: whoBody,
      answer:
        "A page of `{route, receiver, channels[], failover[], because[], afterMs, repeatMs, heldBack}`",
    }),
    async (request) =>
      notifier.post("/v1/routing/who", readBody(whoBody, request)),
  );
}

function letterRoutes(app: FastifyInstance, deps: NotifyDeps): void {
  const { notifier, audit } = deps;
  const page =
    "A page of `{id, channel, kind, severity, state, attempts, queuedAt, sentAt, acceptedAt, why, answer, alerts[]}`";

  app.get(
    "/api/notify/deliveries",
    describeRoute({
      needs: "look",
      summary: "Deliveries, the latest first",
      tag,
      query: listQuery,
      answer: page,
    }),
    async (request) => {
      const query = new URLSearchParams();
      const asked = readQuery(listQuery, request);
      for (const [name, value] of Object.entries(asked)) {
        query.set(name, String(value));
      }
      return notifier.get(`/v1/deliveries?${query.toString()}`);
    },
  );

  app.get(
    "/api/notify/deadletters",
    describeRoute({
      needs: "look",
      summary: "Deliveries given up, the latest first, 200 at most",
      tag,
      answer: page,
    }),
    async () => notifier.get("/v1/deadletters"),
  );

  app.post(
    "/api/notify/deadletters/:id/resend",
    describeRoute({
      needs: "operate",
      summary: "Send a delivery that was given up again, under its id",
      tag,
      id: "delivery id",
      answer: "`{id}`",
      status: 202,
    }),
    async (request, reply) => {
      const id = readId(request);
      const known = await notifier.get(notifierPath("deliveries", id));
      const before = deliveryShape.parse(known);
      await notifier.post(notifierPath("deadletters", id, "/resend"), {});
      await audit.done(callerOf(request), {
        ...{ action: "delivery.resend", targetKind: "delivery", targetId: id },
        ...{ before, after: { ...before, state: "queued" } },
      });
      return reply.status(202).send({ id });
    },
  );
}

export function notifyRoutes(app: FastifyInstance, deps: NotifyDeps): void {
  channelRoutes(app, deps);
  routingRoutes(app, deps);
  letterRoutes(app, deps);
}
