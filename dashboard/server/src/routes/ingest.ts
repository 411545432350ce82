/** What comes in: sources, and the last events one by one. */
import type { IncomingItem, SourceView } from "@riskwall/schemas";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { readSources, readTail } from "../io/past-sources.ts";
import type { Past } from "../io/past.ts";
import type { Settings } from "../io/settings.ts";
import { describeRoute, readQuery } from "./request.ts";

export interface IngestRoutesDeps {
  readonly past: Past;
  readonly settings: Pick<Settings, "sources">;
}

const tag = "ingest";
const tailMax = 200;
const tailQuery = z.object({
  source: z.string().max(100).default(""),
  outcome: z.enum(["", "taken", "rejected", "late"]).default(""),
  limit: z.coerce.number().int().min(1).max(tailMax).default(50),
});

export function ingestRoutes(
  app: FastifyInstance,
  { past, settings }: IngestRoutesDeps,
): void {
  app.get(
    "/api/ingest/sources",
    describeRoute({
      ...{ needs: "look", tag },
      summary: "What each source sent in the last 24 hours",
      answer: "Events, rejections, late ones, rate, delay; `inboxes` in Kafka",
    }),
    async (): Promise<{
      readonly items: readonly SourceView[];
      readonly inboxes: readonly string[];
    }> => ({ items: await readSources(past), inboxes: settings.sources() }),
  );

  app.get(
    "/api/ingest/tail",
    describeRoute({
      ...{ needs: "look", tag },
      summary: "The last events, taken, rejected or late, the newest first",
      query: tailQuery,
      answer: "Up to `limit` items with what became of each and why",
    }),
    async (request): Promise<{ readonly items: readonly IncomingItem[] }> => ({
      items: await readTail(past, readQuery(tailQuery, request)),
    }),
  );
}
