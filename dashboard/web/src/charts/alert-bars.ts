import type { Severity } from "@riskwall/schemas";
import {
  axisLabel,
  base,
  hairline,
  tooltip,
  type Look,
  type Option,
} from "./look.ts";

/** Span and step of the histogram of openings, ms. */
export const openingsSpanMs = 86_400_000;
export const openingsStepMs = 1_800_000;

const severities = ["critical", "high", "medium", "low", "info"] as const;

export interface Opening {
  readonly openedAt: string;
  readonly severity: Severity;
}

/** Openings per step and severity in the span that ends with `nowMs`. */
export function openingsPerStep(
  alerts: readonly Opening[],
  nowMs: number,
): readonly {
  readonly at: number;
  readonly counts: Readonly<Record<Severity, number>>;
}[] {
  const end = (Math.floor(nowMs / openingsStepMs) + 1) * openingsStepMs;
  const steps = openingsSpanMs / openingsStepMs;
  const first = end - openingsSpanMs;
  const bins = Array.from({ length: steps }, (_, i) => ({
    at: first + i * openingsStepMs,
    counts: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
  }));
  for (const { openedAt, severity } of alerts) {
    const i = Math.floor((Date.parse(openedAt) - first) / openingsStepMs);
    const bin = bins[i];
    if (bin) bin.counts[severity] += 1;
  }
  return bins;
}

export interface AlertBarsWords {
  readonly severity: (severity: Severity) => string;
}

/** Openings of the last day, stacked by severity; a bar names its begin. */
export function alertBars(
  alerts: readonly Opening[],
  nowMs: number,
  look: Look,
  words: AlertBarsWords,
): Option {
  const bins = openingsPerStep(alerts, nowMs);
  return {
    ...base(look),
    grid: { left: 40, right: 8, top: 8, bottom: 22 },
    tooltip: { ...tooltip(look, 13), trigger: "axis" },
    xAxis: {
      type: "time",
      axisLine: hairline(look),
      axisTick: { show: false },
      axisLabel: { ...axisLabel(look, 12), hideOverlap: true },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      splitNumber: 2,
      splitLine: hairline(look),
      axisLabel: axisLabel(look, 12),
    },
    series: severities.map((severity) => ({
      id: severity,
      name: words.severity(severity),
      type: "bar",
      stack: "openings",
      barMaxWidth: 14,
      itemStyle: { color: look.palette.severities[severity] },
      data: bins.map((bin) => ({
        id: String(bin.at),
        value: [bin.at + openingsStepMs / 2, bin.counts[severity]],
      })),
    })),
  };
}
