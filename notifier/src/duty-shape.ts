/** People, teams, schedules and escalations as people write them: their shape. */
import { parseMinor } from "@riskwall/schemas/money";
import { z } from "zod";
import { severities } from "./core/brief.ts";
import {
  repeatMax,
  type Chain,
  type ChainStep,
  type Target,
  type Team,
} from "./core/duty.ts";
import type { Schedule } from "./core/schedule.ts";
import { duration } from "./durations.ts";
import { interval, zone } from "./interval-file.ts";

/** Ids of people, teams, schedules, overrides, swaps. */
export const dutyId = z.string().regex(/^[a-z0-9-]{1,40}$/);
const label = z.string().min(1).max(100);
const wait = duration.refine((ms) => ms <= 86_400_000, {
  error: "a day at most",
});

const way = z
  .object({ channel: dutyId, after: wait.default(0) })
  .transform(({ channel, after: afterMs }) => ({ channel, afterMs }));

/** Addresses of a person on a channel, put over the channel's own settings. */
const contact = z.strictObject({
  to: z.array(z.email()).min(1).max(5).optional(),
  mobiles: z.array(z.string().max(30)).min(1).max(5).optional(),
});
export type Contact = z.output<typeof contact>;

const person = z.strictObject({
  id: dutyId,
  name: label,
  /** Who signs in for the person; the id, where it does not say. */
  user: z.string().min(1).max(100).optional(),
  contacts: z.record(dutyId, contact).default({}),
  default: z.array(way).min(1).max(10),
  important: z.array(way).max(10).default([]),
});

const team = z.strictObject({
  ...{ id: dutyId, name: label },
  people: z.array(dutyId).min(1).max(50),
}) satisfies z.ZodType<Team>;

/** `2026-11-02T09:00`: wall time of the schedule's zone. */
const wallTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/)
  .transform((text) => Date.parse(`${text}:00Z`))
  .refine(Number.isFinite, { error: "no such time" });

const rotation = z
  .strictObject({
    name: label,
    people: z.array(dutyId).min(1).max(50),
    starts: wallTime,
    ends: wallTime.nullable().default(null),
    turn_days: z.number().int().min(1).max(60),
    during: z.array(interval).max(10).default([]),
  })
  .transform(({ starts, ends, turn_days: turnDays, ...rest }) => {
    return { ...rest, turnDays, startsAtWall: starts, endsAtWall: ends };
  });

const schedule = z.strictObject({
  ...{ id: dutyId, name: label, team: dutyId.nullable().default(null) },
  zone: zone.default("Asia/Shanghai"),
  rotations: z.array(rotation).min(1).max(20),
}) satisfies z.ZodType<Schedule>;

const targetPattern = /^(person|team|schedule|channel):([a-z0-9-]{1,40})$/;
const target = z.string().transform((text, context): Target => {
  const [, kind, name = ""] = targetPattern.exec(text) ?? [];
  switch (kind) {
    case "person":
    case "team":
    case "schedule":
    case "channel":
      return { kind, id: name };
    default:
      context.addIssue({
        ...{ code: "custom", message: "expected kind:id" },
        params: { code: "target_malformed" },
      });
      return z.NEVER;
  }
});

const money = z
  .strictObject({ amount: z.string(), currency: z.string() })
  .transform(({ amount, currency }, context) => {
    const minor = parseMinor(amount, currency);
    if (typeof minor === "number") return { minor, currency };
    const params = { code: minor };
    context.addIssue({ code: "custom", message: minor, params });
    return z.NEVER;
  });

const step = z
  .strictObject({
    notify: z.array(target).min(1).max(20),
    wait: wait.default(5 * 60_000),
    important: z.boolean().default(false),
    only_if: z
      .strictObject({
        severity: z.enum(severities).nullable().default(null),
        alerts: z.number().int().min(1).max(500).default(1),
        money: money.nullable().default(null),
      })
      .prefault({}),
  })
  .transform(
    ({ notify, wait: waitMs, important, only_if: onlyIf }): ChainStep => {
      return { notify, waitMs, important, onlyIf };
    },
  );

/** A chain that begins anew waits at least so long at its end. */
const lastWaitMinMs = 60_000;

const escalation = z
  .strictObject({
    name: label,
    repeat: z.number().int().min(0).max(repeatMax).default(0),
    steps: z.array(step).min(1).max(20),
  })
  .refine(
    ({ repeat, steps }) =>
      repeat === 0 || (steps.at(-1)?.waitMs ?? 0) >= lastWaitMinMs,
    {
      error: "a chain that repeats waits a minute at its end",
      params: { code: "repeat_without_wait" },
      path: ["steps"],
    },
  ) satisfies z.ZodType<Chain>;

export const dutyShape = z.object({
  version: z.number().int().min(0).default(0),
  people: z.array(person).max(500).default([]),
  teams: z.array(team).max(100).default([]),
  schedules: z.array(schedule).max(100).default([]),
  escalations: z.array(escalation).max(100).default([]),
});
export type DutyFile = z.output<typeof dutyShape>;
