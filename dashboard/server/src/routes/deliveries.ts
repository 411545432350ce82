/** What became of the messages about an alert. */
import type { FastifyInstance } from "fastify";
import type { Notifier } from "../io/notifier.ts";
import { describeRoute, readId } from "./request.ts";

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
}
