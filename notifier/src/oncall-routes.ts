/**
 * HTTP of on call: who it is now and next, shifts with gaps, quality, what
 * would be sent, overrides and swaps, calendars.
 */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { overrideProblems, swapProblems } from "./core/check-share.ts";
import { feedShifts, lanesOf, watchAt } from "./core/duty-board.ts";
import { calendarOf, type CalendarPart } from "./core/ical.ts";
import type { Plan } from "./core/plan.ts";
import {
  shiftDaysMax,
  shiftsOf,
  type Schedule,
  type Shift,
} from "./core/schedule.ts";
import { qualityOf } from "./core/schedule-quality.ts";
import { simulate } from "./core/simulate.ts";
import type { ZoneOffset } from "./core/time-intervals.ts";
import { dayMs } from "./core/wall-clock.ts";
import { exampleBody, exampleBrief } from "./example-alert.ts";
import { invalid, refuse } from "./problem.ts";
import type { Shares } from "./settings.ts";
import { readOverride, readSwap } from "./share-file.ts";

/** Days that the quality looks at. */
const qualityDays = 28;
const gapName = "缺岗 / nobody";

export interface OncallDeps {
  readonly plan: () => Plan;
  readonly shares: () => Shares;
  readonly zoneOffset: ZoneOffset;
  /** Resolves once the setting at an offset is in force, or false when late. */
  readonly reached: (offset: number) => Promise<boolean>;
  readonly now: () => number;
}

const params = z.object({ id: z.string().min(1).max(100) });
const offsetParams = z.object({ offset: z.coerce.number().int().min(0) });
const range = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  days: z.coerce.number().int().min(1).max(shiftDaysMax).default(14),
});
const aheadBody = exampleBody.extend({
  /** Minutes until somebody acknowledges it; null = nobody does. */
  ackAfterMinutes: z.number().min(0).max(10_080).nullable().default(null),
  hours: z.number().min(1).max(168).default(4),
});
const checkBody = z.object({
  kind: z.enum(["override", "swap"]),
  share: z.looseObject({}),
});

const iso = (at: number): string => new Date(at).toISOString();

/** What the routes read of the plan at the moment they are asked. */
function viewOf(deps: OncallDeps) {
  const plan = deps.plan();
  const { duty } = plan;
  const zones = { calendar: plan, zoneOffset: deps.zoneOffset };
  const nameOf = (person: string): string =>
    duty.people.get(person)?.name ?? person;
  return {
    ...{ plan, duty, zones, nameOf, now: deps.now() },
    schedules: [...duty.roster.schedules.values()],
    find: (id: string) => duty.roster.schedules.get(id) ?? null,
    nameOrNull: (person: string | null) => person && nameOf(person),
    layOut: (schedule: Schedule, from: number, days: number) =>
      shiftsOf(schedule, duty.roster, { from, to: from + days * dayMs }, zones),
  };
}
type View = ReturnType<typeof viewOf>;

function shiftView(shift: Shift, { nameOrNull }: View): object {
  const { from, to, person } = shift;
  const times = { from: iso(from), to: iso(to) };
  return { ...shift, ...times, personName: nameOrNull(person) };
}

function watchView(schedule: Schedule, view: View): object {
  const { duty, zones, now, nameOrNull, layOut } = view;
  const { id, name, team, zone } = schedule;
  const { person, by, until, next } = watchAt(
    schedule,
    duty.roster,
    now,
    zones,
  );
  return {
    ...{ id, name, team, zone, person, by },
    personName: nameOrNull(person),
    until: until === null ? null : iso(until),
    next:
      until === null ? null : { person: next, personName: nameOrNull(next) },
    quality: qualityOf(layOut(schedule, now, qualityDays)),
  };
}

function addScheduleRoutes(app: FastifyInstance, deps: OncallDeps): void {
  app.get("/v1/oncall", () => {
    const view = viewOf(deps);
    const people = [...view.duty.people.values()];
    return {
      items: view.schedules.map((schedule) => watchView(schedule, view)),
      people: people.map(({ id, name, user }) => ({ id, name, user })),
      next: null,
    };
  });

  app.get("/v1/oncall/:id", async (request, reply) => {
    const { id } = params.parse(request.params);
    const asked = range.safeParse(request.query);
    if (!asked.success)
      return refuse(reply, invalid(asked.error, "invalid_query"));
    const view = viewOf(deps);
    const schedule = view.find(id);
    if (!schedule) return unknownSchedule(reply);
    const { from: text, days } = asked.data;
    const from = text === undefined ? view.now : Date.parse(text);
    const shifts = view.layOut(schedule, from, days);
    const span = { from, to: from + days * dayMs };
    const show = (shift: Shift): object => shiftView(shift, view);
    return {
      ...{ id, name: schedule.name, zone: schedule.zone },
      items: shifts.map(show),
      lanes: lanesOf(schedule, span, view.zones).map((lane) => {
        return { name: lane.name, items: lane.shifts.map(show) };
      }),
      quality: qualityOf(shifts),
      next: null,
    };
  });
}

