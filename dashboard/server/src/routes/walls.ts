/** Composed walls: read by every wall, written by who may compose. */
import { parseLayout, type WallLayout } from "@riskwall/schemas/wall-layout";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf, demand } from "../guard.ts";
import { Problem } from "../problem.ts";
import type { Walls } from "../walls/walls.ts";
import { describeRoute, readBody, readId, readQuery } from "./request.ts";

export interface WallsRoutesDeps {
  readonly walls: Walls;
  readonly audit: AuditTrail;
}

const tag = "walls";
const id = "wall id";
const expected = z.number().int().min(1).describe("the version you saw last");
const draft = {
  layout: z
    .record(z.string(), z.unknown())
    .describe("`{format: 1, name, panels: [{id, kind, x, y, w, h, …}]}`"),
  note: z.string().trim().max(200).default("").describe("why it was saved"),
};
const newWall = z.object(draft);
const savedWall = z.object({ ...draft, expected });
const removal = z.object({
  expected,
  reason: z.string().trim().max(2000).optional(),
});
const versionQuery = z.object({
  version: z.coerce.number().int().min(1).optional(),
});

/** 422 with every problem of the layout and its path. */
function layoutOf(value: unknown): WallLayout {
  const { layout, problems } = parseLayout(value);
  if (layout !== null) return layout;
  const first = problems[0];
  throw new Problem(422, "invalid_layout", "The layout is not valid", {
    path: first?.path ?? "",
    detail: `${String(problems.length)} problems`,
    problems,
  });
}

export function wallsRoutes(app: FastifyInstance, deps: WallsRoutesDeps): void {
  const { walls } = deps;

  app.get(
    "/api/walls",
    describeRoute({
      ...{ needs: "look", tag },
      summary: "Walls that people composed, by name",
      answer: "A page of walls: name, newest version, who and when",
    }),
    () => ({ items: walls.list(), next: null }),
  );

  app.post(
    "/api/walls",
    describeRoute({
      ...{ needs: "compose", tag },
      summary: "Compose a wall",
      body: newWall,
      answer: "The wall in its first version",
      status: 201,
    }),
    async (request, reply) => {
      const { layout, note } = readBody(newWall, request);
      const wanted = { layout: layoutOf(layout), note };
      const made = await walls.create(callerOf(request), wanted);
      return reply.status(201).send(made);
    },
  );

  app.get(
    "/api/walls/:id",
    describeRoute({
      ...{ needs: "watch", tag, id },
      summary: "A wall; an older version for who may look",
      query: versionQuery,
      answer: "Its layout, version, who saved it and when",
    }),
    async (request) => {
      const { version } = readQuery(versionQuery, request);
      if (version !== undefined) await demand(request, "look", deps.audit);
      const wall = walls.read(readId(request), version);
      if (request.identity?.role !== "wall") return wall;
      // Strangers see what it shows, not who works here.
      return { ...wall, by: "", note: "" };
    },
  );

  app.get(
    "/api/walls/:id/versions",
    describeRoute({
      ...{ needs: "look", tag, id },
      summary: "Versions of a wall, the newest first",
      answer: "A page of versions: who, when, why",
    }),
    (request) => ({ items: walls.versions(readId(request)), next: null }),
  );

  app.put(
    "/api/walls/:id",
    describeRoute({
      ...{ needs: "compose", tag, id },
      summary: "Save a wall as its next version",
      body: savedWall,
      answer: "The wall; 409 with `by` and `at` when somebody was faster",
    }),
    async (request) => {
      const { layout, ...rest } = readBody(savedWall, request);
      const wanted = { ...rest, layout: layoutOf(layout) };
      return walls.save(callerOf(request), readId(request), wanted);
    },
  );

  app.post(
    "/api/walls/:id/remove",
    describeRoute({
      ...{ needs: "compose", tag, id },
      summary: "Remove a wall; boxes that show it say so",
      body: removal,
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const { expected: seen, reason = null } = readBody(removal, request);
      const why = { expected: seen, reason };
      await walls.remove(callerOf(request), readId(request), why);
      return reply.status(204).send();
    },
  );
}
