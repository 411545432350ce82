import type { CashDays, ForecastView } from "@riskwall/schemas";
import { axisLabel, base, hairline, type Look, type Option } from "./look.ts";

type Day = readonly [day: string, amount: number];

export interface CashSpan {
  readonly received: readonly Day[];
  /** From tomorrow on: today is still coming in. */
  readonly expected: readonly Day[];
  /** P10 and P90 of each expected day. */
  readonly band: readonly (readonly [day: string, low: number, high: number])[];
}

/** Days shown of the forecast. */
const aheadMax = 14;

/** For drawing only: amounts become numbers here. */
export function cashSpan(
  cash: CashDays,
  forecast: ForecastView | null,
): CashSpan {
  const today = cash.days.at(-1)?.day ?? "";
  const ahead =
    forecast === null || forecast.currency !== cash.currency
      ? []
      : forecast.steps.filter(({ from }) => from > today).slice(0, aheadMax);
  return {
    received: cash.days.map(({ day, received }) => [day, Number(received)]),
    expected: ahead.map(({ from, expected }) => [from, Number(expected)]),
    band: ahead.map(({ from, p10, p90 }) => [from, Number(p10), Number(p90)]),
  };
}

export interface CashWords {
  readonly received: string;
  readonly expected: string;
  readonly band: string;
  readonly axis: (amount: number) => string;
}

/** Received days as bars, expected ones as hollow bars with their band. */
export function cashBars(span: CashSpan, look: Look, words: CashWords): Option {
  const { palette, u } = look;
  const days = [...span.received, ...span.expected].map(([day]) => day);
  const empty = span.received.map(() => null);
  const bar = { type: "bar", stack: "cash", silent: true, barMaxWidth: 30 * u };
  const edge = { type: "line", stack: "band", silent: true, symbol: "none" };
  return {
    ...base(look),
    grid: { left: 72 * u, right: 12 * u, top: 40 * u, bottom: 28 * u },
    legend: {
      ...{ top: 0, right: 0, selectedMode: false, itemGap: 14 * u },
      ...{ itemWidth: 14 * u, itemHeight: 12 * u },
      data: [words.received, words.expected, words.band],
      textStyle: axisLabel(look, 15),
    },
    xAxis: {
      type: "category",
      data: days.map((day) => day.slice(5)),
      axisLine: hairline(look),
      axisTick: { show: false },
      axisLabel: { ...axisLabel(look), hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      splitLine: hairline(look),
      axisLabel: { ...axisLabel(look), formatter: words.axis },
    },
    series: [
      {
        ...{ ...bar, id: "received", name: words.received },
        data: span.received.map(([, amount]) => amount),
        itemStyle: { color: palette.classes.A },
      },
      {
        ...{ ...bar, id: "expected", name: words.expected },
        data: [...empty, ...span.expected.map(([, amount]) => amount)],
        itemStyle: {
          color: `${palette.accent}33`,
          borderColor: palette.accent,
          borderWidth: 1.5 * u,
          borderType: "dashed",
        },
      },
      {
        ...{ ...edge, id: "low" },
        data: [...empty, ...span.band.map(([, low]) => low)],
        lineStyle: { opacity: 0 },
      },
      {
        ...{ ...edge, id: "band", name: words.band },
        data: [...empty, ...span.band.map(([, low, high]) => high - low)],
        lineStyle: { opacity: 0 },
        itemStyle: { color: palette.dim },
        areaStyle: { color: palette.dim, opacity: 0.22 },
      },
    ],
  };
}
