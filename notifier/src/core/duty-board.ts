/** What pages show of a schedule: now, next, lanes of its rotations. */
import {
  emptyRoster,
  shiftsOf,
  type Roster,
  type Schedule,
  type Shift,
  type Zones,
} from "./schedule.ts";
import { dayMs } from "./wall-clock.ts";

/** Days within which the next hand-over is looked for. */
export const handOverDays = 90;

export interface Watch {
  /** Null: nobody is on call now. */
  readonly person: string | null;
  readonly by: Shift["by"];
  /** When somebody else, or nobody, follows; null = not within the look. */
  readonly until: number | null;
  /** Who follows then; null = a gap, or nothing follows. */
  readonly next: string | null;
}

/** Who is on call now, until when, and who comes after. */
export function watchAt(
  schedule: Schedule,
  roster: Roster,
  now: number,
  zones: Zones,
): Watch {
  const range = { from: now, to: now + handOverDays * dayMs };
  const [current, ...later] = shiftsOf(schedule, roster, range, zones);
  // A range is never without a shift.
  const { person = null, by = "gap" } = current ?? {};
  const after = later.find((shift) => shift.person !== person);
  return {
    ...{ person, by },
    until: after?.from ?? null,
    next: after?.person ?? null,
  };
}

export interface Lane {
  readonly name: string;
  readonly shifts: readonly Shift[];
}

/** Each rotation by itself, the one that wins last. */
export function lanesOf(
  schedule: Schedule,
  range: { readonly from: number; readonly to: number },
  zones: Zones,
): readonly Lane[] {
  return schedule.rotations.map((rotation) => {
    const alone = { ...schedule, rotations: [rotation] };
    const shifts = shiftsOf(alone, emptyRoster, range, zones);
    return { name: rotation.name, shifts };
  });
}

/** Days of a calendar that somebody subscribed to. */
const feedDays = 90;
const feedBackDays = 7;
const feedStepDays = 30;

/**
 * Shifts of a subscribed calendar. It begins at a step of days, so that the
 * shift that goes on now keeps its beginning, and thereby its id, from read to
 * read.
 */
export function feedShifts(
  schedule: Schedule,
  roster: Roster,
  now: number,
  zones: Zones,
): readonly Shift[] {
  const stepMs = feedStepDays * dayMs;
  const from = Math.floor(now / stepMs) * stepMs - stepMs;
  const seen = now - feedBackDays * dayMs;
  const before = shiftsOf(schedule, roster, { from, to: seen }, zones).at(-1);
  const to = seen + feedDays * dayMs;
  const [first, ...rest] = shiftsOf(
    schedule,
    roster,
    { from: seen, to },
    zones,
  );
  if (!first) return [];
  const goesOn =
    before?.person === first.person && before.source === first.source;
  return [goesOn ? { ...first, from: before.from } : first, ...rest];
}
