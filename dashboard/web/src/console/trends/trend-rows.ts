/** A trend as rows: what the table shows and what exports hold. Pure. */
import type { TrendPoint, TrendSeries } from "../../charts/trend-chart.ts";

export type TrendStep = "hour" | "day" | "week" | "month";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Offset of the reporting zone; it has no summer time. */
const zoneMs = 8 * hourMs;

/** Longest length of a step, ms. */
const stepMaxMs: Readonly<Record<TrendStep, number>> = {
  hour: hourMs,
  day: dayMs,
  week: 7 * dayMs,
  month: 31 * dayMs,
};

/** End of the bucket that begins at an instant, ms. */
export function bucketEnd(at: number, step: TrendStep): number {
  if (step !== "month") return at + stepMaxMs[step];
  const local = new Date(at + zoneMs);
  const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
  return Date.UTC(year, month + 1, 1) - zoneMs;
}

export interface TrendRow {
  /** Begin of the bucket, RFC 3339. */
  readonly at: string;
  readonly series: string;
  /** Decimal text; null = none. */
  readonly value: string | null;
  /** The value of the span compared with; null = none. */
  readonly compared: string | null;
  /** (value - compared) / |compared|; null where that says nothing. */
  readonly change: number | null;
}

/**
 * The compared point under each instant: of the points moved by `shiftMs` the
 * nearest one within half a step, for weeks and months of two years do not
 * begin on the same day.
 */
function under(
  compared: readonly TrendPoint[],
  shiftMs: number,
  step: TrendStep,
): (at: number) => string | null {
  const moved = compared.map(
    ([at, value]) => [Date.parse(at) + shiftMs, value] as const,
  );
  return (at) => {
    let best = stepMaxMs[step] / 2;
    let found: string | null = null;
    for (const [when, value] of moved) {
      const apart = Math.abs(when - at);
      if (apart >= best) continue;
      best = apart;
      found = value;
    }
    return found;
  };
}

function changeOf(
  value: string | null,
  compared: string | null,
): number | null {
  if (value === null || compared === null) return null;
  const before = Number(compared);
  return before === 0 ? null : (Number(value) - before) / Math.abs(before);
}

/** Rows of all series, newest first, then by name. */
export function trendRows(
  series: readonly TrendSeries[],
  options: { readonly shiftMs: number; readonly step: TrendStep },
): TrendRow[] {
  const { shiftMs, step } = options;
  return series
    .flatMap(({ name, points, compared }) => {
      const before = under(compared ?? [], shiftMs, step);
      return points.map(([at, value]): TrendRow => {
        const then = before(Date.parse(at));
        const change = changeOf(value, then);
        return { at, series: name, value, compared: then, change };
      });
    })
    .sort((a, b) =>
      a.at === b.at ? (a.series < b.series ? -1 : 1) : a.at < b.at ? 1 : -1,
    );
}
