/** Orders: their decisions, release and reject. */
import type { DecisionView } from "@riskwall/schemas";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Actions } from "../actions.ts";
import type { HoldQueue } from "../core/hold-queue.ts";
import type { Recent } from "../core/recent.ts";
import { readOrder } from "../io/past-outputs.ts";
import type { Once } from "../io/once.ts";
import type { Past } from "../io/past.ts";
import type { Present } from "../io/present.ts";
import { callerOf } from "../guard.ts";
import { Problem } from "../problem.ts";
import { describeRoute, instant, readBody, readId } from "./request.ts";

export interface OrdersDeps {
  readonly actions: Actions;
  readonly once: Once;
  readonly decisions: Recent<DecisionView>;
  readonly queue: Pick<HoldQueue, "get">;
  readonly past: Past;
  readonly present: Present;
}

const tag = "orders";
const orderAction = z.object({
  action: z.enum(["release", "reject"]),
  reason: z.string().trim().min(1).max(2000),
  expires: instant.optional().describe("when a release ends"),
});

export function orderRoutes(app: FastifyInstance, deps: OrdersDeps): void {
  const { decisions, past } = deps;

  /** All decisions of an order, newest first, live ones included. */
  const historyOf = async (orderId: string): Promise<DecisionView[]> => {
    const merged = new Map<string, DecisionView>();
    for (const view of decisions.list()) {
      if (view.orderId === orderId) merged.set(view.id, view);
    }
    for (const view of await readOrder(past, orderId)) {
      merged.set(view.id, view);
    }
    const all = [...merged.values()].sort(byPlace);
    if (all.length > 0) return all;
    throw new Problem(404, "order_unknown", "No decision on this order");
  };

  app.get(
    "/api/orders/:id",
    describeRoute({
      needs: "look",
      summary: "Decision, holds and releases of one order",
      tag,
      id: "order id",
      answer: "`{orderId, customerId, held, decision, history}`",
    }),
    async (request) => {
      const orderId = readId(request);
      const history = await historyOf(orderId);
      const [decision] = history;
      return {
        orderId,
        customerId: decision?.customerId,
        held: decision?.outcome === "hold",
        decision,
        history,
      };
    },
  );

  const ownerOf = async (orderId: string): Promise<string> => {
    const live =
      deps.queue.get(orderId) ??
      decisions.find((view) => view.orderId === orderId);
    if (live) return live.customerId;
    const [latest] = await historyOf(orderId);
    return latest?.customerId ?? "";
  };

  app.post(
    "/api/orders/:id/actions",
    describeRoute({
      needs: "operate",
      summary: "Release or reject a held order",
      tag,
      id: "order id",
      body: orderAction,
      answer: "`{outcome, decision}`, or `{pending}`",
      status: 202,
    }),
    async (request, reply) => {
      const who = callerOf(request);
      const orderId = readId(request);
      const body = readBody(orderAction, request);
      const answer = await deps.once(request, who.user, async (actionId) => {
        const customerId = await ownerOf(orderId);
        if (!(await deps.present.exists(customerId))) {
          throw new Problem(404, "customer_unknown", "The customer is gone");
        }
        const target = {
          customerId,
          target: "order",
          targetId: orderId,
        } as const;
        const fields = {
          ...{ action: body.action, actionId, reason: body.reason },
          until: body.expires ?? null,
        };
        const held = deps.queue.get(orderId) !== undefined;
        return deps.actions.act(who, target, fields, { held });
      });
      return reply.status(202).send(answer);
    },
  );
}

/** Newest first; an id is partition, offset and ordinal of one partition. */
function byPlace(a: DecisionView, b: DecisionView): number {
  const time = Date.parse(b.decidedAt) - Date.parse(a.decidedAt);
  if (time !== 0) return time;
  const [x, y] = [a, b].map((view) => view.id.split("-").map(Number));
  return (y?.[1] ?? 0) - (x?.[1] ?? 0) || (y?.[2] ?? 0) - (x?.[2] ?? 0);
}
