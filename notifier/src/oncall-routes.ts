/** HTTP of schedules: who is on call, shifts with gaps, quality, calendar. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { feedToken, isFeedToken, openRoute } from "./caller-check.ts";
import { calendarOf } from "./core/ical.ts";
import type { Plan } from "./core/plan.ts";
import { onCallAt, shiftsOf, type Schedule } from "./core/schedule.ts";
import { qualityOf } from "./core/schedule-quality.ts";
import type { ZoneOffset } from "./core/time-intervals.ts";
import { refuse } from "./problem.ts";
import { dayMs } from "./core/wall-clock.ts";

/** Days of a calendar that is subscribed to, and of the quality's look. */
const feedDays = 90;
const qualityDays = 28;

export interface OncallDeps {
  readonly plan: () => Plan;
  readonly zoneOffset: ZoneOffset;
  readonly now: () => number;
  readonly secret: string;
}

const params = z.object({ id: z.string().min(1).max(100) });
const feedQuery = z.object({ token: z.string().max(100).default("") });
const range = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  days: z.coerce.number().int().min(1).max(feedDays).default(14),
});

export function addOncallRoutes(app: FastifyInstance, deps: OncallDeps): void {
  const layOut = (schedule: Schedule, from: number, days: number) => {
    const plan = deps.plan();
    const zones = { calendar: plan, zoneOffset: deps.zoneOffset };
    const span = { from, to: from + days * dayMs };
    return shiftsOf(schedule, plan.duty.roster, span, zones);
  };
  const nameOf = (person: string): string =>
    deps.plan().duty.people.get(person)?.name ?? person;
  const find = (id: string): Schedule | null =>
    deps.plan().duty.roster.schedules.get(id) ?? null;

  app.get("/v1/oncall", () => {
    const plan = deps.plan();
    const { roster } = plan.duty;
    const now = deps.now();
    const zones = { calendar: plan, zoneOffset: deps.zoneOffset };
    const items = [...roster.schedules.values()].map((schedule) => {
      const { id, name, team, zone } = schedule;
      const { person, by } = onCallAt(schedule, roster, now, zones);
      const [current] = layOut(schedule, now, feedDays);
      return {
        ...{ id, name, team, zone, person, by },
        personName: person === null ? null : nameOf(person),
        // For calendar programs, which cannot show the secret.
        calendar: `/v1/oncall/${encodeURIComponent(id)}/calendar.ics?token=${feedToken(deps.secret, id)}`,
        until: current ? new Date(current.to).toISOString() : null,
        quality: qualityOf(layOut(schedule, now, qualityDays)),
      };
    });
    return { items, next: null };
  });

  app.get("/v1/oncall/:id", (request, reply) => {
    const { id } = params.parse(request.params);
    const { from, days } = range.parse(request.query);
    const schedule = find(id);
    if (!schedule) return reply.callNotFound();
    const start = from === undefined ? deps.now() : Date.parse(from);
    const shifts = layOut(schedule, start, days);
    return {
      id,
      name: schedule.name,
      items: shifts.map((shift) => ({
        ...shift,
        personName: shift.person === null ? null : nameOf(shift.person),
        from: new Date(shift.from).toISOString(),
        to: new Date(shift.to).toISOString(),
      })),
      quality: qualityOf(shifts),
      next: null,
    };
  });

  app.get("/v1/oncall/:id/calendar.ics", openRoute, (request, reply) => {
    const { id } = params.parse(request.params);
    const { token } = feedQuery.parse(request.query);
    if (!isFeedToken(token, deps.secret, id)) {
      const title = "The address of a feed has its token";
      return refuse(reply, { status: 401, code: "unauthorized", title });
    }
    const schedule = find(id);
    if (!schedule) return reply.callNotFound();
    const now = deps.now();
    // From a day's beginning, so that a shift keeps its id from hour to hour.
    const from = Math.floor(now / dayMs) * dayMs;
    const text = calendarOf(layOut(schedule, from, feedDays), {
      ...{ scheduleId: id, name: schedule.name, nameOf, now },
      gapName: "缺岗 / nobody",
    });
    return reply.type("text/calendar; charset=utf-8").send(text);
  });
}
