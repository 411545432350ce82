import type { PortfolioTotals } from "@riskwall/schemas";
import { axisLabel, base, type Look, type Option } from "./look.ts";
import { classLetters } from "./palette.ts";

/** Exposure of each class, with its amount and customers beside the bar. */
export function classBars(
  totals: PortfolioTotals,
  look: Look,
  label: (exposure: number, customers: number) => string,
): Option {
  const { palette, u } = look;
  return {
    ...base(look),
    grid: { left: 30 * u, right: 150 * u, top: 2 * u, bottom: 2 * u },
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: {
      type: "category",
      inverse: true,
      data: [...classLetters],
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...axisLabel(look, 18), color: palette.text },
    },
    series: [
      {
        id: "class",
        type: "bar",
        silent: true,
        barWidth: "50%",
        data: classLetters.map((letter) => ({
          name: letter,
          value: Number(totals.byClass[letter].exposure),
          itemStyle: {
            color: palette.classes[letter],
            borderRadius: [0, 2 * u, 2 * u, 0],
          },
        })),
        label: {
          show: true,
          position: "right",
          distance: 8 * u,
          color: palette.text,
          fontSize: 17 * u,
          formatter: ({ dataIndex, value }: BarLabel) => {
            const letter = classLetters[dataIndex];
            const customers = letter ? totals.byClass[letter].customers : 0;
            return label(value, customers);
          },
        },
      },
    ],
  };
}

interface BarLabel {
  readonly dataIndex: number;
  readonly value: number;
}
