import {
  axisLabel,
  base,
  hairline,
  tooltip,
  type Look,
  type Option,
} from "./look.ts";
import { seriesColours } from "./palette.ts";

/** A series of `GET /api/trends`: instants and decimal strings. */
export interface TrendSeries {
  readonly name: string;
  readonly points: readonly (readonly [string, string | null])[];
}

export interface TrendLook extends Look {
  /** Sums stack as bars, levels are lines. */
  readonly kind: "sums" | "levels";
  /** What was before, drawn dashed behind. */
  readonly compared: readonly TrendSeries[];
  /** ms to add to what was before, to lie under the present. */
  readonly shiftMs: number;
  readonly name: (series: string) => string;
  readonly value: (value: number) => string;
}

/** A metric over time, broken down or whole. */
export function trendChart(
  series: readonly TrendSeries[],
  look: TrendLook,
): Option {
  const bars = look.kind === "sums";
  return {
    ...base(look),
    aria: { enabled: true },
    color: [...seriesColours],
    legend: {
      type: "scroll",
      top: 0,
      left: 0,
      icon: "roundRect",
      textStyle: axisLabel(look, 13),
    },
    grid: { left: 72, right: 20, top: 40, bottom: 32 },
    tooltip: {
      ...tooltip(look, 13),
      trigger: "axis",
      valueFormatter: (value: unknown) =>
        typeof value === "number" ? look.value(value) : "–",
    },
    xAxis: {
      type: "time",
      axisLine: hairline(look),
      axisTick: { show: false },
      axisLabel: { ...axisLabel(look, 12), hideOverlap: true },
    },
    yAxis: {
      type: "value",
      scale: !bars,
      splitLine: hairline(look),
      axisLabel: { ...axisLabel(look, 12), formatter: look.value },
    },
    series: [
      ...series.map((item) => ({
        id: `now ${item.name}`,
        name: look.name(item.name),
        type: bars ? "bar" : "line",
        ...(bars
          ? { stack: "now", barMaxWidth: 28 }
          : { showSymbol: item.points.length < 2 }),
        data: pointsOf(item, 0),
      })),
      ...look.compared.map((item, i) => ({
        id: `before ${item.name}`,
        name: `${look.name(item.name)} ←`,
        type: "line",
        showSymbol: false,
        lineStyle: {
          type: "dashed",
          color: seriesColours[i % seriesColours.length],
        },
        itemStyle: { color: seriesColours[i % seriesColours.length] },
        data: pointsOf(item, look.shiftMs),
      })),
    ],
  };
}

function pointsOf(
  series: TrendSeries,
  shiftMs: number,
): readonly (readonly [number, number | null])[] {
  return series.points.map(([at, value]) => [
    Date.parse(at) + shiftMs,
    value === null ? null : Number(value),
  ]);
}
