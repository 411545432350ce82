import type { Severity } from "@riskwall/schemas";
import {
  axisLabel,
  base,
  escapeHtml,
  hairline,
  tooltip,
  type Look,
  type Option,
} from "./look.ts";

export interface EvidenceSeries {
  readonly shape: "steps" | "dots";
  readonly points: readonly {
    readonly at: number;
    readonly value: number;
    readonly id: string;
    readonly trigger: boolean;
  }[];
  readonly thresholds: readonly {
    readonly name: string;
    readonly value: number;
  }[];
}

export interface EvidenceWords {
  readonly value: (value: number) => string;
  readonly time: (ms: number) => string;
  readonly threshold: (name: string) => string;
}

/** Events as dots, levels as steps, thresholds as dashed lines, triggers big. */
export function evidenceChart(
  evidence: EvidenceSeries,
  severity: Severity,
  look: Look,
  words: EvidenceWords,
): Option {
  const { palette } = look;
  const { points, thresholds } = evidence;
  const most = Math.max(...thresholds.map((line) => line.value));
  const above = points.every((point) => point.value < most);
  return {
    ...base(look),
    grid: { left: 64, right: 96, top: 14, bottom: 26 },
    tooltip: {
      ...tooltip(look, 13),
      trigger: "item",
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
      scale: evidence.shape === "steps",
      // A threshold above all that happened stays in sight.
      ...(above ? { max: most * 1.1 } : {}),
      splitNumber: 3,
      splitLine: hairline(look),
      axisLabel: { ...axisLabel(look, 12), formatter: words.value },
    },
    series: [
      ...(evidence.shape === "steps"
        ? [
            {
              id: "level",
              type: "line",
              step: "end",
              silent: true,
              showSymbol: false,
              lineStyle: { color: palette.accent, width: 2 },
              data: points.map((point) => [point.at, point.value]),
            },
          ]
        : []),
      {
        id: "events",
        type: "scatter",
        z: 5,
        data: points.map((point) => ({
          value: [point.at, point.value],
          symbol: point.trigger ? "diamond" : "circle",
          symbolSize: point.trigger ? 15 : 7,
          tip: [
            `${words.time(point.at)} · ${words.value(point.value)}`,
            point.id,
          ]
            .map(escapeHtml)
            .join("<br>"),
          itemStyle: {
            color: point.trigger
              ? palette.severities[severity]
              : palette.accent,
            borderColor: point.trigger ? palette.text : palette.panel,
            borderWidth: 1,
          },
        })),
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: { type: "dashed", color: palette.text },
          data: thresholds.map((line, i) => ({
            yAxis: line.value,
            label: {
              color: palette.text,
              fontSize: 12,
              // At turns right and left: names of near lines do not overlap.
              position: i % 2 === 0 ? "end" : "insideStartTop",
              formatter: words.threshold(line.name),
            },
          })),
        },
      },
    ],
  };
}
