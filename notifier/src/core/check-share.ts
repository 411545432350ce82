/** Whether an override or a swap makes sense in the schedules as they stand. */
import type { Duty } from "./duty.ts";
import { shiftsOf, type Override, type Swap, type Zones } from "./schedule.ts";
import { dayMs } from "./wall-clock.ts";

/** Longest override or swap. */
export const shareDaysMax = 60;
/** Overrides and swaps together that have not ended. */
export const sharesMax = 1000;

export interface ShareProblem {
  readonly path: string;
  readonly code:
    | "schedule_unknown"
    | "person_unknown"
    | "same_person"
    | "not_on_call"
    | "already_over"
    | "too_long"
    | "too_many";
  readonly message: string;
}

export interface ShareScene {
  readonly duty: Duty;
  readonly zones: Zones;
  readonly now: number;
}

type Span = Pick<Override, "schedule" | "from" | "to">;

function* spanProblems(
  { schedule, from, to }: Span,
  { duty, now }: ShareScene,
): Generator<ShareProblem> {
  const { schedules, overrides, swaps } = duty.roster;
  if (!schedules.has(schedule)) {
    const message = `${schedule} is not defined`;
    yield { path: "schedule", code: "schedule_unknown", message };
  }
  if (to <= now) {
    yield { path: "to", code: "already_over", message: "lies in the past" };
  }
  if (to - from > shareDaysMax * dayMs) {
    const message = `lasts over ${String(shareDaysMax)} days`;
    yield { path: "to", code: "too_long", message };
  }
  const standing = [...overrides, ...swaps].filter((one) => one.to > now);
  if (standing.length >= sharesMax) {
    const message = `${String(sharesMax)} stand already`;
    yield { path: "", code: "too_many", message };
  }
}

function* needPerson(
  id: string,
  path: string,
  { duty }: ShareScene,
): Generator<ShareProblem> {
  if (duty.people.has(id)) return;
  yield { path, code: "person_unknown", message: `${id} is not defined` };
}

export function overrideProblems(
  override: Override,
  scene: ShareScene,
): readonly ShareProblem[] {
  return [
    ...spanProblems(override, scene),
    ...needPerson(override.person, "person", scene),
  ];
}

/** Who gives a share away has to be on call in it, this swap not counted. */
export function swapProblems(
  swap: Swap,
  scene: ShareScene,
): readonly ShareProblem[] {
  const { gives, takes, from, to } = swap;
  const { roster } = scene.duty;
  const others = {
    ...roster,
    swaps: roster.swaps.filter(({ id }) => id !== swap.id),
  };
  const problems = [
    ...spanProblems(swap, {
      ...scene,
      duty: { ...scene.duty, roster: others },
    }),
    ...needPerson(gives, "gives", scene),
    ...(takes === null ? [] : needPerson(takes, "takes", scene)),
  ];
  if (takes === gives) {
    const message = "nobody swaps with themselves";
    problems.push({ path: "takes", code: "same_person", message });
  }
  const schedule = roster.schedules.get(swap.schedule);
  if (!schedule || problems.length > 0) return problems;
  const shifts = shiftsOf(schedule, others, { from, to }, scene.zones);
  if (shifts.some(({ person }) => person === gives)) return [];
  const message = `${gives} is not on call then`;
  return [{ path: "gives", code: "not_on_call", message }];
}
