/** Decisions on orders: what became of one, and what would become of many. */
import type { FastifyInstance } from "fastify";
import type { Authorise } from "../authorise.ts";
import { inflate, readWhole } from "../body.ts";
import { limits } from "../limits.ts";
import { RequestRefused } from "../problem.ts";
import { creditChecksDocs, orderDocs } from "./docs.ts";
import { bodyOf } from "./events.ts";

/** The processor answers within so long, or counts as away. */
const forwardMaxMs = 5000;

export interface OrdersDeps {
  readonly authorise: Authorise;
  /** Decision views of one order, newest first; rejects when not readable. */
  readonly orderHistory: (orderId: string) => Promise<readonly unknown[]>;
  readonly processorUrl: string;
}

export function addOrders(app: FastifyInstance, deps: OrdersDeps): void {
  app.get<{ Params: { id: string } }>(
    "/v1/orders/:id",
    { schema: orderDocs },
    async (request) => {
      deps.authorise(request, "orders:read");
      const { id } = request.params;
      const history = await read(async () => deps.orderHistory(id));
      const [decision] = history;
      if (decision === undefined) throw new RequestRefused("order_unknown");
      return { orderId: id, decision, history };
    },
  );
  app.post(
    "/v1/credit-checks",
    { schema: creditChecksDocs },
    async (request, reply) => {
      deps.authorise(request, "orders:read");
      const encoding = request.headers["content-encoding"];
      const raw = inflate(bodyOf(request.body), encoding, limits.batchMaxBytes);
      const url = `${deps.processorUrl}/v1/credit-checks`;
      const answer = await forward(url, await readWhole(raw));
      void reply.status(answer.status).type(answer.type);
      return answer.text;
    },
  );
}

async function read<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new RequestRefused("history_unavailable", String(error));
  }
}

async function forward(
  url: string,
  body: string,
): Promise<{ status: number; type: string; text: string }> {
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(forwardMaxMs),
    });
    const type = reply.headers.get("content-type") ?? "application/json";
    return { status: reply.status, type, text: await reply.text() };
  } catch (error) {
    throw new RequestRefused("processor_unavailable", String(error));
  }
}
