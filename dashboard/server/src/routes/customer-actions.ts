/** What operators do to a customer: limits, holds, watching, comments. */
import { parseMinor } from "@riskwall/schemas/money";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ActionFields, Actions } from "../actions.ts";
import type { Present } from "../io/present.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf, demand } from "../guard.ts";
import type { Processor } from "../io/processor.ts";
import { Problem } from "../problem.ts";
import { describeRoute, instant, readBody, readId } from "./request.ts";

export interface CustomerActionsDeps {
  readonly actions: Actions;
  readonly audit: AuditTrail;
  readonly present: Pick<Present, "exists">;
  readonly processor: Pick<Processor, "customer">;
}

/** What the second person of a limit does. */
const approvals: ReadonlySet<string> = new Set([
  "approve-limit",
  "reject-limit",
]);
const limitActions: ReadonlySet<string> = new Set(["set-limit", ...approvals]);

const tag = "customers";
const reason = z.string().trim().min(1).max(2000);
export const customerAction = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("set-limit"),
    amount: z.string().describe("decimal string; the whole limit"),
    currency: z.string().length(3),
    kind: z.enum(["standing", "temporary"]),
    reason,
    validTo: instant.optional(),
  }),
  z.object({
    action: z.enum(["approve-limit", "reject-limit"]),
    expected: z.number().int().optional().describe("version of the request"),
    reason: reason.optional(),
  }),
  z.object({
    action: z.literal("hold"),
    reason,
    kind: z.string().min(1).max(40).optional(),
  }),
  z.object({ action: z.literal("unhold"), reason: reason.optional() }),
  z.object({
    action: z.enum(["watch", "unwatch"]),
    reason: reason.optional(),
    note: reason.optional(),
  }),
  z
    .object({
      action: z.literal("comment"),
      note: reason.optional(),
      reason: reason.optional(),
    })
    .refine((body) => body.note !== undefined || body.reason !== undefined, {
      path: ["note"],
      message: "a comment needs a note",
    }),
]);
type CustomerAction = z.output<typeof customerAction>;

function fieldsOf(body: CustomerAction): ActionFields {
  if (body.action !== "set-limit") {
    return {
      action: body.action,
      reason: body.reason ?? null,
      note: "note" in body ? (body.note ?? null) : null,
      kind: "kind" in body ? (body.kind ?? null) : null,
      expected: "expected" in body ? (body.expected ?? null) : null,
    };
  }
  const { action, amount, currency, kind, validTo } = body;
  const minor = parseMinor(amount, currency);
  if (typeof minor === "string") {
    const title = "The amount is not one of this currency";
    throw new Problem(422, minor, title, { path: "amount" });
  }
  if (kind === "temporary" && validTo === undefined) {
    const title = "A temporary limit ends: validTo is missing";
    throw new Problem(422, "invalid_body", title, { path: "validTo" });
  }
  return {
    action,
    amount: minor,
    currency,
    kind,
    reason: body.reason,
    until: validTo ?? null,
  };
}

export function customerActionRoutes(
  app: FastifyInstance,
  deps: CustomerActionsDeps,
): void {
  /** The limit in force, for the audit log; an action goes on without it. */
  const limitOf = async (id: string): Promise<unknown> => {
    try {
      const view = await deps.processor.customer(id);
      return view && { limit: view.limit };
    } catch (error) {
      if (error instanceof Problem && error.status === 503) return null;
      throw error;
    }
  };

  app.post(
    "/api/customers/:id/actions",
    describeRoute({
      needs: "operate",
      summary: "Set or approve a limit, hold, watch, comment",
      tag,
      id: "customer id",
      body: customerAction,
      answer:
        "`{applied}`; `{awaits}` when a second person has to approve; `{pending}` when the fold is late",
      status: 202,
    }),
    async (request, reply) => {
      const who = callerOf(request);
      const id = readId(request);
      const body = readBody(customerAction, request);
      if (approvals.has(body.action)) {
        await demand(request, "approve", deps.audit);
      }
      const fields = fieldsOf(body);
      // The fold would open an unknown customer: it must not come to that.
      if (!(await deps.present.exists(id))) {
        throw new Problem(404, "customer_unknown", "No such customer");
      }
      const target = {
        customerId: id,
        target: "customer",
        targetId: id,
      } as const;
      const before = limitActions.has(body.action) ? await limitOf(id) : null;
      const answer = await deps.actions.act(who, target, fields, before);
      return reply.status(202).send(answer);
    },
  );
}
