/**
 * People, teams, schedules and escalations as people write them, and what is
 * wrong with them: each problem with its path and a stable code.
 */
import { parseMinor } from "@riskwall/schemas/money";
import { z } from "zod";
import { severities } from "./core/brief.ts";
import {
  repeatMax,
  type Chain,
  type ChainStep,
  type Duty,
  type Person,
  type Target,
  type Team,
} from "./core/duty.ts";
import type { Override, Schedule, Swap } from "./core/schedule.ts";
import { duration } from "./durations.ts";
import { interval, zone } from "./interval-file.ts";

/** Setting that holds people, teams, schedules and escalations. */
export const dutyKey = "oncall:main";

export interface DutyProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

const id = z.string().regex(/^[a-z0-9-]{1,40}$/);
const label = z.string().min(1).max(100);
const wait = duration.refine((ms) => ms <= 86_400_000, {
  error: "a day at most",
});

const way = z
  .object({ channel: id, after: wait.default(0) })
  .transform(({ channel, after: afterMs }) => ({ channel, afterMs }));

/** Addresses of a person on a channel, put over the channel's own settings. */
const contact = z.strictObject({
  to: z.array(z.email()).min(1).max(5).optional(),
  mobiles: z.array(z.string().max(30)).min(1).max(5).optional(),
});
export type Contact = z.output<typeof contact>;

const person = z.strictObject({
  id,
  name: label,
  contacts: z.record(id, contact).default({}),
  default: z.array(way).min(1).max(10),
  important: z.array(way).max(10).default([]),
});

const team = z.strictObject({
  ...{ id, name: label },
  people: z.array(id).min(1).max(50),
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
    people: z.array(id).min(1).max(50),
    starts: wallTime,
    ends: wallTime.nullable().default(null),
    turn_days: z.number().int().min(1).max(60),
    during: z.array(interval).max(10).default([]),
  })
  .transform(({ starts, ends, turn_days: turnDays, ...rest }) => {
    return { ...rest, turnDays, startsAtWall: starts, endsAtWall: ends };
  });

