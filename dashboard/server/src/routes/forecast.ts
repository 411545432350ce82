/** Expected cash: of all customers by day or week, and of one by item. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Processor } from "../io/processor.ts";
import { Problem } from "../problem.ts";
import { describeRoute, readId, readQuery } from "./request.ts";

export interface ForecastDeps {
  readonly processor: Pick<Processor, "forecast" | "customerForecast">;
}

const spanQuery = z.object({
  from: z.iso.date().optional().describe("first day; none = today"),
  to: z.iso
    .date()
    .optional()
    .describe("last day, at most 365 ahead; none = 14 days, or 12 weeks"),
  step: z.enum(["day", "week"]).default("week").describe("weeks from Monday"),
});

export function forecastRoutes(app: FastifyInstance, deps: ForecastDeps): void {
  const { processor } = deps;

  app.get(
    "/api/forecast",
    describeRoute({
      needs: "watch",
      summary: "Expected cash of all customers",
      tag: "forecast",
      query: spanQuery,
      answer:
        "expected, P10, P50 and P90 per step and in total; computed at most once a minute",
    }),
    async (request) => {
      const { from, to, step } = readQuery(spanQuery, request);
      return processor.forecast({ from, to, step });
    },
  );

  app.get(
    "/api/customers/:id/forecast",
    describeRoute({
      needs: "look",
      readsCustomer: true,
      summary: "When a customer is expected to pay",
      tag: "forecast",
      id: "customer id",
      answer:
        "open items with expected date, band, chances of being late and their factors; cash by week",
    }),
    async (request) => {
      const view = await processor.customerForecast(readId(request));
      if (view !== null) return view;
      throw new Problem(404, "customer_unknown", "No such customer");
    },
  );
}
