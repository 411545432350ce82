/** What every chart shares: its palette, its unit of length, its font. */
import type { Palette } from "./palette.ts";

/** An ECharts option, made by pure functions and tested as data. */
export type Option = Readonly<Record<string, unknown>>;

export interface Look {
  readonly palette: Palette;
  /** Pixels of one unit of the design: 1 at 1920x1080. */
  readonly u: number;
}

export const fontFamily =
  '"Inter","Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif';

/** Parts that are the same everywhere. */
export function base(look: Look): Option {
  return {
    animation: false,
    textStyle: { fontFamily, color: look.palette.text },
  };
}

/** Labels of an axis. */
export function axisLabel(look: Look, size = 15): Option {
  return { color: look.palette.dim, fontSize: size * look.u };
}

/** The hairline of an axis or a grid. */
export function hairline(look: Look): Option {
  return { lineStyle: { color: look.palette.line } };
}

/** A box that follows the pointer. */
export function tooltip(look: Look, size = 14): Option {
  return {
    confine: true,
    backgroundColor: look.palette.panel,
    borderColor: look.palette.line,
    textStyle: { color: look.palette.text, fontSize: size * look.u },
  };
}

/** Text for a tooltip's HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
