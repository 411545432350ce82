import type { ScoreChangeView } from "@riskwall/schemas";
import {
  axisLabel,
  base,
  escapeHtml,
  hairline,
  tooltip,
  type Look,
  type Option,
} from "./look.ts";
import { classShapes } from "./palette.ts";

/** Steps that carry a number, the largest ones; their causes stand in a list. */
export const namedMax = 5;
const scoreMin = 300;
const scoreMax = 850;

export interface ScoreWords {
  /** Lines of a step's tooltip, plain text. */
  readonly lines: (change: ScoreChangeView) => readonly string[];
}

/** Range of the score axis: what is shown, with room, in steps of 50. */
export function scoreRange(
  scores: readonly number[],
): readonly [number, number] {
  const low = Math.floor((Math.min(...scores) - 20) / 50) * 50;
  const high = Math.ceil((Math.max(...scores) + 20) / 50) * 50;
  return [
    Math.max(scoreMin, low),
    Math.min(scoreMax, Math.max(high, low + 100)),
  ];
}

/** The largest steps, the oldest first: the chart numbers them from 1. */
export function namedSteps(
  changes: readonly ScoreChangeView[],
): readonly ScoreChangeView[] {
  const size = (change: ScoreChangeView): number =>
    Math.abs(change.score - (change.from ?? change.score));
  return [...changes]
    .filter((change) => size(change) > 0)
    .sort((a, b) => size(b) - size(a))
    .slice(0, namedMax)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The score as steps up to the present; the largest are numbered. */
export function scoreSteps(
  changes: readonly ScoreChangeView[],
  nowMs: number,
  look: Look,
  words: ScoreWords,
): Option {
  const { palette } = look;
  const sorted = [...changes].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at),
  );
  const last = sorted.at(-1);
  const first = sorted[0];
  if (!last || !first) return base(look);
  const starts =
    first.from === null ? [] : [[Date.parse(first.at) - 1, first.from]];
  const ends = [[Math.max(nowMs, Date.parse(last.at)), last.score]];
  const line = sorted.map((change) => [Date.parse(change.at), change.score]);
  const shown = [...starts, ...line].map(([, score]) => score ?? scoreMin);
  const [min, max] = scoreRange(shown);
  return {
    ...base(look),
    grid: { left: 44, right: 24, top: 26, bottom: 28 },
    tooltip: {
      ...tooltip(look, 13),
      trigger: "item",
      extraCssText: "max-width:360px;white-space:normal",
      formatter: ({ data }: { readonly data: { readonly tip?: string } }) =>
        data.tip ?? "",
    },
    xAxis: {
      type: "time",
      axisLine: hairline(look),
      axisTick: { show: false },
      axisLabel: { ...axisLabel(look, 12), hideOverlap: true },
    },
    yAxis: {
      type: "value",
      min,
      max,
      splitLine: hairline(look),
      axisLabel: axisLabel(look, 12),
    },
    series: [
      {
        id: "score",
        type: "line",
        step: "end",
        silent: true,
        showSymbol: false,
        lineStyle: { color: palette.accent, width: 2 },
        data: [...starts, ...line, ...ends],
      },
      causes(sorted, look, words),
    ],
  };
}

/** A mark per step: shape and colour of the class, a number at the largest. */
function causes(
  sorted: readonly ScoreChangeView[],
  look: Look,
  words: ScoreWords,
): Option {
  const { palette } = look;
  const named = namedSteps(sorted).map((change) => change.id);
  return {
    id: "causes",
    type: "scatter",
    z: 5,
    labelLayout: { moveOverlap: "shiftX" },
    data: sorted.map((change) => ({
      value: [Date.parse(change.at), change.score],
      symbol: classShapes[change.class],
      symbolSize: 9,
      tip: words.lines(change).map(escapeHtml).join("<br>"),
      itemStyle: {
        color: palette.classes[change.class],
        borderColor: palette.panel,
        borderWidth: 1,
      },
      label: {
        show: named.includes(change.id),
        formatter: String(named.indexOf(change.id) + 1),
        // Under a fall and over a rise: never on the line.
        position: (change.from ?? 0) > change.score ? "bottom" : "top",
        distance: 6,
        color: palette.text,
        backgroundColor: palette.panel,
        borderColor: palette.dim,
        borderWidth: 1,
        borderRadius: 8,
        padding: [2, 5],
        fontSize: 11,
        fontWeight: 600,
      },
    })),
  };
}
