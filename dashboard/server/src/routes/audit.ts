/** Who did what. */
import { auditOutcomes, type AuditHead } from "@riskwall/schemas/audit";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { readAudit } from "../io/past-audit.ts";
import type { Past } from "../io/past.ts";
import {
  describeRoute,
  instant,
  pageBody,
  paging,
  readQuery,
} from "./request.ts";

export interface AuditRoutesDeps {
  readonly past: Past;
  readonly auditHead: () => AuditHead;
}

const listQuery = z.object({
  actor: z.string().max(200).default(""),
  action: z
    .string()
    .max(100)
    .default("")
    .describe("`user.create`, or `user` for all that begin so"),
  target: z.string().max(300).default(""),
  customer: z.string().max(200).default(""),
  outcome: z.enum(["", ...auditOutcomes]).default(""),
  from: instant.optional().describe("inclusive"),
  to: instant.optional().describe("exclusive"),
  ...paging,
});

export function auditRoutes(app: FastifyInstance, deps: AuditRoutesDeps): void {
  app.get(
    "/api/audit",
    describeRoute({
      needs: "administer",
      summary: "The audit log, newest first",
      tag: "audit",
      query: listQuery,
      answer:
        "A page of entries with their place in the chain; `head` is where it ends now",
    }),
    async (request) => {
      const query = readQuery(listQuery, request);
      const { cursor, limit, from = null, to = null, ...rest } = query;
      const filter = { ...rest, from, to };
      const page = await readAudit(deps.past, filter, cursor, limit);
      return { ...pageBody(page), head: deps.auditHead() };
    },
  );
}
