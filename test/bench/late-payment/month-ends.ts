import { civil } from "../../../processor/src/core/calendar.ts";

/** Last days of the months that end within two days, both included. */
export function monthEnds(from: number, to: number): number[] {
  const out: number[] = [];
  for (let day = from; day <= to; day += 1) {
    const [, , date] = civil(day + 1);
    if (date === 1) out.push(day);
  }
  return out;
}
