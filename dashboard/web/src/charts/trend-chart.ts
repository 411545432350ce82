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
  readonly points: readonly TrendPoint[];
  /** The same span before, where a comparison was asked. */
  readonly compared?: readonly TrendPoint[];
}

/** Something else that happened, drawn as a line. */
export interface TrendMark {
  readonly at: string;
  readonly kind: "rules" | "limit";
  /** Amount and currency of a limit. */
  readonly text: string;
}

export type TrendPoint = readonly [string, string | null];

export interface TrendLook extends Look {
  /** Sums stack as bars, levels are lines. */
  readonly kind: "sums" | "levels";
  /** Range on screen, ms. */
  readonly from: number;
  readonly to: number;
  /** ms to add to what was before, to lie under the present. */
  readonly shiftMs: number;
  readonly marks: readonly TrendMark[];
  readonly markText: (mark: TrendMark) => string;
  readonly name: (series: string) => string;
  /** Colour that a series has everywhere else; null = by its place. */
  readonly colour: (series: string) => string | null;
  readonly value: (value: number) => string;
}

/** Points of a line that can be clicked one by one. */
const symbolsMax = 200;

function annotations(look: TrendLook): Option {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { type: "dotted", color: look.palette.text },
    data: look.marks.map((mark) => ({
      xAxis: Date.parse(mark.at),
      label: {
        formatter: look.markText(mark),
        color: look.palette.text,
        fontSize: 12,
        position: "end",
        // Never beyond the edge of the drawing.
        align: "right",
      },
    })),
  };
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
    legend: {
      type: "scroll",
      top: 0,
      left: 0,
      icon: "roundRect",
      itemWidth: 12,
      itemHeight: 12,
      textStyle: axisLabel(look, 13),
    },
    grid: { left: 72, right: 20, top: 58, bottom: 32 },
    tooltip: {
      ...tooltip(look, 13),
      trigger: "axis",
      valueFormatter: (value: unknown) =>
        typeof value === "number" ? look.value(value) : "–",
    },
    xAxis: {
      type: "time",
      min: look.from,
      max: look.to,
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
      ...series.map((item, i) => ({
        id: `now ${item.name}`,
        name: look.name(item.name),
        type: bars ? "bar" : "line",
        ...(bars
          ? { stack: "now", barMaxWidth: 28 }
          : { showSymbol: item.points.length <= symbolsMax }),
        ...(i === 0 ? { markLine: annotations(look) } : {}),
        itemStyle: { color: colourOf(item, i, look) },
        lineStyle: { color: colourOf(item, i, look) },
        data: pointsOf(item.points, 0).map((value, at) => ({
          // Begin of the bucket, then the name: what a click asks for.
          id: `${String(Date.parse(item.points[at]?.[0] ?? ""))} ${item.name}`,
          value,
        })),
      })),
      ...series
        .filter((item) => (item.compared?.length ?? 0) > 0)
        .map((item, i) => ({
          id: `before ${item.name}`,
          name: `${look.name(item.name)} ←`,
          type: "line",
          showSymbol: false,
          lineStyle: { type: "dashed", color: colourOf(item, i, look) },
          itemStyle: { color: colourOf(item, i, look) },
          data: pointsOf(item.compared ?? [], look.shiftMs),
        })),
    ],
  };
}

function colourOf(series: TrendSeries, at: number, look: TrendLook): string {
  const own = look.colour(series.name);
  return own ?? seriesColours[at % seriesColours.length] ?? look.palette.accent;
}

function pointsOf(
  points: readonly TrendPoint[],
  shiftMs: number,
): readonly (readonly [number, number | null])[] {
  return points.map(([at, value]) => [
    Date.parse(at) + shiftMs,
    value === null ? null : Number(value),
  ]);
}
