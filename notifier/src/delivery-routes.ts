/** HTTP of deliveries: what became of them, and dead ones sent again. */
import {
  deliveryStates,
  type AlertDeliveries,
} from "@riskwall/schemas/notify-views";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Outbox, RecentPlace } from "./outbox/outbox.ts";
import { invalid, refuse } from "./problem.ts";

/** Dead letters listed at once. */
const deadListMax = 200;
const pageMax = 200;
const idParam = z.object({ id: z.string().min(1).max(200) });

const seenBody = z.object({ alertId: z.string().min(1).max(200) });

const placeShape = /^(\d{1,16}) (\S+)$/;
const query = z.object({
  state: z.enum(deliveryStates).optional(),
  channel: z.string().min(1).max(100).optional(),
  limit: z.coerce.number().int().min(1).max(pageMax).default(50),
  cursor: z
    .string()
    .max(300)
    .optional()
    .transform((text, context): RecentPlace | null => {
      if (text === undefined || text === "") return null;
      const plain = Buffer.from(text, "base64url").toString();
      const [, at, id] = placeShape.exec(plain) ?? [];
      if (id !== undefined) return { at: Number(at), id };
      context.addIssue({ code: "custom", message: "is not one of ours" });
      return z.NEVER;
    }),
});

const cursorOf = ({ at, id }: RecentPlace): string =>
  Buffer.from(`${String(at)} ${id}`).toString("base64url");

export interface DeliveryDeps {
  readonly outbox: Pick<
    Outbox,
    "delivery" | "ofAlert" | "recent" | "dead" | "resend" | "see"
  >;
  readonly now: () => number;
}

export function addDeliveryRoutes(
  app: FastifyInstance,
  { outbox, now }: DeliveryDeps,
): void {
  app.get("/v1/alerts/:id/deliveries", async (request) => {
    const { id } = idParam.parse(request.params);
    const { deliveries, acknowledged } = await outbox.ofAlert(id);
    const found: AlertDeliveries = {
      ...{ items: deliveries, acknowledgedAt: acknowledged },
    };
    return { ...found, next: null };
  });

  app.get("/v1/deliveries", async (request, reply) => {
    const asked = query.safeParse(request.query);
    if (!asked.success) {
      return refuse(reply, invalid(asked.error, "invalid_query"));
    }
    const { state = null, channel = null, limit, cursor } = asked.data;
    const filter = { state, channel };
    const { items, next } = await outbox.recent(filter, cursor, limit);
    return { items, next: next && cursorOf(next) };
  });

  app.get("/v1/deliveries/:id", async (request, reply) => {
    const row = await outbox.delivery(idParam.parse(request.params).id);
    return (
      row ??
      refuse(reply, {
        ...{ status: 404, code: "delivery_unknown", title: "No such delivery" },
      })
    );
  });

  app.post("/v1/deliveries/:id/seen", async (request, reply) => {
    const { id } = idParam.parse(request.params);
    const parsed = seenBody.safeParse(request.body);
    if (!parsed.success) return refuse(reply, invalid(parsed.error));
    if (await outbox.see(id, parsed.data.alertId, now())) return { id };
    const title = "No such delivery of this alert";
    return refuse(reply, { status: 404, code: "delivery_unknown", title });
  });

  app.get("/v1/deadletters", async () => ({
    items: await outbox.dead(deadListMax),
    next: null,
  }));

  app.post("/v1/deadletters/:id/resend", async (request, reply) => {
    const { id } = idParam.parse(request.params);
    if (await outbox.resend(id, now())) return reply.status(202).send({ id });
    const title = "No such dead letter";
    return refuse(reply, { status: 404, code: "delivery_unknown", title });
  });
}
