/**
 * Colours of charts per theme, the same values as `tokens.css`. A colour never
 * stands alone: shape, letter or word says the same.
 */
import type { RiskClass, Severity } from "@riskwall/schemas";
import type { Theme } from "../settings.ts";

export interface Palette {
  readonly panel: string;
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly accent: string;
  readonly critical: string;
  readonly high: string;
  readonly severities: Readonly<Record<Severity, string>>;
  /** Behind spans where something was wrong. */
  readonly tint: string;
  readonly classes: Readonly<Record<RiskClass, string>>;
  /** Not due to over 90 days. */
  readonly ageing: readonly [string, string, string, string, string];
}

const dark: Palette = {
  panel: "#101A2C",
  text: "#E6ECF5",
  dim: "#8FA0B8",
  line: "#1E2B44",
  accent: "#4C9BFF",
  critical: "#F2452E",
  high: "#FFA62B",
  severities: {
    critical: "#F2452E",
    high: "#FFA62B",
    medium: "#FFF1A6",
    low: "#4C9BFF",
    info: "#7C889B",
  },
  tint: "rgba(242, 69, 46, 0.16)",
  classes: {
    A: "#3DE0C1",
    B: "#4C9BFF",
    C: "#FFF1A6",
    D: "#FFA62B",
    E: "#F2452E",
  },
  ageing: ["#2F6FCC", "#56B4E9", "#FFF1A6", "#FFA62B", "#F2452E"],
};

const light: Palette = {
  panel: "#FFFFFF",
  text: "#152033",
  dim: "#5B6880",
  line: "#E3E8F0",
  accent: "#1F5FD6",
  critical: "#9E1708",
  high: "#E8820C",
  severities: {
    critical: "#9E1708",
    high: "#E8820C",
    medium: "#E0B400",
    low: "#1747B5",
    info: "#5B6880",
  },
  tint: "rgba(158, 23, 8, 0.09)",
  classes: {
    A: "#25BFA8",
    B: "#1747B5",
    C: "#E0B400",
    D: "#E8820C",
    E: "#9E1708",
  },
  ageing: ["#1F5FD6", "#56B4E9", "#E0B400", "#E8820C", "#9E1708"],
};

export function paletteOf(theme: Theme): Palette {
  return theme === "light" ? light : dark;
}

/** The colour that a severity or a class has everywhere; null for others. */
export function ownColour(name: string, palette: Palette): string | null {
  const own: Readonly<Record<string, string>> = {
    ...palette.severities,
    ...palette.classes,
  };
  return Object.hasOwn(own, name) ? (own[name] ?? null) : null;
}

/** Okabe-Ito: series that stay apart under colour blindness. */
export const seriesColours = [
  "#0072B2",
  "#E69F00",
  "#009E73",
  "#CC79A7",
  "#56B4E9",
  "#D55E00",
  "#B8A800",
  "#8A8A8A",
] as const;

/** Letters of the classes, best first. */
export const classLetters = ["A", "B", "C", "D", "E"] as const;

/** Shape of a class, so that colour is not alone. */
export const classShapes: Readonly<Record<RiskClass, string>> = {
  A: "circle",
  B: "circle",
  C: "rect",
  D: "diamond",
  E: "triangle",
};

/** Last days of the buckets of ageing, the first being what is not due. */
const bucketEnds = [0, 30, 60, 90] as const;

/** The colour of the bucket that some days past due fall into. */
export function ageingColour(days: number, palette: Palette): string {
  const at = bucketEnds.findIndex((end) => days <= end);
  return palette.ageing[at < 0 ? palette.ageing.length - 1 : at] ?? "";
}
