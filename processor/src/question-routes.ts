/** What-if and bulk credit checks: the fold on copies, nothing written. */
import { parseMinor } from "@riskwall/schemas/money";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { newCustomer } from "./core/customer.ts";
import {
  decisionOf,
  type Question,
  type QuestionProblem,
} from "./core/what-if.ts";
import { problem } from "./http-problem.ts";
import type { Standing, StandingStates } from "./standing-states.ts";
import { answerWhatIf, checkView } from "./what-if-view.ts";

/** Orders of one bulk credit check at most (contract 2). */
const checksMax = 500;
/** Id of the order that a question places. */
const askedOrder = "what-if";
const unpaidDaysMax = 365;

const checksBody = z.object({
  orders: z
    .array(
      z.object({
        customerId: z.string().min(1),
        amount: z.string(),
        currency: z.string(),
        /** Comes back in the decision; an order need not have one yet. */
        orderId: z.string().min(1).max(128).nullish(),
      }),
    )
    .max(checksMax),
});
type CheckedOrder = z.infer<typeof checksBody>["orders"][number];

const questionQuery = z.union([
  z.strictObject({
    order: z.string().optional(),
    amount: z.string(),
    currency: z.string(),
  }),
  z.strictObject({ order: z.string().min(1) }),
  z.strictObject({ invoicePaid: z.string().min(1) }),
  z.strictObject({ unpaidDays: z.string().regex(/^.+:\d{1,3}$/) }),
]);

const problemTitles: Readonly<Record<QuestionProblem, string>> = {
  order_known: "There is an order of this id already",
  order_not_held: "No order of this id is held",
  invoice_not_open: "No invoice of this id is open",
};

/** The question of a query; a problem code when it is none. */
function parseQuestion(query: unknown): Question | string {
  const parsed = questionQuery.safeParse(query);
  if (!parsed.success) return "invalid_query";
  const { data } = parsed;
  if ("amount" in data) {
    const { currency, order } = data;
    const amount = parseMinor(data.amount, currency);
    if (typeof amount === "string") return amount;
    const orderId = order === undefined || order === "" ? askedOrder : order;
    return { kind: "place", order: { orderId, amount, currency } };
  }
  if ("order" in data) return { kind: "release", orderId: data.order };
  if ("invoicePaid" in data) {
    return { kind: "paid", invoiceId: data.invoicePaid };
  }
  const at = data.unpaidDays.lastIndexOf(":");
  const days = Number(data.unpaidDays.slice(at + 1));
  if (days > unpaidDaysMax) return "invalid_query";
  return { kind: "unpaid", invoiceId: data.unpaidDays.slice(0, at), days };
}

/** The decision one order would get, by itself. */
function checkOrder(
  order: CheckedOrder,
  index: number,
  { env, now, open }: Standing,
): object {
  const { customerId, currency } = order;
  const orderId = order.orderId ?? null;
  const amount = parseMinor(order.amount, currency);
  if (typeof amount === "string") {
    return { index, orderId, customerId, error: { code: amount } };
  }
  const copy = open() ?? newCustomer(customerId, env.rules.currency);
  const wanted = { orderId: askedOrder, amount, currency };
  const decision = decisionOf(copy, wanted, env, now);
  return decision === null
    ? { index, orderId, customerId, error: { code: "not_decided" } }
    : { index, orderId, ...checkView(decision) };
}

export function questionRoutes(
  app: FastifyInstance,
  states: StandingStates,
): void {
  app.get<{ Params: { id: string } }>(
    "/v1/customers/:id/whatif",
    async (request, reply) => {
      void reply.type("application/problem+json");
      const question = parseQuestion(request.query);
      if (typeof question === "string") {
        const title = "Ask order and amount, invoicePaid, or unpaidDays=ID:N";
        return reply.status(422).send(problem(422, question, title));
      }
      const [seen] = await states.read([request.params.id]);
      const first = seen?.open() ?? null;
      if (!seen || first === null) {
        const title = "No such customer";
        return reply.status(404).send(problem(404, "customer_unknown", title));
      }
      const open = (): typeof first => seen.open() ?? first;
      const answer = answerWhatIf(open, question, seen.env, seen.now);
      if (typeof answer === "string") {
        const title = problemTitles[answer];
        return reply.status(422).send(problem(422, answer, title));
      }
      return reply.type("application/json").send(answer);
    },
  );
  app.post("/v1/credit-checks", async (request, reply) => {
    const parsed = checksBody.safeParse(request.body);
    if (!parsed.success) {
      const title = "The body is not valid";
      return reply
        .status(422)
        .type("application/problem+json")
        .send({
          ...problem(422, "invalid_body", title),
          detail: z.prettifyError(parsed.error),
        });
    }
    const { orders } = parsed.data;
    const seen = await states.read(orders.map((order) => order.customerId));
    return {
      checks: seen.map((standing, i) => {
        const order = orders[i];
        return order ? checkOrder(order, i, standing) : {};
      }),
    };
  });
}
