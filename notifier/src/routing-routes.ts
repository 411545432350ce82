/** HTTP of the routing: the tree, who gets an alert, who would get what when. */
import type { Labels } from "@riskwall/schemas/matchers";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { severities, type Brief } from "./core/brief.ts";
import type { Plan } from "./core/plan.ts";
import { routingView } from "./core/routing-tree.ts";
import { simulate } from "./core/simulate.ts";
import type { ZoneOffset } from "./core/time-intervals.ts";
import { whoGetsIt } from "./core/who-gets-it.ts";
import { invalid, refuse } from "./problem.ts";

export interface RoutingDeps {
  readonly plan: () => Plan;
  readonly zoneOffset: ZoneOffset;
  /** Labels of what fires now, for inhibition. */
  readonly firing: () => readonly Labels[];
  readonly now: () => number;
}

const whoBody = z.object({
  severity: z.enum(severities),
  rule: z.string().min(1).max(100),
  customer: z.string().min(1).max(200),
  at: z.iso.datetime({ offset: true }).optional(),
});

const aheadBody = whoBody.extend({
  /** Minutes until somebody acknowledges it; null = nobody does. */
  ackAfterMinutes: z.number().min(0).max(10_080).nullable().default(null),
  hours: z.number().min(1).max(168).default(4),
});

/** An alert as far as routing looks at it. */
function exampleBrief({
  severity,
  rule: ruleId,
  customer: customerId,
}: z.output<typeof whoBody>): Brief {
  const [none, zero] = ["", "0.00"];
  return {
    ...{ alertId: "example", ruleId, severity, customerId, state: "open" },
    ...{ ruleName: { zh: none, en: none }, customerName: customerId },
    ...{ openedAt: none, updatedAt: none, eventTime: none },
    ...{ titleZh: none, titleEn: none, reasons: [] },
    suggestedAction: { zh: none, en: none },
    ...{ moneyAtRisk: zero, exposureBefore: zero, exposureAfter: zero },
    ...{ limit: null, currency: none, score: 0, class: none, pd: none },
    ...{ orderId: null, invoiceId: null },
  };
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
    const parsed = whoBody.safeParse(request.body);
    if (!parsed.success) return refuse(reply, invalid(parsed.error));
    const moment = momentAt(parsed.data.at);
    const items = whoGetsIt(exampleBrief(parsed.data), moment, firing());
    return { items, routingVersion: plan().version, next: null };
  });

  app.post("/v1/oncall/simulate", async (request, reply) => {
    const parsed = aheadBody.safeParse(request.body);
    if (!parsed.success) return refuse(reply, invalid(parsed.error));
    const { at, ackAfterMinutes: minutes, hours } = parsed.data;
    const items = simulate(exampleBrief(parsed.data), momentAt(at), {
      ackAfterMs: minutes === null ? null : minutes * 60_000,
      horizonMs: hours * 3_600_000,
    });
    return { items, next: null };
  });
}
