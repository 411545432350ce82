/** Rows → ECharts options. Pure: tested in Node. `u` = pixels of one wall unit. */
import type {
  CustomerRow,
  PortfolioRows,
  PortfolioTotals,
  PulsePoint,
  ScoreChangeView,
} from "@riskwall/schemas";
import type { Palette } from "./palette.ts";

export type Option = Readonly<Record<string, unknown>>;

const letters = ["A", "B", "C", "D", "E"] as const;

function axisText(p: Palette, u: number): object {
  return { color: p.dim, fontSize: 13 * u };
}

export function classBars(
  totals: PortfolioTotals,
  p: Palette,
  u: number,
  label: (v: number) => string,
): Option {
  return {
    animation: false,
    grid: { left: 28 * u, right: 96 * u, top: 4 * u, bottom: 4 * u },
    xAxis: { type: "value", show: false },
    yAxis: {
      type: "category",
      inverse: true,
      data: [...letters],
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: p.text, fontSize: 16 * u },
    },
    series: [
      {
        id: "class",
        type: "bar",
        barWidth: "52%",
        data: letters.map((letter) => ({
          value: Number(totals.byClass[letter].exposure),
          itemStyle: { color: p.classes[letter], borderRadius: 2 * u },
        })),
        label: {
          show: true,
          position: "right",
          color: p.text,
          fontSize: 15 * u,
          formatter: ({ value }: { value: number }) => label(value),
        },
      },
    ],
  };
}

export function ageingBars(
  totals: PortfolioTotals,
  p: Palette,
  u: number,
  names: readonly string[],
  label: (v: number) => string,
): Option {
  const { notDue, d1to30, d31to60, d61to90, over90 } = totals.ageing;
  const values = [notDue, d1to30, d31to60, d61to90, over90].map(Number);
  return {
    animation: false,
    grid: { left: 8 * u, right: 8 * u, top: 26 * u, bottom: 26 * u },
    xAxis: {
      type: "category",
      data: [...names],
      axisLine: { lineStyle: { color: p.line } },
      axisTick: { show: false },
      axisLabel: { ...axisText(p, u), interval: 0 },
    },
    yAxis: { type: "value", show: false },
    series: [
      {
        id: "ageing",
        type: "bar",
        barWidth: "56%",
        data: values.map((value, i) => ({
          value,
          itemStyle: { color: p.ageing[i], borderRadius: [3 * u, 3 * u, 0, 0] },
        })),
        label: {
          show: true,
          position: "top",
          color: p.text,
          fontSize: 13 * u,
          formatter: ({ value }: { value: number }) => label(value),
        },
      },
    ],
  };
}

export function pulseLine(
  points: readonly PulsePoint[],
  p: Palette,
  u: number,
  names: { readonly orders: string; readonly alerts: string },
  time: (ms: number) => string,
  label: (v: number) => string,
): Option {
  return {
    animation: false,
    grid: { left: 64 * u, right: 44 * u, top: 14 * u, bottom: 26 * u },
    xAxis: {
      type: "category",
      data: points.map((point) => time(point.at)),
      axisLine: { lineStyle: { color: p.line } },
      axisTick: { show: false },
      axisLabel: { ...axisText(p, u), hideOverlap: true },
    },
    yAxis: [
      {
        type: "value",
        splitNumber: 3,
        splitLine: { lineStyle: { color: p.line } },
        axisLabel: { ...axisText(p, u), formatter: label },
      },
      {
        type: "value",
        splitNumber: 3,
        minInterval: 1,
        splitLine: { show: false },
        axisLabel: axisText(p, u),
      },
    ],
    series: [
      {
        id: "orders",
        name: names.orders,
        type: "bar",
        silent: true,
        data: points.map((point) => Number(point.orderAmount)),
        itemStyle: { color: p.accent, opacity: 0.55 },
        barCategoryGap: "20%",
      },
      {
        id: "alerts",
        name: names.alerts,
        type: "line",
        yAxisIndex: 1,
        silent: true,
        showSymbol: false,
        smooth: 0.3,
        data: points.map((point) => point.alerts),
        lineStyle: { color: p.classes.D, width: 2 * u },
        itemStyle: { color: p.classes.D },
      },
    ],
  };
}

const shapes: Readonly<Record<string, string>> = {
  A: "circle",
  B: "circle",
  C: "rect",
  D: "diamond",
  E: "triangle",
};

