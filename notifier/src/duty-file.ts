/** A file of people, teams, schedules and escalations, read and checked. */
import type { Duty, Person } from "./core/duty.ts";
import type { Schedule } from "./core/schedule.ts";
import {
  channelsOf,
  dangling,
  repeated,
  type NamedChannel,
} from "./duty-names.ts";
import { problemsOf, type DutyProblem } from "./duty-problems.ts";
import { dutyShape, type Contact } from "./duty-shape.ts";

/** Setting that holds people, teams, schedules and escalations. */
export const dutyKey = "oncall:main";

/** What a checked file means, and the addresses of its people. */
export interface ParsedDuty {
  readonly duty: Omit<Duty, "roster"> & {
    readonly schedules: ReadonlyMap<string, Schedule>;
  };
  /** Person → channel → addresses. */
  readonly contacts: ReadonlyMap<string, Readonly<Record<string, Contact>>>;
}

export type DutyRead =
  | {
      readonly kind: "ok";
      readonly parsed: ParsedDuty;
      readonly channels: readonly NamedChannel[];
    }
  | { readonly kind: "bad"; readonly problems: readonly DutyProblem[] };

export function parseDuty(value: unknown): DutyRead {
  const parsed = dutyShape.safeParse(value);
  if (!parsed.success) {
    return { kind: "bad", problems: problemsOf(parsed.error) };
  }
  const file = parsed.data;
  const problems = [...repeated(file), ...dangling(file)];
  if (problems.length > 0) return { kind: "bad", problems };
  const people = file.people.map((one): Person => {
    const { id, name, user = id, default: usual, important } = one;
    const contacts = new Set(Object.keys(one.contacts));
    return { id, name, user, contacts, usual, important };
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
