/** Trends, from history. */
import { stringify } from "csv-stringify/sync";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  isTrendMetric,
  pointsMax,
  stepMs,
  trendMetrics,
  trendSteps,
} from "../core/trend-query.ts";
import { readTrend, type Trend } from "../io/past-trends.ts";
import type { Past } from "../io/past.ts";
import { Problem } from "../problem.ts";
import {
  describeRoute,
  instant,
  readQuery,
  type Gatekeeper,
} from "./request.ts";

export interface HistoryDeps {
  readonly gate: Gatekeeper;
  readonly past: Past;
  readonly now: () => number;
}

/** Steps shown when no range is asked. */
const stepsDefault = 30;

const trendQuery = z.object({
  metric: z.string().describe(trendMetrics.join(", ")),
  by: z.string().max(40).default("none"),
  from: instant.optional(),
  to: instant.optional(),
  step: z.enum(trendSteps).default("day"),
  customer: z.string().max(200).default(""),
  compare: z.enum(["previous", "year"]).optional(),
});

/** A cell that a spreadsheet would run is written as text. */
export function guardCell(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell)
    ? `'${cell}`
    : cell;
}

/** The trend as CSV with a byte order mark, for spreadsheets. */
function trendCsv(trend: Trend): string {
  const rows = trend.series.flatMap((series) => [
    ...series.points.map(([at, value]) => [at, series.name, value ?? "", ""]),
    ...(series.compared ?? []).map(([at, value]) => [
      at,
      series.name,
      value ?? "",
      trend.compare ?? "",
    ]),
  ]);
  const head = ["time", "series", trend.metric, "compare"];
  return stringify([head, ...rows.map((row) => row.map(guardCell))], {
    bom: true,
  });
}

export function historyRoutes(app: FastifyInstance, deps: HistoryDeps): void {
  const { gate, past } = deps;

  app.get(
    "/api/trends",
    {
      schema: describeRoute({
        summary: "A time series; `Accept: text/csv` gives CSV",
        tag: "history",
        query: trendQuery,
        answer: "`{metric, unit, step, series: [{name, points}]}`",
      }),
    },
    async (request, reply) => {
      await gate.reader(request);
      const query = readQuery(trendQuery, request);
      const { metric, step, by, customer } = query;
      if (!isTrendMetric(metric)) {
        const title = `metric is one of ${trendMetrics.join(", ")}`;
        throw new Problem(422, "bad_metric", title, { path: "metric" });
      }
      const to = query.to ?? deps.now();
      const from = query.from ?? to - stepMs[step] * stepsDefault;
      if (from >= to || (to - from) / stepMs[step] > pointsMax) {
        const title = `from lies before to, by at most ${String(pointsMax)} steps`;
        throw new Problem(422, "bad_range", title, { path: "from" });
      }
      const trend = await readTrend(
        past,
        { metric, by, step, customer, from, to },
        query.compare ?? null,
      );
      if (!(request.headers.accept ?? "").includes("text/csv")) return trend;
      return reply.type("text/csv; charset=utf-8").send(trendCsv(trend));
    },
  );
}
