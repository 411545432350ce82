/** Names in a file of people and escalations: which are there twice or missing. */
import type { Target } from "./core/duty.ts";
import type { DutyProblem } from "./duty-problems.ts";
import type { DutyFile } from "./duty-shape.ts";

/** Channels named in a file, each with the path that names it. */
export type NamedChannel = readonly [path: string, channel: string];

export function repeated(file: DutyFile): DutyProblem[] {
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
export function dangling(file: DutyFile): DutyProblem[] {
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

export function channelsOf(file: DutyFile): NamedChannel[] {
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