const schedule = z.strictObject({
  ...{ id, name: label, team: id.nullable().default(null) },
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

const shape = z.object({
  version: z.number().int().min(0).default(0),
  people: z.array(person).max(500).default([]),
  teams: z.array(team).max(100).default([]),
  schedules: z.array(schedule).max(100).default([]),
  escalations: z.array(escalation).max(100).default([]),
});
type DutyFile = z.output<typeof shape>;

/** What a checked file means, and the addresses of its people. */
export interface ParsedDuty {
  readonly duty: Omit<Duty, "roster"> & {
    readonly schedules: ReadonlyMap<string, Schedule>;
  };
  /** Person → channel → addresses. */
  readonly contacts: ReadonlyMap<string, Readonly<Record<string, Contact>>>;
}

/** Channels named in a file, each with the path that names it. */
export type NamedChannel = readonly [path: string, channel: string];

export type DutyRead =
  | {
      readonly kind: "ok";
      readonly parsed: ParsedDuty;
      readonly channels: readonly NamedChannel[];
    }
  | { readonly kind: "bad"; readonly problems: readonly DutyProblem[] };

const pathOf = (parts: readonly PropertyKey[]): string =>
  parts.reduce<string>(
    (text, part) =>
      typeof part === "number"
        ? `${text}[${String(part)}]`
        : `${text}${text === "" ? "" : "."}${String(part)}`,
    "",
  );

export function problemsOf(error: z.ZodError): readonly DutyProblem[] {
  return error.issues.map((issue) => {
    const { path, message } = issue;
    const own: unknown = "params" in issue ? issue.params?.["code"] : undefined;
    const code = typeof own === "string" ? own : issue.code;
    return { path: pathOf(path), code, message };
  });
}

/** The line of a problem, as the command line prints it. */
export function problemText({ path, code, message }: DutyProblem): string {
  return `${path}: ${code}: ${message}`;
}

export function parseDuty(value: unknown): DutyRead {
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    return { kind: "bad", problems: problemsOf(parsed.error) };
  }
  const file = parsed.data;
  const problems = [...repeated(file), ...dangling(file)];
  if (problems.length > 0) return { kind: "bad", problems };
  const people = file.people.map((one): Person => {
    const { id: name, contacts, default: usual, important } = one;
    const own = new Set(Object.keys(contacts));
    return { id: name, name: one.name, contacts: own, usual, important };
  });
  const byId = <One extends { readonly id: string }>(list: readonly One[]) =>
    new Map(list.map((one) => [one.id, one]));
  return {
    kind: "ok",
    channels: channelsOf(file),
    parsed: {
      duty: {
        version: file.version,
        people: byId(people),
        teams: byId(file.teams),
        schedules: byId(file.schedules),
        chains: new Map(file.escalations.map((one) => [one.name, one])),
      },
      contacts: new Map(file.people.map((one) => [one.id, one.contacts])),
    },
  };
}

function repeated(file: DutyFile): DutyProblem[] {
  const lists = {
    people: file.people.map((one) => one.id),
    teams: file.teams.map((one) => one.id),
    schedules: file.schedules.map((one) => one.id),
    escalations: file.escalations.map((one) => one.name),
  };
  return Object.entries(lists).flatMap(([name, ids]) =>
    ids.flatMap((one, i) =>
      ids.indexOf(one) === i
        ? []
        : [
            {
              path: `${name}[${String(i)}]`,
              code: "duplicate_id",
              message: `${one} is there twice`,
            },
          ],
    ),
  );
}

/** Names that nothing has. */
function dangling(file: DutyFile): DutyProblem[] {
  const known = {
    person: new Set(file.people.map((one) => one.id)),
    team: new Set(file.teams.map((one) => one.id)),
    schedule: new Set(file.schedules.map((one) => one.id)),
  };
  const problems: DutyProblem[] = [];
  const need = (kind: keyof typeof known, name: string, path: string): void => {
    if (known[kind].has(name)) return;
    const message = `${name} is not defined`;
    problems.push({ path, code: `${kind}_unknown`, message });
  };
  const needPeople = (ids: readonly string[], path: string): void => {
    for (const [i, one] of ids.entries()) {
      need("person", one, `${path}.people[${String(i)}]`);
    }
  };
  for (const [i, one] of file.teams.entries()) {
    needPeople(one.people, `teams[${String(i)}]`);
  }
  for (const [i, one] of file.schedules.entries()) {
    const path = `schedules[${String(i)}]`;
    if (one.team !== null) need("team", one.team, `${path}.team`);
    for (const [j, { people }] of one.rotations.entries()) {
      needPeople(people, `${path}.rotations[${String(j)}]`);
    }
  }
  for (const [path, at] of targetsOf(file)) {
    if (at.kind !== "channel") need(at.kind, at.id, path);
  }
  return problems;
}

function* targetsOf(
  file: DutyFile,
): Generator<readonly [path: string, target: Target]> {
  for (const [i, { steps }] of file.escalations.entries()) {
    for (const [j, { notify }] of steps.entries()) {
      for (const [k, at] of notify.entries()) {
        const place = `steps[${String(j)}].notify[${String(k)}]`;
        yield [`escalations[${String(i)}].${place}`, at];
      }
    }
  }
}

function channelsOf(file: DutyFile): NamedChannel[] {
  const found: NamedChannel[] = [];
  for (const [i, one] of file.people.entries()) {
    const path = `people[${String(i)}]`;
    for (const [j, { channel }] of one.default.entries()) {
      found.push([`${path}.default[${String(j)}]`, channel]);
    }
    for (const [j, { channel }] of one.important.entries()) {
      found.push([`${path}.important[${String(j)}]`, channel]);
    }
    for (const channel of Object.keys(one.contacts)) {
      found.push([`${path}.contacts.${channel}`, channel]);
    }
  }
  for (const [path, at] of targetsOf(file)) {
    if (at.kind === "channel") found.push([path, at.id]);
  }
  return found;
}

const instant = z.iso.datetime({ offset: true }).transform(Date.parse);
const share = {
  schedule: id,
  from: instant,
  to: instant,
  createdBy: z.string().default(""),
  createdAt: z.string().default(""),
  reason: z.string().max(500).default(""),
};
const forward = (one: { readonly from: number; readonly to: number }) =>
  one.from < one.to;
const backward = { error: "ends before it begins", path: ["to"] };

const overrideShape = z.object({ id, person: id, ...share });
const swapShape = z.object({
  ...{ id, gives: id, takes: id.nullable().default(null) },
  ...share,
});

/** An override of a stored setting; else what is wrong with it. */
export function parseOverride(
  value: unknown,
): (Override & { readonly createdAt: string }) | string {
  const parsed = overrideShape.refine(forward, backward).safeParse(value);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
}

export function parseSwap(
  value: unknown,
): (Swap & { readonly createdAt: string }) | string {
  const parsed = swapShape.refine(forward, backward).safeParse(value);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
}