/** x utilisation, y PD on a log scale, size exposure, shape and colour class. */
export function riskMap(
  rows: PortfolioRows["map"],
  p: Palette,
  u: number,
  tip: (
    name: string,
    utilisation: number,
    pd: number,
    exposure: number,
  ) => string,
): Option {
  const most = rows.reduce((max, row) => Math.max(max, row[4]), 1);
  return {
    animation: false,
    grid: { left: 56 * u, right: 20 * u, top: 12 * u, bottom: 30 * u },
    tooltip: {
      backgroundColor: "#101A2C",
      borderColor: p.line,
      textStyle: { color: "#E6ECF5", fontSize: 14 * u },
      formatter: ({ data }: { data: { name: string; value: number[] } }) =>
        tip(
          data.name,
          data.value[0] ?? 0,
          data.value[1] ?? 0,
          data.value[2] ?? 0,
        ),
    },
    xAxis: {
      type: "value",
      min: 0,
      max: 1.3,
      splitLine: { lineStyle: { color: p.line } },
      axisLabel: {
        ...axisText(p, u),
        formatter: (v: number) => `${String(Math.round(v * 100))}%`,
      },
    },
    yAxis: {
      type: "log",
      min: 0.001,
      max: 1,
      splitLine: { lineStyle: { color: p.line } },
      axisLabel: {
        ...axisText(p, u),
        formatter: (v: number) =>
          `${String(Number((v * 100).toPrecision(2)))}%`,
      },
    },
    series: letters.map((letter) => ({
      id: `class-${letter}`,
      name: letter,
      type: "scatter",
      symbol: shapes[letter],
      itemStyle: { color: p.classes[letter], opacity: 0.75 },
      data: rows
        .filter((row) => row[5] === letter)
        .map(([id, name, utilisation, pd, exposure]) => ({
          id,
          name,
          value: [Math.min(1.3, utilisation), Math.max(0.001, pd), exposure],
          symbolSize: (6 + 20 * Math.sqrt(Math.max(0, exposure) / most)) * u,
        })),
      ...(letter === "A"
        ? {
            markLine: {
              silent: true,
              symbol: "none",
              lineStyle: { color: p.dim, type: "dashed" },
              label: { show: false },
              data: [{ xAxis: 1 }],
            },
          }
        : {}),
    })),
  };
}

/** Steps of a score; each step's cause is in the tooltip and beside the line. */
export function scoreSteps(
  changes: readonly ScoreChangeView[],
  p: Palette,
  reason: (change: ScoreChangeView) => string,
  time: (iso: string) => string,
): Option {
  const sorted = [...changes].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at),
  );
  const scores = sorted.map((change) => change.score);
  return {
    animation: false,
    aria: { enabled: true },
    grid: { left: 44, right: 16, top: 16, bottom: 28 },
    tooltip: {
      trigger: "item",
      formatter: ({ data }: { data: { why: string } }) => data.why,
    },
    xAxis: {
      type: "time",
      axisLabel: { color: p.dim },
      axisLine: { lineStyle: { color: p.line } },
    },
    yAxis: {
      type: "value",
      min: Math.max(300, Math.floor((Math.min(600, ...scores) - 30) / 50) * 50),
      max: Math.min(850, Math.ceil((Math.max(600, ...scores) + 30) / 50) * 50),
      axisLabel: { color: p.dim },
      splitLine: { lineStyle: { color: p.line } },
    },
    series: [
      {
        id: "score",
        type: "line",
        step: "end",
        symbol: "circle",
        symbolSize: 8,
        lineStyle: { color: p.accent, width: 2 },
        itemStyle: { color: p.accent },
        data: sorted.map((change) => ({
          value: [Date.parse(change.at), change.score],
          why: `${time(change.at)}<br>${reason(change)}`,
        })),
      },
    ],
  };
}

export interface TrendSeries {
  readonly name: string;
  readonly points: readonly (readonly [string, string | null])[];
}

export function trendLines(
  series: readonly TrendSeries[],
  p: Palette,
  bars: boolean,
): Option {
  return {
    animation: false,
    aria: { enabled: true },
    color: [
      "#0072B2",
      "#E69F00",
      "#009E73",
      "#CC79A7",
      "#56B4E9",
      "#D55E00",
      "#F0E442",
      "#999999",
    ],
    legend: { textStyle: { color: p.dim }, type: "scroll", top: 0 },
    grid: { left: 70, right: 20, top: 40, bottom: 30 },
    tooltip: { trigger: "axis" },
    xAxis: {
      type: "time",
      axisLabel: { color: p.dim },
      axisLine: { lineStyle: { color: p.line } },
    },
    yAxis: {
      type: "value",
      scale: !bars,
      axisLabel: { color: p.dim },
      splitLine: { lineStyle: { color: p.line } },
    },
    series: series.map((item) => ({
      id: item.name,
      name: item.name,
      type: bars ? "bar" : "line",
      ...(bars ? { stack: "all" } : { showSymbol: false }),
      data: item.points.map(([at, value]) => [
        Date.parse(at),
        value === null ? null : Number(value),
      ]),
    })),
  };
}

/** Share of a ranking's bar, 0..1, against 130 %. */
export function barShare(row: CustomerRow): number {
  return Math.min(1, Number(row.utilisation ?? 0) / 1.3);
}
