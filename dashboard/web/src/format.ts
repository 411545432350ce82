/** Numbers and times as people read them, per language. */
import { settings } from "./session.ts";

const signs: Readonly<Record<string, string>> = {
  CNY: "¥",
  USD: "$",
  EUR: "€",
  GBP: "£",
};

/** 12.84 亿 / 128.4 M, split so that the unit can be small. */
export function compact(decimal: string | number): {
  readonly number: string;
  readonly unit: string;
} {
  const value = Number(decimal);
  const steps: readonly (readonly [number, string])[] =
    settings.lang === "zh-CN"
      ? [
          [1e8, "亿"],
          [1e4, "万"],
        ]
      : [
          [1e9, "B"],
          [1e6, "M"],
          [1e3, "K"],
        ];
  for (const [size, unit] of steps) {
    if (Math.abs(value) >= size) {
      const scaled = value / size;
      const digits = Math.abs(scaled) >= 100 ? 1 : 2;
      return {
        number: scaled.toLocaleString("en", {
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
        }),
        unit,
      };
    }
  }
  return {
    number: value.toLocaleString("en", { maximumFractionDigits: 2 }),
    unit: "",
  };
}

export function money(decimal: string | number, currency: string): string {
  const { number, unit } = compact(decimal);
  const sign = signs[currency] ?? `${currency} `;
  return unit === "" ? `${sign}${number}` : `${sign}${number} ${unit}`;
}

/** Every digit, for hovers and tables. */
export function exact(decimal: string, currency: string): string {
  const [whole = "0", fraction] = decimal.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const sign = signs[currency] ?? `${currency} `;
  return `${sign}${grouped}${fraction === undefined ? "" : `.${fraction}`}`;
}

export function percent(fraction: string | number | null, digits = 1): string {
  if (fraction === null) return "–";
  return `${(Number(fraction) * 100).toFixed(digits)} %`;
}

const zone = "Asia/Shanghai";

export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString("en-GB", { timeZone: zone });
}

export function dateTime(iso: string): string {
  return new Date(iso).toLocaleString("sv-SE", { timeZone: zone });
}

/** "8 秒前" / "8 s ago" against the server's clock. */
export function ago(iso: string, serverNow: number): string {
  const s = Math.max(0, Math.round((serverNow - Date.parse(iso)) / 1000));
  const zh = settings.lang === "zh-CN";
  if (s < 60) return zh ? `${String(s)} 秒前` : `${String(s)} s ago`;
  if (s < 3600) {
    const m = Math.floor(s / 60);
    return zh ? `${String(m)} 分前` : `${String(m)} min ago`;
  }
  const h = Math.floor(s / 3600);
  if (h < 48) return zh ? `${String(h)} 小时前` : `${String(h)} h ago`;
  const d = Math.floor(h / 24);
  return zh ? `${String(d)} 天前` : `${String(d)} d ago`;
}

/** The text of the chosen language of a bilingual record. */
export function said(zh: string, en: string): string {
  return settings.lang === "zh-CN" ? zh : en;
}
