/** HTTP of the routing: the tree, and who gets an alert. */
import type { Labels } from "@riskwall/schemas/matchers";
import type { FastifyInstance } from "fastify";
import type { Plan } from "./core/plan.ts";
import { routingView } from "./core/routing-tree.ts";
import type { ZoneOffset } from "./core/time-intervals.ts";
import { whoGetsIt } from "./core/who-gets-it.ts";
import { exampleBody, exampleBrief } from "./example-alert.ts";
import { invalid, refuse } from "./problem.ts";

export interface RoutingDeps {
  readonly plan: () => Plan;
  readonly zoneOffset: ZoneOffset;
  /** Labels of what fires now, for inhibition. */
  readonly firing: () => readonly Labels[];
  readonly now: () => number;
}

export function addRoutingRoutes(
  app: FastifyInstance,
  { plan, zoneOffset, firing, now }: RoutingDeps,
): void {
  const momentAt = (at: string | undefined) => ({
    plan: plan(),
    now: at === undefined ? now() : Date.parse(at),
    zoneOffset,
  });

  app.get("/v1/routing", () => routingView(plan()));

  app.post("/v1/routing/who", async (request, reply) => {
    const parsed = exampleBody.safeParse(request.body);
    if (!parsed.success) return refuse(reply, invalid(parsed.error));
    const moment = momentAt(parsed.data.at);
    const items = whoGetsIt(exampleBrief(parsed.data), moment, firing());
    return { items, routingVersion: plan().version, next: null };
  });
}
