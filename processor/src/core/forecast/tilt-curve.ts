import { delayMax, delayMin, type DelayCurve } from "./delay-curve.ts";
import type { LateChances } from "./late-model.ts";

/** Part of each day of a curve: on time, 1-4, 5-15, beyond 15 days late. */
const partOf = Uint8Array.from({ length: delayMax - delayMin + 1 }, (_, i) => {
  const ends = [1, 5, 16].map((day) => day - delayMin);
  const at = ends.findIndex((end) => i < end);
  return at < 0 ? ends.length : at;
});

/**
 * The curve with the model's chances: the model says how much lies on time, at
 * 1-4, 5-15 and beyond 15 days, the curve how it lies within. What is never
 * paid belongs to the last part.
 */
export function tiltCurve(curve: DelayCurve, late: LateChances): DelayCurve {
  const wanted = [
    1 - late.late1,
    late.late1 - late.late5,
    late.late5 - late.late15,
    late.late15,
  ];
  const held = [0, 0, 0, 0];
  curve.forEach((chance, i) => {
    const at = partOf[i] ?? 0;
    held[at] = (held[at] ?? 0) + chance;
  });
  const [first = 0, second = 0, third = 0] = held;
  held[3] = Math.max(0, 1 - first - second - third);
  return curve.map((chance, i) => {
    const at = partOf[i] ?? 0;
    const before = held[at] ?? 0;
    return before > 0 ? (chance * (wanted[at] ?? 0)) / before : 0;
  });
}

/** Chance of more than `days` beyond terms, given not paid before `open`. */
export function chanceBeyond(
  curve: DelayCurve,
  days: number,
  open: number,
): number {
  const paidBy = (day: number): number => {
    let sum = 0;
    for (let i = 0; i <= day - delayMin && i < curve.length; i += 1) {
      sum += curve[i] ?? 0;
    }
    return sum;
  };
  if (open > days) return 1;
  const left = 1 - paidBy(open - 1);
  return left > 1e-12 ? Math.min(1, (1 - paidBy(days)) / left) : 1;
}
