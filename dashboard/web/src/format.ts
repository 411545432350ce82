/** Numbers and times as people read them, per language. */
import { settings } from "./settings.ts";

const signs: Readonly<Record<string, string>> = {
  CNY: "¥",
  USD: "$",
  EUR: "€",
  GBP: "£",
};

/** Zone of every time on screen; it is named there. */
const zone = "Asia/Shanghai";

export interface Compact {
  readonly number: string;
  /** 亿, 万, B, M, K or empty. */
  readonly unit: string;
}

const stepsZh = [
  [1e8, "亿"],
  [1e4, "万"],
] as const;
const stepsEn = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
] as const;

/** 12.84 亿 / 1.28 B, split so that the unit can be small. For reading only. */
export function compact(decimal: string | number): Compact {
  const value = Number(decimal);
  const steps = settings.lang === "zh-CN" ? stepsZh : stepsEn;
  for (const [size, unit] of steps) {
    if (Math.abs(value) < size) continue;
    const scaled = value / size;
    const digits = Math.abs(scaled) >= 100 ? 1 : 2;
    return { number: fixed(scaled, digits), unit };
  }
  const digits = Number.isInteger(value) ? 0 : 2;
  return { number: fixed(value, digits), unit: "" };
}

function fixed(value: number, digits: number): string {
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Without trailing zeros: labels of axes. */
export function compactAxis(value: number): string {
  const { number, unit } = compact(value);
  const short = number.includes(".") ? number.replace(/\.?0+$/, "") : number;
  return `${short}${unit}`;
}

function withSign(text: string, currency: string): string {
  const sign = signs[currency] ?? `${currency} `;
  return text.startsWith("-") ? `−${sign}${text.slice(1)}` : `${sign}${text}`;
}

/** What a mask leaves out is an empty text, and shown as this. */
export const hidden = "•••";

/** ¥3,260 万 / ¥32.6 M */
export function money(decimal: string | number, currency: string): string {
  if (decimal === "") return hidden;
  const { number, unit } = compact(decimal);
  const space = unit === "" ? "" : " ";
  return withSign(`${number}${space}${unit}`, currency);
}

/** Every digit, for tables and hovers: no float on the way. */
export function exact(decimal: string, currency: string): string {
  const [whole = "0", fraction] = decimal.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return withSign(text, currency);
}

/** 0.0631 → 6.3 %; a dash when there is none. */
export function percent(fraction: string | number | null, digits = 1): string {
  if (fraction === null) return "–";
  return `${(Number(fraction) * 100).toFixed(digits)}%`;
}

export function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
/** 14:03:22 */
export function clock(at: number | string): string {
  return clockFormat.format(new Date(at));
}

const dateTimeFormat = new Intl.DateTimeFormat("sv-SE", {
  timeZone: zone,
  dateStyle: "short",
  timeStyle: "medium",
});
/** 2026-11-23 14:03:22 */
export function dateTime(at: number | string): string {
  return dateTimeFormat.format(new Date(at));
}

/** 2026-11-23 */
export function dateOnly(at: number | string): string {
  return dateTime(at).slice(0, 10);
}

/** The value of a `datetime-local` field: 2026-11-23T14:03 on screen. */
export function fieldTime(at: number): string {
  return dateTime(at).slice(0, 16).replace(" ", "T");
}

/** The instant of such a value; clocks of the zone never change. */
export function fieldInstant(text: string): string {
  return `${text}:00+08:00`;
}

/** 11-23 14:03 for times near, with the year for others. */
export function shortTime(at: number | string, now: number): string {
  const text = dateTime(at);
  if (dateOnly(now) === text.slice(0, 10)) return text.slice(11);
  const sameYear = text.slice(0, 4) === dateOnly(now).slice(0, 4);
  return sameYear ? text.slice(5, 16) : text.slice(0, 10);
}

/** Date and weekday of a language. */
export function dayName(at: number): string {
  const weekday = new Date(at).toLocaleDateString(settings.lang, {
    timeZone: zone,
    weekday: "short",
  });
  return `${dateOnly(at)} ${weekday}`;
}

export type SpanUnit = "s" | "min" | "h" | "d";

/** A span in its largest whole unit. */
export function spanOf(ms: number): {
  readonly n: number;
  readonly unit: SpanUnit;
} {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return { n: s, unit: "s" };
  if (s < 3600) return { n: Math.floor(s / 60), unit: "min" };
  if (s < 48 * 3600) return { n: Math.floor(s / 3600), unit: "h" };
  return { n: Math.floor(s / 86_400), unit: "d" };
}

/** The cause in "Score 685 → 595: pays late": what follows the first colon. */
export function causeOf(text: string): string {
  const at = text.search(/[:：]/);
  return at < 0 ? text : text.slice(at + 1).trim();
}

/** The text of the chosen language of a bilingual record. */
export function said(zh: string, en: string): string {
  return settings.lang === "zh-CN" ? zh : en;
}
