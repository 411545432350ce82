import type { AgeingView, PortfolioRows } from "@riskwall/schemas";
import { axisLabel, base, hairline, type Look, type Option } from "./look.ts";

export const ageingBuckets = [
  "notDue",
  "d1to30",
  "d31to60",
  "d61to90",
  "over90",
] as const;
export type AgeingBucket = (typeof ageingBuckets)[number];

/** Bars shown at most, the present included. */
const barsMax = 8;

interface AgeingBar extends AgeingView {
  readonly name: string;
}

/**
 * One stacked bar per week and one for the present; the running week is the
 * present. `week` is the date of its Monday.
 */
export function ageingBarsOf(
  now: AgeingView,
  weeks: PortfolioRows["ageingByWeek"],
  nowName: string,
): readonly AgeingBar[] {
  const closed = weeks
    .slice(-barsMax)
    .slice(0, -1)
    .map((week) => ({ ...week, name: week.week.slice(5) }));
  return [...closed, { ...now, name: nowName }];
}

export interface AgeingWords {
  readonly name: (bucket: AgeingBucket) => string;
  readonly axis: (amount: number) => string;
}

/** Receivables by how long they are overdue, stacked per week. */
export function ageingStack(
  bars: readonly AgeingBar[],
  look: Look,
  words: AgeingWords,
): Option {
  const { palette, u } = look;
  return {
    ...base(look),
    grid: { left: 64 * u, right: 6 * u, top: 34 * u, bottom: 28 * u },
    legend: {
      top: 0,
      right: 0,
      itemWidth: 12 * u,
      itemHeight: 12 * u,
      itemGap: 10 * u,
      selectedMode: false,
      textStyle: { ...axisLabel(look, 14), padding: [0, 0, 0, -3 * u] },
    },
    xAxis: {
      type: "category",
      data: bars.map((bar) => bar.name),
      axisLine: hairline(look),
      axisTick: { show: false },
      axisLabel: { ...axisLabel(look), interval: 0, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitNumber: 3,
      splitLine: hairline(look),
      axisLabel: { ...axisLabel(look), formatter: words.axis },
    },
    series: ageingBuckets.map((bucket, i) => ({
      id: bucket,
      name: words.name(bucket),
      type: "bar",
      stack: "ageing",
      silent: true,
      barMaxWidth: 34 * u,
      data: bars.map((bar) => Number(bar[bucket])),
      itemStyle: { color: palette.ageing[i] },
    })),
  };
}

/** One bar per bucket: what is shown before a week has passed. */
export function ageingNow(
  now: AgeingView,
  look: Look,
  words: AgeingWords,
): Option {
  const { palette, u } = look;
  return {
    ...base(look),
    grid: { left: 8 * u, right: 8 * u, top: 26 * u, bottom: 28 * u },
    xAxis: {
      type: "category",
      data: ageingBuckets.map(words.name),
      axisLine: hairline(look),
      axisTick: { show: false },
      axisLabel: { ...axisLabel(look), interval: 0 },
    },
    yAxis: { type: "value", show: false },
    series: [
      {
        id: "ageing",
        type: "bar",
        silent: true,
        barMaxWidth: 52 * u,
        data: ageingBuckets.map((bucket, i) => ({
          value: Number(now[bucket]),
          itemStyle: {
            color: palette.ageing[i],
            borderRadius: [2 * u, 2 * u, 0, 0],
          },
        })),
        label: {
          show: true,
          position: "top",
          color: palette.text,
          fontSize: 16 * u,
          formatter: ({ value }: { readonly value: number }) =>
            words.axis(value),
        },
      },
    ],
  };
}
