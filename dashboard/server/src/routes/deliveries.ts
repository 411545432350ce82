/** What became of the messages about an alert. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { notifierPath, type Notifier } from "../io/notifier.ts";
import { describeRoute, readBody, readId } from "./request.ts";

const seenBody = z.object({ delivery: z.string().regex(/^msg_[\w-]{1,60}$/) });

export interface DeliveriesDeps {
  readonly notifier: Notifier;
}

export function deliveryRoutes(
  app: FastifyInstance,
  { notifier }: DeliveriesDeps,
): void {
  app.get(
    "/api/alerts/:id/deliveries",
    describeRoute({
      needs: "look",
      summary: "Messages about an alert: channel, state, the raw answer",
      tag: "alerts",
      id: "alert id",
      answer:
        "A page of `{id, channel, kind, state, attempts, queuedAt, sentAt, acceptedAt, why, answer}` and `acknowledgedAt`",
    }),
    async (request) => notifier.deliveries(readId(request)),
  );

  app.post(
    "/api/alerts/:id/seen",
    describeRoute({
      needs: "glance",
      summary: "Say that the link of a message about the alert was opened",
      tag: "alerts",
      id: "alert id",
      body: seenBody,
      answer: "`{id}` of the delivery",
    }),
    async (request) => {
      const { delivery } = readBody(seenBody, request);
      const body = { alertId: readId(request) };
      return notifier.post(notifierPath("deliveries", delivery, "/seen"), body);
    },
  );
}
