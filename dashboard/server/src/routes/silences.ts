/** Silences: listed, tried on what is open, made, ended. */
import {
  labelsOf,
  matchesAll,
  parseMatcher,
  type Matcher,
} from "@riskwall/schemas/matchers";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { AuditTrail } from "../audit/trail.ts";
import { isOpen, type AlertBook } from "../core/alert-book.ts";
import { callerOf } from "../guard.ts";
import { notifierPath, type Notifier } from "../io/notifier.ts";
import { describeRoute, readBody, readId, readQuery } from "./request.ts";

export interface SilencesDeps {
  readonly notifier: Pick<Notifier, "get" | "post">;
  readonly book: Pick<AlertBook, "list">;
  readonly audit: Pick<AuditTrail, "done">;
}

const tag = "silences";
/** Alerts a preview names; all of them are counted. */
const previewMax = 20;

const listQuery = z.object({
  state: z.enum(["active", "pending", "expired"]).optional(),
});

const texts = z
  .array(z.string().max(500))
  .min(1)
  .max(20)
  .describe('Alertmanager\'s: `customer_id="C-1"`, with =, !=, =~ or !~');
const draftBody = z.object({
  matchers: texts,
  startsAt: z.iso.datetime({ offset: true }).optional(),
  endsAt: z.iso.datetime({ offset: true }),
  comment: z.string().trim().min(1).max(2000),
});

const matcher = z.string().transform((text, context): Matcher => {
  const parsed = parseMatcher(text);
  if (parsed.kind === "ok") return parsed.matcher;
  context.addIssue({ code: "custom", message: `${text}: ${parsed.why}` });
  return z.NEVER;
});
const previewBody = z.object({ matchers: z.array(matcher).min(1).max(20) });

const expireBody = z.object({ reason: z.string().trim().max(2000).optional() });

export function silenceRoutes(app: FastifyInstance, deps: SilencesDeps): void {
  const { notifier, book, audit } = deps;

  app.get(
    "/api/silences",
    describeRoute({
      needs: "look",
      summary: "Silences: active, to come, over",
      tag,
      query: listQuery,
      answer:
        "A page of `{id, state, matchers, startsAt, endsAt, createdBy, comment}` and `counts` by state",
    }),
    async (request) => {
      const { state } = readQuery(listQuery, request);
      const query = state === undefined ? "" : `?state=${state}`;
      return notifier.get(`/v1/silences${query}`);
    },
  );

  app.post(
    "/api/silences/preview",
    describeRoute({
      needs: "look",
      summary: "Open alerts that matchers would silence now",
      tag,
      body: previewBody,
      answer: "`count`, of how many in `open`, and the first alerts",
    }),
    (request) => {
      const { matchers } = readBody(previewBody, request);
      const open = book.list().filter(isOpen);
      const found = open.filter((it) => matchesAll(matchers, labelsOf(it)));
      const items = found
        .slice(0, previewMax)
        .map(({ alertId, ruleId, severity, customerId, ...rest }) => {
          const { customerName, titleZh, titleEn } = rest;
          const who = { customerId, customerName };
          return { alertId, ruleId, severity, ...who, titleZh, titleEn };
        });
      return { count: found.length, open: open.length, items, next: null };
    },
  );

  app.post(
    "/api/silences",
    describeRoute({
      needs: "operate",
      summary: "Silence what matches until an instant",
      tag,
      body: draftBody,
      answer: "The silence",
      status: 201,
    }),
    async (request, reply) => {
      const who = callerOf(request);
      const body = readBody(draftBody, request);
      const createdBy = who.user;
      const made = await notifier.post("/v1/silences", { ...body, createdBy });
      await audit.done(who, {
        ...{ action: "silence.create", targetKind: "silence" },
        ...{ targetId: String(made["id"]), reason: body.comment, after: made },
      });
      return reply.status(201).send(made);
    },
  );

  app.post(
    "/api/silences/:id/expire",
    describeRoute({
      needs: "operate",
      summary: "End a silence now",
      tag,
      id: "silence id",
      body: expireBody,
      answer: "The silence",
    }),
    async (request) => {
      const id = readId(request);
      const { reason = null } = readBody(expireBody, request);
      const before = await notifier.get(notifierPath("silences", id));
      const path = notifierPath("silences", id, "/expire");
      const after = await notifier.post(path, {});
      await audit.done(callerOf(request), {
        ...{ action: "silence.expire", targetKind: "silence", targetId: id },
        ...{ reason, before, after },
      });
      return after;
    },
  );
}
