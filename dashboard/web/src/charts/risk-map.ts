import type { PortfolioRows, RiskClass } from "@riskwall/schemas";
import {
  axisLabel,
  base,
  escapeHtml,
  hairline,
  tooltip,
  type Look,
  type Option,
} from "./look.ts";
import { classLetters, classShapes } from "./palette.ts";

/** Utilisation beyond this is drawn at the edge. */
export const utilisationMax = 1.3;
export const pdMin = 0.001;
/** Ringed customers at most. */
export const ringedMax = 10;

type MapRow = PortfolioRows["map"][number];

export interface RiskMapWords {
  /** Lines of a customer's tooltip, plain text. */
  readonly lines: (row: MapRow) => readonly string[];
  /** Text beside the line at full use of the limit. */
  readonly full: string;
}

export interface RiskMapInput {
  readonly rows: PortfolioRows["map"];
  /** Customers with an open critical alert, newest first. */
  readonly critical: readonly string[];
  /** Those whose alert is new: they pulse, where motion is wanted. */
  readonly pulsing: ReadonlySet<string>;
}

interface MapPoint {
  readonly id: string;
  readonly name: string;
  readonly value: readonly [number, number, number];
  readonly symbolSize: number;
}

function pointsOf(
  rows: readonly MapRow[],
  most: number,
  u: number,
): MapPoint[] {
  return rows.map(([id, name, utilisation, pd, exposure]) => ({
    id,
    name,
    value: [
      Math.min(utilisationMax, utilisation),
      Math.max(pdMin, pd),
      exposure,
    ],
    symbolSize: (7 + 22 * Math.sqrt(Math.max(0, exposure) / most)) * u,
  }));
}

/** Upper end of the PD axis: the next round value above what is there. */
export function pdTop(rows: PortfolioRows["map"]): number {
  const most = rows.reduce((max, row) => Math.max(max, row[3]), 0);
  return [0.02, 0.05, 0.1, 0.2, 0.5].find((top) => most < top) ?? 1;
}

/** x utilisation, y PD on a log scale, size exposure, shape and colour class. */
export function riskMap(
  input: RiskMapInput,
  look: Look,
  words: RiskMapWords,
): Option {
  const { rows } = input;
  const { u } = look;
  const most = rows.reduce((max, row) => Math.max(max, row[4]), 1);
  const byId = new Map(rows.map((row) => [row[0], row]));
  const tip = (id: string): string => {
    const row = byId.get(id);
    return row ? words.lines(row).map(escapeHtml).join("<br>") : "";
  };
  return {
    ...base(look),
    grid: { left: 62 * u, right: 26 * u, top: 16 * u, bottom: 30 * u },
    tooltip: {
      ...tooltip(look, 16),
      formatter: ({ data }: { readonly data: { readonly id: string } }) =>
        tip(data.id),
    },
    ...axes(look, pdTop(rows)),
    series: [
      ...classLetters.map((letter) => ({
        id: `class-${letter}`,
        name: letter,
        type: "scatter",
        symbol: classShapes[letter],
        z: 2 + classLetters.indexOf(letter),
        itemStyle: dotStyle(letter, look),
        data: pointsOf(
          rows.filter((row) => row[5] === letter),
          most,
          u,
        ),
        ...(letter === "A" ? { markLine: fullLine(look, words.full) } : {}),
      })),
      ...rings(input, byId, most, look),
    ],
  };
}

function dotStyle(letter: RiskClass, look: Look): Option {
  const { palette, u } = look;
  return {
    color: palette.classes[letter],
    opacity: letter === "A" || letter === "B" ? 0.55 : 0.85,
    borderColor: palette.panel,
    borderWidth: 0.8 * u,
  };
}

function axes(look: Look, top: number): Option {
  const percent = (v: number): string =>
    `${String(Number((v * 100).toPrecision(2)))}%`;
  const axis = {
    axisTick: { show: false },
    axisLine: hairline(look),
    splitLine: hairline(look),
    axisLabel: { ...axisLabel(look), formatter: percent },
  };
  return {
    xAxis: { ...axis, type: "value", min: 0, max: utilisationMax },
    yAxis: { ...axis, type: "log", min: pdMin, max: top },
  };
}

function fullLine(look: Look, text: string): Option {
  const { palette, u } = look;
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: palette.dim, type: "dashed", width: u },
    label: {
      formatter: text,
      position: "insideStartTop",
      rotate: 0,
      offset: [-10 * u, -10 * u],
      align: "right",
      color: palette.dim,
      fontSize: 15 * u,
    },
    data: [{ xAxis: 1 }],
  };
}

/** Critical customers: ringed for as long as it stands, pulsing when new. */
function rings(
  input: RiskMapInput,
  byId: ReadonlyMap<string, MapRow>,
  most: number,
  look: Look,
): readonly Option[] {
  const { palette, u } = look;
  const critical = input.critical
    .slice(0, ringedMax)
    .map((id) => byId.get(id))
    .filter((row) => row !== undefined);
  const points = pointsOf(critical, most, u).map((point) => ({
    ...point,
    symbolSize: point.symbolSize + 12 * u,
  }));
  const [newest] = points;
  const ring = {
    symbol: "circle",
    z: 9,
    itemStyle: {
      color: "transparent",
      borderColor: palette.critical,
      borderWidth: 2 * u,
    },
  };
  const named = {
    show: true,
    formatter: "{b}",
    position: "top",
    distance: 4 * u,
    color: "#FFFFFF",
    backgroundColor: "#9E1708",
    padding: [4 * u, 8 * u],
    borderRadius: 3 * u,
    fontSize: 17 * u,
    fontWeight: 600,
  };
  const labelled = points.map((point) =>
    point === newest ? { ...point, label: named } : point,
  );
  const still = labelled.filter((point) => !input.pulsing.has(point.id));
  const moving = labelled.filter((point) => input.pulsing.has(point.id));
  return [
    { ...ring, id: "ringed", type: "scatter", data: still },
    {
      ...ring,
      id: "pulsing",
      type: "effectScatter",
      rippleEffect: { brushType: "stroke", scale: 2.2, number: 1, period: 2 },
      data: moving,
    },
  ];
}
