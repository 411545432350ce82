/** Where shifts lie on a strip of days, in percent of its width. */
import type { Shift } from "./oncall-views.ts";

export const stripDays = 14;
const dayMs = 86_400_000;

export interface Block {
  readonly shift: Shift;
  readonly left: number;
  readonly width: number;
  /** One of few tones, the same for a person everywhere. */
  readonly tone: number;
}

const tones = 4;

/** Blocks of the shifts within the days from `start`, cut at its ends. */
export function blocksOf(
  shifts: readonly Shift[],
  start: number,
  people: readonly string[],
): readonly Block[] {
  const whole = stripDays * dayMs;
  const place = (at: string): number =>
    Math.min(1, Math.max(0, (Date.parse(at) - start) / whole)) * 100;
  return shifts.flatMap((shift) => {
    const left = place(shift.from);
    const width = place(shift.to) - left;
    if (width <= 0) return [];
    const at = shift.person === null ? 0 : people.indexOf(shift.person);
    return [{ shift, left, width, tone: Math.max(0, at) % tones }];
  });
}

/** Beginnings of the days of a strip. */
export function daysOf(start: number): readonly number[] {
  return Array.from({ length: stripDays }, (_, i) => start + i * dayMs);
}
