/** Ending the links in messages that show an alert without sign-in. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { callerOf } from "../guard.ts";
import { everyAlert, type AlertLinks } from "../people/alert-links.ts";
import { describeRoute, readBody, readId } from "./request.ts";

export interface AlertLinksRoutesDeps {
  readonly alertLinks: Pick<AlertLinks, "end">;
}

const reasonBody = z
  .object({ reason: z.string().trim().max(2000).optional() })
  .default({});
const answer = "`endedAt`: links sent up to then show nothing any more";

export function alertLinkRoutes(
  app: FastifyInstance,
  { alertLinks }: AlertLinksRoutesDeps,
): void {
  app.post(
    "/api/alerts/:id/links/end",
    describeRoute({
      ...{ needs: "operate", tag: "alerts", id: "alert id" },
      summary: "End the links to an alert that messages brought so far",
      ...{ body: reasonBody, answer },
    }),
    async (request) => {
      const { reason = null } = readBody(reasonBody, request);
      const who = callerOf(request);
      const endedAt = await alertLinks.end(who, readId(request), reason);
      return { endedAt };
    },
  );

  app.post(
    "/api/alert-links/end",
    describeRoute({
      ...{ needs: "configure", tag: "alerts" },
      summary: "End the links of all alerts that messages brought so far",
      ...{ body: reasonBody, answer },
    }),
    async (request) => {
      const { reason = null } = readBody(reasonBody, request);
      const who = callerOf(request);
      return { endedAt: await alertLinks.end(who, everyAlert, reason) };
    },
  );
}
