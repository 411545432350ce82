/** What the wall asks beside the live feed, and links that share it. */
import type { CashDays, FigureOrigin, WallMoment } from "@riskwall/schemas";
import { figureNames } from "@riskwall/schemas/names";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Scale } from "../core/customer-row.ts";
import { maskMoment, nameMasks } from "../core/mask.ts";
import { callerOf } from "../guard.ts";
import { readFigureOrigin } from "../io/figure-origin.ts";
import { readMoment } from "../io/past-moment.ts";
import { readCashDays } from "../io/past-wall.ts";
import type { Past } from "../io/past.ts";
import type { WallLinks } from "../people/wall-links.ts";
import { Problem } from "../problem.ts";
import {
  describeRoute,
  instant,
  readBody,
  readId,
  readQuery,
} from "./request.ts";

export interface WallRoutesDeps {
  readonly past: Past;
  readonly scale: () => Scale;
  readonly now: () => number;
  readonly wallLinks: WallLinks;
}

/** Days of cash shown, today included. */
const cashDays = 14;
const tag = "wall";
const momentQuery = z.object({ at: instant.describe("a past instant") });
const newLink = z.object({
  name: z.string().trim().min(1).max(100),
  names: z
    .enum(nameMasks)
    .default("short")
    .describe("names of customers: whole, first four characters, or the id"),
  amounts: z
    .boolean()
    .default(false)
    .describe("whether amounts of single customers are shown"),
  expiresAt: instant.optional(),
});
const reasonBody = z
  .object({ reason: z.string().trim().max(2000).optional() })
  .default({});

export function wallRoutes(app: FastifyInstance, deps: WallRoutesDeps): void {
  const { past, scale, now, wallLinks } = deps;

  app.get(
    "/api/wall/cash",
    describeRoute({
      ...{ needs: "watch", tag },
      summary: "Cash received by day",
      answer: "Received in the reporting currency, the last 14 days",
    }),
    async (): Promise<CashDays> => {
      const { currency } = scale();
      const days = await readCashDays(past, currency, cashDays, now());
      return { currency, at: new Date(now()).toISOString(), days };
    },
  );

  app.get(
    "/api/wall/figures/:id",
    describeRoute({
      ...{ needs: "look", tag, id: figureNames.join(", ") },
      summary: "Where a figure of the wall comes from",
      answer: "Its query in history with the answer, and its last events",
    }),
    async (request): Promise<FigureOrigin> => {
      const wanted = readId(request);
      const name = figureNames.find((known) => known === wanted);
      if (name === undefined) {
        throw new Problem(404, "unknown_figure", "The wall has no such figure");
      }
      return readFigureOrigin(past, name);
    },
  );

  app.get(
    "/api/wall/at",
    describeRoute({
      ...{ needs: "watch", tag },
      summary: "The wall as it stood at a past instant",
      query: momentQuery,
      answer: "Rows of the live topics; what history does not keep is left out",
    }),
    async (request): Promise<WallMoment> => {
      const { at } = readQuery(momentQuery, request);
      if (at > now()) {
        throw new Problem(422, "in_the_future", "The instant has not come yet");
      }
      const moment = await readMoment(past, at, scale().currency);
      const mask = request.identity?.mask;
      return mask === undefined ? moment : maskMoment(moment, mask);
    },
  );

  app.get(
    "/api/wall/links",
    describeRoute({
      ...{ needs: "administer", tag },
      summary: "Links that show the wall without sign-in, the newest first",
      answer: "A page of links, without their secrets",
    }),
    () => ({ items: wallLinks.list(), next: null }),
  );

  app.post(
    "/api/wall/links",
    describeRoute({
      ...{ needs: "administer", tag },
      summary: "Share the wall",
      body: newLink,
      answer: "The link; its secret as `token`, shown this once",
      status: 201,
    }),
    async (request, reply) => {
      const {
        name,
        names,
        amounts,
        expiresAt = null,
      } = readBody(newLink, request);
      const wanted = { name, mask: { names, amounts }, expiresAt };
      const made = await wallLinks.create(callerOf(request), wanted);
      return reply.status(201).send(made);
    },
  );

  app.post(
    "/api/wall/links/:id/revoke",
    describeRoute({
      ...{ needs: "administer", tag, id: "link id" },
      summary: "End a link at once; walls that show it go dark",
      body: reasonBody,
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const why = readBody(reasonBody, request).reason ?? null;
      await wallLinks.revoke(callerOf(request), readId(request), why);
      return reply.status(204).send();
    },
  );
}
