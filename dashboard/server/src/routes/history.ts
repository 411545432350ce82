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
  type TrendQuery,
} from "../core/trend-query.ts";
import {
  readAnnotations,
  readDrill,
  readTrend,
  type Trend,
} from "../io/past-trends.ts";
import type { Past } from "../io/past.ts";
import type { Present } from "../io/present.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf, demand } from "../guard.ts";
import { Problem } from "../problem.ts";
import {
  describeRoute,
  instant,
  readBody,
  readQuery,
  wordList,
} from "./request.ts";

export interface HistoryDeps {
  readonly audit: AuditTrail;
  readonly past: Past;
  readonly present: Pick<Present, "heads">;
  readonly now: () => number;
}

/** Steps shown when no range is asked. */
const stepsDefault = 30;

const trendFields = {
  metric: z.string().describe(trendMetrics.join(", ")),
  by: z.string().max(40).default("none"),
  from: instant.optional(),
  to: instant.optional(),
  step: z.enum(trendSteps).default("day"),
  customer: z.string().max(200).default(""),
  only: wordList.describe("names of series, comma separated; none = all"),
};
const drillQuery = z.object(trendFields);
const trendQuery = z.object({
  ...trendFields,
  compare: z.enum(["previous", "year"]).optional(),
});
const exportBody = z.object({
  metric: z.string().min(1).max(60),
  format: z.enum(["csv", "xlsx", "png"]),
  customer: z.string().max(200).default(""),
});
const annotationQuery = z.object({
  from: instant,
  to: instant,
  customer: z.string().max(200).default(""),
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

/** A trend that can be read: known metric, range of bounded length. */
function checked(
  query: z.output<typeof drillQuery>,
  nowMs: number,
): TrendQuery {
  const { metric, step, by, customer, only } = query;
  if (!isTrendMetric(metric)) {
    const title = `metric is one of ${trendMetrics.join(", ")}`;
    throw new Problem(422, "bad_metric", title, { path: "metric" });
  }
  const to = query.to ?? nowMs;
  const from = query.from ?? to - stepMs[step] * stepsDefault;
  if (from >= to || (to - from) / stepMs[step] > pointsMax) {
    const title = `from lies before to, by at most ${String(pointsMax)} steps`;
    throw new Problem(422, "bad_range", title, { path: "from" });
  }
  return { metric, by, step, customer, only, from, to };
}

export function historyRoutes(app: FastifyInstance, deps: HistoryDeps): void {
  const { past } = deps;

  app.get(
    "/api/trends",
    describeRoute({
      needs: "look",
      summary: "A time series; `Accept: text/csv` gives CSV",
      tag: "history",
      query: trendQuery,
      answer: "`{metric, unit, step, series: [{name, points}]}`",
    }),
    async (request, reply) => {
      const query = readQuery(trendQuery, request);
      const asked = checked(query, deps.now());
      const asFile = (request.headers.accept ?? "").includes("text/csv");
      if (asFile) await demand(request, "export", deps.audit);
      const trend = await readTrend(past, asked, query.compare ?? null);
      if (!asFile) return trend;
      await deps.audit.done(callerOf(request), {
        action: "trend.export",
        targetKind: "metric",
        targetId: asked.metric,
        customerId: asked.customer,
        after: { format: "csv" },
      });
      return reply.type("text/csv; charset=utf-8").send(trendCsv(trend));
    },
  );

  app.post(
    "/api/trends/exports",
    describeRoute({
      needs: "export",
      summary: "Say that figures on screen are saved as a file",
      tag: "history",
      body: exportBody,
      answer: "Nothing: it is allowed and in the audit log",
      status: 204,
    }),
    async (request, reply) => {
      const { metric, format, customer } = readBody(exportBody, request);
      await deps.audit.done(callerOf(request), {
        ...{ action: "trend.export", targetKind: "metric", targetId: metric },
        customerId: customer,
        after: { format },
      });
      return reply.status(204).send();
    },
  );

  app.get(
    "/api/trends/customers",
    describeRoute({
      needs: "look",
      summary: "The customers behind a span of a trend, the largest first",
      tag: "history",
      query: drillQuery,
      answer: "`{items: [{customerId, name, value, records}]}`",
    }),
    async (request) => {
      const query = checked(readQuery(drillQuery, request), deps.now());
      const rows = await readDrill(past, query);
      const heads = await deps.present.heads(rows.map((row) => row.customerId));
      const names = new Map(heads.map((head) => [head.id, head.name]));
      const items = rows.map((row) => ({
        ...row,
        name: names.get(row.customerId) ?? "",
      }));
      return { items, next: null };
    },
  );

  app.get(
    "/api/trends/annotations",
    describeRoute({
      needs: "look",
      summary: "What else happened: new rule sets, limits of one customer",
      tag: "history",
      query: annotationQuery,
      answer: "`{items: [{at, kind, text}]}`",
    }),
    async (request) => {
      const query = readQuery(annotationQuery, request);
      return { items: await readAnnotations(past, query), next: null };
    },
  );
}
