import type { PulsePoint } from "@riskwall/schemas";
import { axisLabel, base, hairline, type Look, type Option } from "./look.ts";

/** Length of a bucket of the pulse, ms (views: closed buckets of 5 s). */
export const bucketMs = 5000;
/** Span of the pulse on screen, ms. */
export const pulseSpanMs = 1_800_000;
/** Buckets that one point of the line is the mean of. */
export const smoothBuckets = 6;
/** Buckets with alerts this near to each other are one span. */
export const joinMs = 30_000;

/** Events per second: a running mean over half a minute. */
export function eventRate(
  points: readonly PulsePoint[],
): readonly (readonly [number, number])[] {
  return points.map((point, i) => {
    const from = Math.max(0, i - smoothBuckets + 1);
    const window = points.slice(from, i + 1);
    const sum = window.reduce((total, item) => total + item.events, 0);
    const seconds = (window.length * bucketMs) / 1000;
    return [point.at, Math.round((sum / seconds) * 10) / 10] as const;
  });
}

/** Spans [from, to] in which alerts opened. */
export function alertSpans(
  points: readonly PulsePoint[],
): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  for (const point of points) {
    if (point.alerts === 0) continue;
    const last = spans.at(-1);
    const end = point.at + bucketMs;
    if (last && point.at - last[1] <= joinMs) last[1] = end;
    else spans.push([point.at, end]);
  }
  return spans;
}

export interface PulseWords {
  readonly orders: string;
  readonly events: string;
  readonly time: (ms: number) => string;
  readonly amount: (value: number) => string;
}

/** Order amounts as bars, events per second as a line, alerts as spans. */
export function pulseChart(
  points: readonly PulsePoint[],
  look: Look,
  words: PulseWords,
): Option {
  const { palette, u } = look;
  const end = points.at(-1)?.at ?? 0;
  return {
    ...base(look),
    grid: { left: 52 * u, right: 76 * u, top: 12 * u, bottom: 28 * u },
    xAxis: {
      type: "time",
      min: end - pulseSpanMs,
      max: end + bucketMs,
      axisLine: hairline(look),
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        ...axisLabel(look),
        hideOverlap: true,
        formatter: words.time,
      },
    },
    yAxis: [
      {
        type: "value",
        min: 0,
        splitNumber: 3,
        splitLine: hairline(look),
        axisLabel: axisLabel(look),
      },
      {
        type: "value",
        min: 0,
        splitNumber: 3,
        splitLine: { show: false },
        axisLabel: { ...axisLabel(look), formatter: words.amount },
      },
    ],
    series: [
      {
        id: "orders",
        name: words.orders,
        type: "bar",
        yAxisIndex: 1,
        silent: true,
        barWidth: Math.max(1, 1.8 * u),
        data: points.map((point) => [
          point.at + bucketMs / 2,
          Number(point.orderAmount),
        ]),
        itemStyle: { color: palette.accent, opacity: 0.5 },
        markArea: {
          silent: true,
          itemStyle: { color: palette.tint },
          data: alertSpans(points).map(([from, to]) => [
            { xAxis: from },
            { xAxis: to },
          ]),
        },
      },
      {
        id: "events",
        name: words.events,
        type: "line",
        silent: true,
        showSymbol: false,
        data: eventRate(points),
        lineStyle: { color: palette.classes.A, width: 2 * u },
        itemStyle: { color: palette.classes.A },
      },
    ],
  };
}
