/** Groups of customers: exposure of all members against one limit. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Processor } from "../io/processor.ts";
import { Problem } from "../problem.ts";
import {
  describeRoute,
  makeCursor,
  parseCursor,
  readId,
  readQuery,
} from "./request.ts";

export interface GroupsDeps {
  readonly processor: Pick<Processor, "groups" | "group">;
}

const listQuery = z.object({
  cursor: z
    .string()
    .optional()
    .transform((text, context): string => {
      if (text === undefined || text === "") return "";
      const parsed = z.tuple([z.string()]).safeParse(parseCursor(text));
      if (parsed.success) return parsed.data[0];
      context.addIssue({ code: "custom", message: "is not one of ours" });
      return z.NEVER;
    }),
});

export function groupRoutes(app: FastifyInstance, deps: GroupsDeps): void {
  const { processor } = deps;

  app.get(
    "/api/groups",
    describeRoute({
      needs: "look",
      summary: "Groups by id, each with the groups below it",
      tag: "groups",
      query: listQuery,
      answer:
        "A page of groups: members, exposure, limit, utilisation, available, as of",
    }),
    async (request) => {
      const { cursor } = readQuery(listQuery, request);
      const { items, next } = await processor.groups(cursor);
      return { items, next: next === null ? null : makeCursor([next]) };
    },
  );

  app.get(
    "/api/groups/:id",
    describeRoute({
      needs: "look",
      summary: "One group with its largest members",
      tag: "groups",
      id: "group id",
      answer: "the group, and up to 200 members with their exposure",
    }),
    async (request) => {
      const view = await processor.group(readId(request));
      if (view !== null) return view;
      throw new Problem(404, "group_unknown", "No such group");
    },
  );
}
