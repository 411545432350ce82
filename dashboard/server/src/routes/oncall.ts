/** On call: who it is, what would be sent, overrides, swaps, calendars. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { peopleOf } from "../duty/shares.ts";
import type { OnCall } from "../duty/on-call.ts";
import { callerOf } from "../guard.ts";
import { severityNames } from "../io/settings.ts";
import { describeRoute, readBody, readId, readQuery } from "./request.ts";

export interface OncallDeps {
  readonly onCall: OnCall;
}

const tag = "on call";
/** Days of a schedule shown at once. */
const daysMax = 90;
const dutyId = z.string().regex(/^[a-z0-9-]{1,40}$/);
const at = z.iso.datetime({ offset: true });

const rangeQuery = z.object({
  from: at.optional(),
  days: z.coerce.number().int().min(1).max(daysMax).default(14),
});
const exampleBody = z.object({
  severity: z.enum(severityNames),
  rule: z.string().min(1).max(100),
  customer: z.string().min(1).max(200),
  money: z
    .object({ amount: z.string(), currency: z.string() })
    .optional()
    .describe("at risk, for steps that look at it"),
  at: at.optional(),
  ackAfterMinutes: z.number().min(0).max(10_080).nullable().default(null),
  hours: z.number().min(1).max(168).default(4),
});
const share = {
  schedule: dutyId,
  from: at,
  to: at,
  reason: z.string().trim().max(500).default(""),
};
const overrideBody = z.object({ ...share, person: dutyId });
const swapBody = z.object({
  ...share,
  gives: dutyId.describe("whose shift it is"),
  takes: dutyId.nullable().default(null).describe("null: whoever takes it"),
});
const takeBody = z.object({
  person: dutyId.nullable().default(null).describe("null: the caller"),
});
const calendarBody = z.object({
  name: z.string().trim().min(1).max(100),
  of: z.object({ kind: z.enum(["schedule", "person"]), id: dutyId }),
});

export function oncallRoutes(app: FastifyInstance, deps: OncallDeps): void {
  const { duty } = deps.onCall;
  app.get(
    "/api/oncall",
    describeRoute({
      ...{ needs: "look", tag },
      summary: "Who is on call now, until when, and who comes next",
      answer: "A page of schedules, `people`, and who of them the caller is",
    }),
    async (request) => {
      const { items, people } = await duty.watch();
      const mine = peopleOf(callerOf(request), people);
      const named = people.map(({ id, name }) => ({ id, name }));
      return { items, people: named, mine, next: null };
    },
  );

  app.get(
    "/api/oncall/schedules/:id",
    describeRoute({
      ...{ needs: "look", tag, id: "schedule id", query: rangeQuery },
      summary: "Shifts of a schedule with gaps, its rotations, its quality",
      answer: "`items`, `lanes` of single rotations, `quality` with reasons",
    }),
    async (request) =>
      duty.schedule(readId(request), readQuery(rangeQuery, request)),
  );

  app.post(
    "/api/oncall/simulate",
    describeRoute({
      ...{ needs: "look", tag, body: exampleBody },
      summary: "Who would get what when, were such an alert raised",
      answer: "A page of messages, and of steps that reach nobody",
    }),
    async (request) => duty.simulate(readBody(exampleBody, request)),
  );
  shareRoutes(app, deps);
  swapRoutes(app, deps);
  calendarRoutes(app, deps);
}

function shareRoutes(app: FastifyInstance, { onCall }: OncallDeps): void {
  const { shares } = onCall;
  app.get(
    "/api/oncall/shares",
    describeRoute({
      ...{ needs: "look", tag },
      summary: "Overrides and swaps that have not ended",
      answer: "`overrides`, `swaps`, each with what the caller may do",
    }),
    async (request) => shares.list(callerOf(request)),
  );

  app.post(
    "/api/oncall/overrides",
    describeRoute({
      ...{ needs: "operate", tag, body: overrideBody, status: 201 },
      summary: "Be on call instead of whoever it would be",
      answer: "The override",
    }),
    async (request, reply) => {
      const wanted = readBody(overrideBody, request);
      const made = await shares.override(callerOf(request), wanted);
      return reply.status(201).send(made);
    },
  );

  app.delete(
    "/api/oncall/overrides/:id",
    describeRoute({
      ...{ needs: "operate", tag, id: "override id", status: 204 },
      summary: "Remove an override",
      answer: "Nothing",
    }),
    async (request, reply) => {
      await shares.removeOverride(callerOf(request), readId(request));
      return reply.status(204).send();
    },
  );
}

function swapRoutes(app: FastifyInstance, { onCall }: OncallDeps): void {
  const { shares } = onCall;
  app.post(
    "/api/oncall/swaps",
    describeRoute({
      ...{ needs: "operate", tag, body: swapBody, status: 201 },
      summary: "Offer a share of one's shifts to others",
      answer: "The swap, open until somebody takes it",
    }),
    async (request, reply) => {
      const wanted = readBody(swapBody, request);
      const made = await shares.offer(callerOf(request), wanted);
      return reply.status(201).send(made);
    },
  );

  app.post(
    "/api/oncall/swaps/:id/take",
    describeRoute({
      ...{ needs: "operate", tag, id: "swap id", body: takeBody },
      summary: "Take what somebody offers; 409 when another was faster",
      answer: "The swap",
    }),
    async (request) => {
      const { person } = readBody(takeBody, request);
      return shares.take(callerOf(request), readId(request), person);
    },
  );

  app.delete(
    "/api/oncall/swaps/:id",
    describeRoute({
      ...{ needs: "operate", tag, id: "swap id", status: 204 },
      summary: "Withdraw a swap; whose shift it was is on call again",
      answer: "Nothing",
    }),
    async (request, reply) => {
      await shares.withdraw(callerOf(request), readId(request));
      return reply.status(204).send();
    },
  );
}

function calendarRoutes(app: FastifyInstance, { onCall }: OncallDeps): void {
  const { calendars } = onCall;
  app.get(
    "/api/oncall/calendars",
    describeRoute({
      ...{ needs: "export", tag },
      summary: "Calendars one subscribed to; for administrators everybody's",
      answer: "A page of calendars, without their secrets",
    }),
    (request) => ({ items: calendars.list(callerOf(request)), next: null }),
  );

  app.post(
    "/api/oncall/calendars",
    describeRoute({
      ...{ needs: "export", tag, body: calendarBody, status: 201 },
      summary: "Make the address of a calendar for a calendar program",
      answer: "The calendar; its address as `url`, shown this once",
    }),
    async (request, reply) => {
      const wanted = readBody(calendarBody, request);
      const made = await calendars.create(callerOf(request), wanted);
      return reply.status(201).send(made);
    },
  );

  app.post(
    "/api/oncall/calendars/:id/revoke",
    describeRoute({
      ...{ needs: "export", tag, id: "calendar id", status: 204 },
      summary: "End a calendar's address at once",
      answer: "Nothing",
    }),
    async (request, reply) => {
      await calendars.revoke(callerOf(request), readId(request));
      return reply.status(204).send();
    },
  );

  // The secret in the address is the right; programs have no session.
  app.get(
    "/calendars/:id",
    describeRoute({
      ...{ needs: "open", tag, id: "token and `.ics`" },
      summary: "Shifts as a calendar (RFC 5545)",
      answer: "`text/calendar`; 404 once it was revoked",
    }),
    async (request, reply) => {
      const token = readId(request).replace(/\.ics$/, "");
      const text = await calendars.read(token);
      return reply
        .header("cache-control", "private, no-store")
        .type("text/calendar; charset=utf-8")
        .send(text);
    },
  );
}
