/** The queue of held orders: why each waits, and what clears it. */
import {
  formatMinor,
  type DecisionView,
  type HeldOrderView,
  type HeldSummary,
} from "@riskwall/schemas";
import { decodeListed } from "@riskwall/schemas/state";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { riskClass, type Scale } from "../core/customer-row.ts";
import {
  holdPlace,
  holdSorts,
  toHeld,
  type HeldOrder,
  type HoldQueue,
} from "../core/hold-queue.ts";
import type { Recent } from "../core/recent.ts";
import { readLatestDecisions } from "../io/past-outputs.ts";
import type { Past } from "../io/past.ts";
import type { Present } from "../io/present.ts";
import { Problem } from "../problem.ts";
import {
  describeRoute,
  pageBody,
  paging,
  readQuery,
  wordList,
} from "./request.ts";

export interface HeldOrdersDeps {
  readonly queue: HoldQueue;
  readonly decisions: Recent<DecisionView>;
  readonly past: Past;
  readonly present: Present;
  readonly scale: () => Scale;
}

const listQuery = z.object({
  state: z.enum(["held"]).default("held"),
  code: wordList.describe("hold codes, comma separated; none = all"),
  q: z.string().max(200).default("").describe("part of an id or a name"),
  sort: z.enum(holdSorts).default("-placed").describe("`-` = descending"),
  ...paging,
});

export function heldOrderRoutes(
  app: FastifyInstance,
  deps: HeldOrdersDeps,
): void {
  const { queue, present, scale } = deps;

  /** What is still held by the states as they stand now, in the same order. */
  const stillHeld = async (
    found: readonly HeldOrder[],
  ): Promise<HeldOrder[]> => {
    const ids = [...new Set(found.map((held) => held.customerId))];
    const now = new Map<string, HeldOrder>();
    for (const bytes of await present.states(ids)) {
      if (bytes === null) continue;
      const { head, held } = decodeListed(bytes);
      for (const order of held) {
        now.set(order.id, toHeld(head, order));
      }
    }
    return found.flatMap(({ orderId }) => now.get(orderId) ?? []);
  };

  /** Latest decisions; live ones where history is behind or away. */
  const decisionsOf = async (
    held: readonly HeldOrder[],
  ): Promise<{
    readonly views: ReadonlyMap<string, DecisionView>;
    readonly partial: boolean;
  }> => {
    const customers = [...new Set(held.map((item) => item.customerId))];
    const orders = held.map((item) => item.orderId);
    const stored = await readLatestDecisions(
      deps.past,
      customers,
      orders,
    ).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 503) return null;
      throw error;
    });
    const views = new Map(stored ?? []);
    // The list is latest first: what is set last is the latest.
    for (const view of [...deps.decisions.list()].reverse()) {
      views.set(view.orderId, view);
    }
    return { views, partial: stored === null };
  };

  app.get(
    "/api/orders",
    describeRoute({
      needs: "look",
      summary: "Orders that wait for a person",
      tag: "orders",
      query: listQuery,
      answer:
        "A page of held orders; `summary` of the whole queue; `partial` when history is away",
    }),
    async (request) => {
      const { code, q, sort, cursor, limit } = readQuery(listQuery, request);
      const found = queue.query({
        ...{ q, sort },
        codes: code,
        after: cursor,
        limit: limit + 1,
      });
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      const held = await stillHeld(shown);
      const { views, partial } = await decisionsOf(held);
      const { currency } = scale();
      const next = found.length > limit && last ? holdPlace(last, sort) : null;
      return {
        ...pageBody({
          items: held.map((item) =>
            heldView(item, views.get(item.orderId) ?? null, currency),
          ),
          next,
        }),
        summary: summaryView(queue, currency),
        partial,
      };
    },
  );
}

function heldView(
  held: HeldOrder,
  decision: DecisionView | null,
  baseCurrency: string,
): HeldOrderView {
  return {
    orderId: held.orderId,
    customerId: held.customerId,
    name: held.name,
    amount: formatMinor(held.amount, held.currency),
    currency: held.currency,
    amountBase: formatMinor(held.base, baseCurrency),
    baseCurrency,
    score: held.score,
    class: riskClass(held.class),
    codes: held.codes,
    placedAt: new Date(held.placedAt).toISOString(),
    recheckAt: new Date(held.recheckAt).toISOString(),
    decision,
  };
}

function summaryView(queue: HoldQueue, baseCurrency: string): HeldSummary {
  const { orders, base, byCode } = queue.sums();
  const amountBase = formatMinor(base, baseCurrency);
  return { orders, amountBase, baseCurrency, byCode };
}
