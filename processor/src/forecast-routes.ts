/** Forecasts on the processor's HTTP port: read from states, nothing written. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { dayMs } from "./core/calendar.ts";
import { customerForecastView } from "./forecast-view.ts";
import { problem } from "./http-problem.ts";
import type { PortfolioForecast } from "./portfolio-forecast.ts";
import type { StandingStates } from "./standing-states.ts";

const day = z.iso
  .date()
  .transform((text) => Date.parse(`${text}T00:00:00Z`) / dayMs);
const forecastQuery = z.object({
  from: day.nullable().default(null),
  to: day.nullable().default(null),
  step: z.enum(["day", "week"]).default("week"),
});

const spanTitle =
  "from and to are dates from today to 365 days ahead, step is day or week";

export function forecastRoutes(
  app: FastifyInstance,
  states: StandingStates,
  portfolio: PortfolioForecast,
): void {
  app.get<{ Params: { id: string } }>(
    "/v1/customers/:id/forecast",
    async (request, reply) => {
      const [seen] = await states.read([request.params.id]);
      const customer = seen?.open() ?? null;
      if (seen && customer !== null) {
        return customerForecastView(customer, seen.env, seen.now);
      }
      return reply
        .status(404)
        .type("application/problem+json")
        .send(problem(404, "customer_unknown", "No such customer"));
    },
  );

  app.get("/v1/forecast", async (request, reply) => {
    const query = forecastQuery.safeParse(request.query);
    const view = query.success ? await portfolio.ask(query.data) : null;
    if (view !== null) return view;
    return reply
      .status(422)
      .type("application/problem+json")
      .send(problem(422, "forecast_span", spanTitle));
  });
}
