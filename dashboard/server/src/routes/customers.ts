/** Portfolio and customers: lists, one customer, its past. */
import type { PortfolioTotals } from "@riskwall/schemas";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { customerRow, type Scale } from "../core/customer-row.ts";
import {
  sortKeys,
  type Directory,
  type Place,
  type SortKey,
} from "../core/directory.ts";
import {
  readScores,
  readTimeline,
  timelineKind,
  timelineKinds,
  type TimelineKind,
} from "../io/past-customer.ts";
import type { Past } from "../io/past.ts";
import type { StandingHeads } from "../live/standing-heads.ts";
import type { Present } from "../io/present.ts";
import type { Processor } from "../io/processor.ts";
import { Problem } from "../problem.ts";
import {
  describeRoute,
  instant,
  makeCursor,
  pageBody,
  pageDefault,
  pageMax,
  paging,
  parseCursor,
  readId,
  readQuery,
  wordList,
} from "./request.ts";

export interface CustomersDeps {
  readonly directory: Directory;
  readonly present: Present;
  readonly standingHeads: StandingHeads;
  readonly past: Past;
  readonly processor: Processor;
  readonly scale: () => Scale;
  readonly totals: () => PortfolioTotals | null;
  readonly now: () => number;
}

const dayMs = 86_400_000;
const tag = "customers";

const placeShape = z.tuple([
  z.union([z.number(), z.string(), z.null()]),
  z.string(),
]);
const sortNames = sortKeys.flatMap((key) => [key, `-${key}`] as const);
const listQuery = z.object({
  q: z.string().max(200).optional().describe("parts of id, name or its pinyin"),
  class: wordList.describe("classes, comma separated"),
  sort: z.enum(sortNames).default("score").describe("`-` = descending"),
  cursor: z
    .string()
    .optional()
    .transform((text, context): Place | undefined => {
      if (text === undefined || text === "") return undefined;
      const parsed = placeShape.safeParse(parseCursor(text));
      if (parsed.success) return { value: parsed.data[0], id: parsed.data[1] };
      context.addIssue({ code: "custom", message: "is not one of ours" });
      return z.NEVER;
    }),
  limit: z.coerce.number().int().min(1).max(pageMax).default(pageDefault),
});

const spanQuery = {
  from: instant.optional(),
  to: instant.optional(),
  ...paging,
};
/** Checked by the processor, which answers. */
const whatIfQuery = z.object({
  order: z.string().optional().describe("a held order, released; or a new one"),
  amount: z.string().optional().describe("of the new order"),
  currency: z.string().optional(),
  invoicePaid: z.string().optional().describe("invoice id"),
  unpaidDays: z.string().optional().describe("invoice id, colon, days"),
});
const scoresQuery = z.object(spanQuery);
const timelineQuery = z.object({
  ...spanQuery,
  kinds: wordList
    .transform((words, context): readonly TimelineKind[] => {
      const kinds = words.map(timelineKind);
      const known = kinds.filter((kind) => kind !== null);
      if (known.length === kinds.length) return known;
      const message = `is none of ${timelineKinds.join(", ")}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .describe(`of ${timelineKinds.join(", ")}, comma separated; none = all`),
  types: wordList.describe("event types, comma separated"),
});

export function customerRoutes(
  app: FastifyInstance,
  deps: CustomersDeps,
): void {
  const { past, processor } = deps;

  app.get(
    "/api/portfolio",
    describeRoute({
      needs: "watch",
      summary: "Totals of the portfolio",
      tag,
      answer:
        "customers, exposure, overdue, ageing, counts by class, open alerts by severity, watermark",
    }),
    async () => {
      const totals = deps.totals();
      if (totals !== null) return totals;
      throw new Problem(503, "not_ready", "The totals are not read yet", {}, 1);
    },
  );

  app.get(
    "/api/customers",
    describeRoute({
      needs: "look",
      summary: "Customers, searched and sorted",
      tag,
      query: listQuery,
      answer: "A page of customer rows; `byClass` counts what fits `q`",
    }),
    async (request) => {
      const query = readQuery(listQuery, request);
      const sort = query.sort.replace(/^-/, "") as SortKey;
      const found = deps.directory.query({
        q: query.q,
        classes: query.class.length === 0 ? undefined : new Set(query.class),
        sort,
        descending: query.sort.startsWith("-"),
        after: query.cursor,
        limit: query.limit + 1,
      });
      const shown = found.slice(0, query.limit);
      const last = shown.at(-1);
      // Read again: what is shown is as it stands now.
      const heads = await deps.standingHeads(shown);
      const place = last && deps.directory.placeOf(last, sort);
      return {
        items: heads.map((head) => customerRow(head, deps.scale())),
        next:
          found.length > query.limit && place
            ? makeCursor([place.value, place.id])
            : null,
        total: deps.directory.size(),
        byClass: deps.directory.counts(query.q ?? ""),
      };
    },
  );

  app.get(
    "/api/customers/:id",
    describeRoute({
      needs: "look",
      readsCustomer: true,
      summary: "One customer, whole",
      tag,
      id: "customer id",
      answer:
        "profile, score with points and reasons, features, exposure, limit, open items, alerts, holds",
    }),
    async (request) => {
      const view = await processor.customer(readId(request));
      if (view !== null) return view;
      throw new Problem(404, "customer_unknown", "No such customer");
    },
  );

  app.get(
    "/api/customers/:id/whatif",
    describeRoute({
      needs: "look",
      readsCustomer: true,
      summary: "How a customer would stand; nothing is written",
      tag,
      id: "customer id",
      query: whatIfQuery,
      answer: "score, class, exposure, headroom, points before and after",
    }),
    async (request, reply) => {
      const { search } = new URL(request.url, "http://dashboard");
      const answer = await processor.whatIf(readId(request), search);
      return reply.status(answer.status).type(answer.type).send(answer.text);
    },
  );

  app.get(
    "/api/customers/:id/timeline",
    describeRoute({
      needs: "look",
      readsCustomer: true,
      summary: "What happened to a customer, newest first",
      tag,
      id: "customer id",
      query: timelineQuery,
      answer: "A page of events, score changes, alerts and decisions",
    }),
    async (request) => {
      const query = readQuery(timelineQuery, request);
      const page = await readTimeline(past, {
        customer: readId(request),
        kinds: new Set(query.kinds.length > 0 ? query.kinds : timelineKinds),
        types: query.types,
        from: query.from ?? 0,
        to: query.to ?? deps.now() + dayMs,
        after: query.cursor,
        size: query.limit,
      });
      return pageBody(page);
    },
  );

  app.get(
    "/api/customers/:id/scores",
    describeRoute({
      needs: "look",
      readsCustomer: true,
      summary: "Score changes with their points, newest first",
      tag,
      id: "customer id",
      query: scoresQuery,
      answer: "A page of score changes",
    }),
    async (request) => {
      const query = readQuery(scoresQuery, request);
      const page = await readScores(past, {
        customer: readId(request),
        from: query.from ?? 0,
        to: query.to ?? deps.now() + dayMs,
        after: query.cursor,
        size: query.limit,
      });
      return pageBody(page);
    },
  );
}
