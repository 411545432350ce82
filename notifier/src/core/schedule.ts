/**
 * On-call schedules: rotations in layers, overrides and swaps over them. The
 * last rotation that has somebody wins, an override wins over rotations (the
 * latest made first), and a swap that somebody took hands that share on.
 */
import {
  isWithin,
  type Calendar,
  type TimeInterval,
  type ZoneOffset,
} from "./time-intervals.ts";
import { dayMs, instantOf, wallOf } from "./wall-clock.ts";

export interface Rotation {
  readonly name: string;
  /** In the order of their turns. */
  readonly people: readonly string[];
  /** First hand-over, wall time of the schedule's zone. */
  readonly startsAtWall: number;
  readonly endsAtWall: number | null;
  /** Days of one turn; hand-overs keep their wall time across clock changes. */
  readonly turnDays: number;
  /** On call only then; none = always. */
  readonly during: readonly TimeInterval[];
}

export interface Schedule {
  readonly id: string;
  readonly name: string;
  readonly team: string | null;
  readonly zone: string;
  readonly rotations: readonly Rotation[];
}

/** Somebody stands in for whoever it would be. */
export interface Override {
  readonly id: string;
  readonly schedule: string;
  readonly person: string;
  readonly from: number;
  readonly to: number;
}

/** A share of one person that another may take; open while `takes` is null. */
export interface Swap {
  readonly id: string;
  readonly schedule: string;
  readonly gives: string;
  readonly takes: string | null;
  readonly from: number;
  readonly to: number;
}

export interface Roster {
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** Oldest first. */
  readonly overrides: readonly Override[];
  readonly swaps: readonly Swap[];
}

export const emptyRoster: Roster = {
  schedules: new Map(),
  overrides: [],
  swaps: [],
};

/** What times are read by. */
export interface Zones {
  readonly calendar: Calendar;
  readonly zoneOffset: ZoneOffset;
}

export interface OnCall {
  /** Null: nobody is on call. */
  readonly person: string | null;
  readonly by: "rotation" | "override" | "swap" | "gap";
  /** Rotation, override or swap it comes from. */
  readonly source: string;
}

export interface Shift extends OnCall {
  readonly from: number;
  readonly to: number;
}

/** Days that are laid out at once at most. */
export const shiftDaysMax = 100;

const nobody: OnCall = { person: null, by: "gap", source: "" };

/** Number of the turn at an instant, from 0; negative before the first. */
function turnAt(
  { startsAtWall, turnDays }: Rotation,
  zone: string,
  at: number,
  zoneOffset: ZoneOffset,
): number {
  const turnMs = turnDays * dayMs;
  const begins = (turn: number): number =>
    instantOf(startsAtWall + turn * turnMs, zone, zoneOffset);
  const near = Math.floor(
    (wallOf(at, zone, zoneOffset) - startsAtWall) / turnMs,
  );
  if (begins(near) > at) return near - 1;
  return begins(near + 1) <= at ? near + 1 : near;
}

function inRotation(
  rotation: Rotation,
  zone: string,
  at: number,
  { calendar, zoneOffset }: Zones,
): string | null {
  const { people, endsAtWall, during } = rotation;
  const over =
    endsAtWall !== null && at >= instantOf(endsAtWall, zone, zoneOffset);
  if (over || people.length === 0) return null;
  const open =
    during.length === 0 ||
    during.some((interval) => isWithin(interval, at, calendar, zoneOffset));
  if (!open) return null;
  const turn = turnAt(rotation, zone, at, zoneOffset);
  return turn < 0 ? null : (people[turn % people.length] ?? null);
}

const covers = (
  share: { readonly from: number; readonly to: number },
  at: number,
): boolean => share.from <= at && at < share.to;

function beforeSwaps(
  schedule: Schedule,
  roster: Roster,
  at: number,
  zones: Zones,
): OnCall {
  const override = roster.overrides.findLast(
    (one) => one.schedule === schedule.id && covers(one, at),
  );
  if (override) {
    return { person: override.person, by: "override", source: override.id };
  }
  for (const rotation of [...schedule.rotations].reverse()) {
    const person = inRotation(rotation, schedule.zone, at, zones);
    if (person !== null)
      return { person, by: "rotation", source: rotation.name };
  }
  return nobody;
}

/** Who is on call at an instant. */
export function onCallAt(
  schedule: Schedule,
  roster: Roster,
  at: number,
  zones: Zones,
): OnCall {
  let found = beforeSwaps(schedule, roster, at, zones);
  for (const { id, schedule: of, gives, takes, ...share } of roster.swaps) {
    if (of !== schedule.id || takes === null || !covers(share, at)) continue;
    if (found.person === gives) {
      found = { person: takes, by: "swap", source: id };
    }
  }
  return found;
}

/** Instants in a range at which the answer may change, in order. */
function edgesOf(
  schedule: Schedule,
  roster: Roster,
  range: { readonly from: number; readonly to: number },
  zoneOffset: ZoneOffset,
): number[] {
  const { zone } = schedule;
  const edges = new Set([range.from]);
  const add = (at: number): void => {
    if (at > range.from && at < range.to) edges.add(at);
  };
  for (const share of [...roster.overrides, ...roster.swaps]) {
    if (share.schedule !== schedule.id) continue;
    add(share.from);
    add(share.to);
  }
  for (const rotation of schedule.rotations) {
    const { startsAtWall, turnDays, endsAtWall } = rotation;
    const first = Math.max(0, turnAt(rotation, zone, range.from, zoneOffset));
    for (let turn = first; ; turn += 1) {
      const wall = startsAtWall + turn * turnDays * dayMs;
      const at = instantOf(wall, zone, zoneOffset);
      if (at >= range.to) break;
      add(at);
    }
    if (endsAtWall !== null) add(instantOf(endsAtWall, zone, zoneOffset));
    for (const interval of rotation.during) {
      for (const at of edgesOfInterval(interval, range, zoneOffset)) add(at);
    }
  }
  return [...edges].sort((a, b) => a - b);
}

function* edgesOfInterval(
  { zone, times }: TimeInterval,
  range: { readonly from: number; readonly to: number },
  zoneOffset: ZoneOffset,
): Generator<number> {
  const minutes = new Set([0, ...times.flatMap(({ from, to }) => [from, to])]);
  const first = Math.floor(wallOf(range.from, zone, zoneOffset) / dayMs) - 1;
  const last = Math.floor(wallOf(range.to, zone, zoneOffset) / dayMs) + 1;
  for (let day = first; day <= last; day += 1) {
    for (const minute of minutes) {
      yield instantOf(day * dayMs + minute * 60_000, zone, zoneOffset);
    }
  }
}

/** Shifts and gaps of a range, without a hole, each as long as it goes. */
export function shiftsOf(
  schedule: Schedule,
  roster: Roster,
  range: { readonly from: number; readonly to: number },
  zones: Zones,
): readonly Shift[] {
  const { from } = range;
  const to = Math.min(range.to, from + shiftDaysMax * dayMs);
  const span = { from, to };
  const edges = edgesOf(schedule, roster, span, zones.zoneOffset);
  const shifts: Shift[] = [];
  for (const [i, at] of edges.entries()) {
    const end = edges[i + 1] ?? to;
    const found = onCallAt(schedule, roster, at, zones);
    const last = shifts.at(-1);
    const same = last?.person === found.person && last.source === found.source;
    if (same) shifts[shifts.length - 1] = { ...last, to: end };
    else shifts.push({ ...found, from: at, to: end });
  }
  return shifts;
}
