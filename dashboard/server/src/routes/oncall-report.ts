/** The monthly report of on call. */
import type { AlertView } from "@riskwall/schemas";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { oncallReport } from "../core/oncall-report.ts";
import { parseInstant } from "../core/zone.ts";
import { readAlerts } from "../io/past-outputs.ts";
import type { Past, Place } from "../io/past.ts";
import { describeRoute, readQuery } from "./request.ts";

export interface OncallReportDeps {
  readonly past: Past;
}

/** Alerts counted at most, and read at once. */
const alertsMax = 20_000;
const step = 2000;

const reportQuery = z.object({
  month: z
    .string()
    .regex(/^20\d{2}-(?:0[1-9]|1[0-2])$/)
    .describe("`YYYY-MM` of the reporting zone"),
});

/** First instant of a month and of the next one. */
function boundsOf(month: string): {
  readonly from: number;
  readonly to: number;
} {
  const [year = 0, number = 0] = month.split("-").map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
  return {
    from: parseInstant(`${month}-01`) ?? 0,
    to: parseInstant(next) ?? 0,
  };
}

async function readMonth(
  past: Past,
  range: { readonly from: number; readonly to: number },
): Promise<readonly AlertView[]> {
  const any = {
    states: [],
    severities: [],
    rules: [],
    classes: [],
    owners: [],
  };
  const found: AlertView[] = [];
  let after: Place | null = null;
  while (found.length < alertsMax) {
    const filter = { ...any, ...range, customer: "" };
    const page: AlertView[] = await readAlerts(past, filter, after, step);
    found.push(...page);
    const last = page.at(-1);
    if (!last || page.length < step) break;
    after = { at: Date.parse(last.openedAt), id: last.alertId };
  }
  return found;
}

export function oncallReportRoutes(
  app: FastifyInstance,
  { past }: OncallReportDeps,
): void {
  app.get(
    "/api/oncall/report",
    describeRoute({
      ...{ needs: "look", tag: "on call", query: reportQuery },
      summary: "A month of on call: load, nights, time to acknowledge, rules",
      answer:
        "`{month, alerts, byHour[24], nightShare, taken, ackMeanS, people[], rules[], cut}`",
    }),
    async (request) => {
      const { month } = readQuery(reportQuery, request);
      const range = boundsOf(month);
      const alerts = await readMonth(past, range);
      const offsetMs = Date.parse(`${month}-01T00:00:00Z`) - range.from;
      const cut = alerts.length >= alertsMax;
      return oncallReport(month, alerts, { offsetMs, cut });
    },
  );
}
