/** How good a schedule is for the business and for its people, 0 to 100. */
import type { Shift } from "./schedule.ts";

export const qualityCodes = [
  "gap",
  "single_person",
  "long_shift",
  "uneven_load",
] as const;
export type QualityCode = (typeof qualityCodes)[number];

export interface QualityReason {
  readonly code: QualityCode;
  /** Points it costs. */
  readonly points: number;
  /** Hours, or the share of hours in percent for `uneven_load`. */
  readonly value: number;
}

export interface Quality {
  readonly score: number;
  readonly reasons: readonly QualityReason[];
}

const hourMs = 3_600_000;
/** A hole costs this at once, and more with its share of the time. */
const gapPoints = 20;
const gapPointsMax = 70;
const singlePoints = 25;
/** Hours on call in a row that are bearable. */
const longShiftHours = 7 * 24;
const longPoints = 15;
const unevenPointsMax = 15;
/** Above the even share, in percent, from which it counts. */
const unevenFrom = 20;

/** Judges shifts that lie side by side without a hole. */
export function qualityOf(shifts: readonly Shift[]): Quality {
  const hoursOf = new Map<string, number>();
  let [gapHours, longest, all] = [0, 0, 0];
  let inRow = { person: "", hours: 0 };
  for (const { person, from, to } of shifts) {
    const hours = (to - from) / hourMs;
    all += hours;
    if (person === null) {
      gapHours += hours;
      inRow = { person: "", hours: 0 };
      continue;
    }
    hoursOf.set(person, (hoursOf.get(person) ?? 0) + hours);
    const going = inRow.person === person ? inRow.hours : 0;
    inRow = { person, hours: going + hours };
    longest = Math.max(longest, inRow.hours);
  }
  const reasons: QualityReason[] = [];
  const cost = (code: QualityCode, points: number, value: number): void => {
    reasons.push({ code, points, value: Math.round(value * 10) / 10 });
  };
  if (gapHours > 0) {
    const share = gapHours / all;
    const points = Math.round(gapPoints + (100 - gapPoints) * share);
    cost("gap", share === 1 ? 100 : Math.min(gapPointsMax, points), gapHours);
  }
  const busy = [...hoursOf.values()];
  if (busy.length === 1) cost("single_person", singlePoints, busy[0] ?? 0);
  if (busy.length > 1) {
    if (longest > longShiftHours) cost("long_shift", longPoints, longest);
    const even = busy.reduce((sum, hours) => sum + hours, 0) / busy.length;
    const above = (Math.max(...busy) / even - 1) * 100;
    const points = Math.min(unevenPointsMax, Math.round(above / 5));
    if (above > unevenFrom) cost("uneven_load", points, above);
  }
  const lost = reasons.reduce((sum, { points }) => sum + points, 0);
  return { score: Math.max(0, 100 - lost), reasons };
}
