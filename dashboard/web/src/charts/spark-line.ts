/** Height of the drawing; its width is 100. */
export const sparkHeight = 32;
const margin = 3;

/** Points of an SVG polyline for a few values, oldest first. */
export function sparkPoints(values: readonly number[]): string {
  if (values.length < 2) return "";
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const room = sparkHeight - 2 * margin;
  return values
    .map((value, i) => {
      const x = (i / (values.length - 1)) * 100;
      const share = span === 0 ? 0.5 : (value - low) / span;
      const y = sparkHeight - margin - share * room;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

export type Direction = "up" | "down" | "same";

/** Change relative to the first value below this is none. */
const flat = 1e-4;

/** Where values went between the first and the last. */
export function directionOf(values: readonly number[]): Direction {
  const first = values[0] ?? 0;
  const last = values.at(-1) ?? 0;
  if (values.length < 2) return "same";
  if (Math.abs(last - first) <= Math.abs(first) * flat) return "same";
  return last > first ? "up" : "down";
}
