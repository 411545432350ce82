import {
  axisLabel,
  base,
  escapeHtml,
  hairline,
  tooltip,
  type Look,
  type Option,
} from "./look.ts";

/** A step of a waterfall: what one cause added or took. */
export interface WaterfallStep {
  readonly name: string;
  readonly delta: number;
}

export interface WaterfallWords {
  readonly before: string;
  readonly after: string;
}

/** Begin and end of each step's bar, the running sum carried on. */
export function waterfallBars(
  start: number,
  steps: readonly WaterfallStep[],
): readonly { readonly low: number; readonly high: number }[] {
  let sum = start;
  return steps.map(({ delta }) => {
    const before = sum;
    sum += delta;
    return { low: Math.min(before, sum), high: Math.max(before, sum) };
  });
}

function signed(delta: number): string {
  return delta > 0 ? `+${String(delta)}` : `−${String(-delta)}`;
}

/** From one score to another: a bar for each cause, between both. */
export function waterfallChart(
  start: number,
  steps: readonly WaterfallStep[],
  look: Look,
  words: WaterfallWords,
): Option {
  const { palette } = look;
  const bars = waterfallBars(start, steps);
  const end = steps.reduce((sum, step) => sum + step.delta, start);
  const lows = [start, end, ...bars.map((bar) => bar.low)];
  // Whole bars from a floor below all of them: only differences are read.
  const floor = Math.floor((Math.min(...lows) - 20) / 50) * 50;
  const whole = { color: palette.accent };
  const heights = [
    { from: floor, height: start - floor, label: String(start), style: whole },
    ...steps.map((step, i) => ({
      from: bars[i]?.low ?? start,
      height: Math.abs(step.delta),
      label: signed(step.delta),
      style: { color: step.delta < 0 ? palette.high : palette.classes.A },
    })),
    { from: floor, height: end - floor, label: String(end), style: whole },
  ];
  const names = [words.before, ...steps.map((step) => step.name), words.after];
  return {
    ...base(look),
    grid: { left: 44, right: 12, top: 24, bottom: 64 },
    tooltip: {
      ...tooltip(look, 13),
      trigger: "item",
      formatter: ({ dataIndex }: { readonly dataIndex: number }) =>
        escapeHtml(
          `${names[dataIndex] ?? ""} ${heights[dataIndex]?.label ?? ""}`,
        ),
    },
    xAxis: {
      type: "category",
      data: names,
      axisLine: hairline(look),
      axisTick: { show: false },
      axisLabel: {
        ...axisLabel(look, 12),
        interval: 0,
        width: 92,
        overflow: "break",
      },
    },
    yAxis: {
      type: "value",
      min: floor,
      splitNumber: 4,
      splitLine: hairline(look),
      axisLabel: axisLabel(look, 12),
    },
    series: [
      {
        id: "below",
        type: "bar",
        stack: "score",
        silent: true,
        itemStyle: { color: "transparent" },
        data: heights.map((bar) => bar.from),
        barMaxWidth: 46,
      },
      {
        id: "steps",
        type: "bar",
        stack: "score",
        barMaxWidth: 46,
        data: heights.map((bar) => ({
          value: bar.height,
          itemStyle: bar.style,
          label: {
            show: true,
            position: "top",
            color: palette.text,
            fontWeight: 600,
            formatter: bar.label,
          },
        })),
      },
    ],
  };
}