async function unknownSchedule(
  reply: Parameters<typeof refuse>[0],
): Promise<unknown> {
  return refuse(reply, {
    status: 404,
    code: "schedule_unknown",
    title: "No such schedule",
  });
}

function addCalendarRoutes(app: FastifyInstance, deps: OncallDeps): void {
  const calendar = (
    name: string,
    view: View,
    isIn: (schedule: Schedule, shift: Shift) => boolean,
  ): string => {
    const { duty, zones, nameOf, now } = view;
    const parts = view.schedules.map((schedule): CalendarPart => {
      const shifts = feedShifts(schedule, duty.roster, now, zones);
      const { id, name: called } = schedule;
      const mine = shifts.filter((shift) => isIn(schedule, shift));
      return { id, name: called, shifts: mine };
    });
    return calendarOf(parts, { name, gapName, nameOf, now });
  };
  const type = "text/calendar; charset=utf-8";

  app.get("/v1/oncall/:id/calendar.ics", async (request, reply) => {
    const { id } = params.parse(request.params);
    const view = viewOf(deps);
    const schedule = view.find(id);
    if (!schedule) return unknownSchedule(reply);
    const text = calendar(schedule.name, view, (one) => one.id === id);
    return reply.type(type).send(text);
  });

  app.get("/v1/people/:id/calendar.ics", async (request, reply) => {
    const { id } = params.parse(request.params);
    const view = viewOf(deps);
    if (!view.duty.people.has(id)) {
      return refuse(reply, {
        status: 404,
        code: "person_unknown",
        title: "No such person",
      });
    }
    const isMine = (_: Schedule, { person }: Shift): boolean => person === id;
    return reply.type(type).send(calendar(view.nameOf(id), view, isMine));
  });
}

function addShareRoutes(app: FastifyInstance, deps: OncallDeps): void {
  /** Those that have not ended, the oldest first. */
  app.get("/v1/shares", () => {
    const { overrides, swaps } = deps.shares();
    const now = deps.now();
    const standing = <
      One extends { readonly from: number; readonly to: number },
    >(
      list: readonly One[],
    ) =>
      list
        .filter(({ to }) => to > now)
        .map((one) => ({ ...one, from: iso(one.from), to: iso(one.to) }));
    return { overrides: standing(overrides), swaps: standing(swaps) };
  });

  /** What is wrong with an override or swap that somebody wants to write. */
  app.post("/v1/shares/check", async (request, reply) => {
    const asked = checkBody.safeParse(request.body);
    if (!asked.success)
      return refuse(reply, invalid(asked.error, "invalid_body"));
    const { kind, share } = asked.data;
    const { duty, zones, now } = viewOf(deps);
    const scene = { duty, zones, now };
    if (kind === "override") {
      const read = readOverride(share);
      if (read.kind === "bad") return { problems: read.problems };
      return { problems: overrideProblems(read.share, scene) };
    }
    const read = readSwap(share);
    if (read.kind === "bad") return { problems: read.problems };
    return { problems: swapProblems(read.share, scene) };
  });

  app.get("/v1/settings/reached/:offset", async (request) => {
    const { offset } = offsetParams.parse(request.params);
    return { reached: await deps.reached(offset) };
  });
}

export function addOncallRoutes(app: FastifyInstance, deps: OncallDeps): void {
  addScheduleRoutes(app, deps);
  addCalendarRoutes(app, deps);
  addShareRoutes(app, deps);

  app.post("/v1/oncall/simulate", async (request, reply) => {
    const parsed = aheadBody.safeParse(request.body);
    if (!parsed.success)
      return refuse(reply, invalid(parsed.error, "invalid_body"));
    const { at, ackAfterMinutes: minutes, hours } = parsed.data;
    const moment = {
      plan: deps.plan(),
      now: at === undefined ? deps.now() : Date.parse(at),
      zoneOffset: deps.zoneOffset,
    };
    const items = simulate(exampleBrief(parsed.data), moment, {
      ackAfterMs: minutes === null ? null : minutes * 60_000,
      horizonMs: hours * 3_600_000,
    });
    return { items, next: null };
  });
}
