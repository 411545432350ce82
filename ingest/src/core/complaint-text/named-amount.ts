/** The greatest amount of money that a text names. */
import { currencyExponent } from "@riskwall/schemas/money";

export interface NamedAmount {
  /** Minor units of `currency`, of two decimals where it is null. */
  readonly amount: number;
  /** Null where the text names none (欠款 50 万). */
  readonly currency: string | null;
}

const signs: Readonly<Record<string, string>> = {
  ...{ rmb: "CNY", cny: "CNY", yuan: "CNY", "¥": "CNY", 元: "CNY" },
  ...{ 块: "CNY", 块钱: "CNY", 圆: "CNY", 人民币: "CNY" },
  ...{ usd: "USD", $: "USD", us$: "USD", dollar: "USD", dollars: "USD" },
  ...{ 美元: "USD", 美金: "USD", eur: "EUR", "€": "EUR", euro: "EUR" },
  ...{ euros: "EUR", 欧元: "EUR", gbp: "GBP", "£": "GBP", 英镑: "GBP" },
  ...{ hkd: "HKD", hk$: "HKD", 港币: "HKD", 港元: "HKD" },
  ...{ jpy: "JPY", 日元: "JPY" },
};
/** Powers of ten. */
const units: Readonly<Record<string, number>> = {
  ...{ 千: 3, 万: 4, 十万: 5, 百万: 6, 千万: 7, 亿: 8 },
  ...{ k: 3, thousand: 3, m: 6, million: 6 },
};
const before = "us\\$|hk\\$|¥|\\$|€|£|rmb|cny|usd|eur|gbp|hkd|jpy|人民币";
const after =
  "元|块钱|块|圆|人民币|美元|美金|欧元|英镑|港币|港元|日元|rmb|cny|usd|eur|gbp|hkd|jpy|yuan|dollars?|euros?";
/** Every repeat is bounded, so that the time grows with the length alone. */
const amounts = new RegExp(
  `(${before})?\\s?(?<![\\d.,])(\\d{1,13}|\\d{1,3}(?:,\\d{3}){1,4})(?:\\.(\\d{1,4}))?(?![\\d,])\\s?(十万|百万|千万|亿|万|千|thousand|million|[km](?![a-z]))?\\s?(${after})?`,
  "g",
);
const chinese = new RegExp(
  `([一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])(百万|千万|亿|万)(${after})?`,
  "g",
);
const digits = "零一二三四五六七八九";
const exactMax = BigInt(Number.MAX_SAFE_INTEGER - 1);

function minorOf(
  whole: string,
  fraction: string,
  power: number,
  currency: string | null,
): number {
  const exponent = currency === null ? 2 : (currencyExponent(currency) ?? 2);
  const shift = power + exponent - fraction.length;
  const value = BigInt(whole + fraction);
  const scaled =
    shift >= 0 ? value * 10n ** BigInt(shift) : value / 10n ** BigInt(-shift);
  return scaled > exactMax ? 0 : Number(scaled);
}

/** 十二, 五, 三十 as a number below a hundred. */
function smallNumber(text: string): number {
  const of = (char: string | undefined, otherwise: number): number =>
    char === undefined || char === ""
      ? otherwise
      : char === "两"
        ? 2
        : digits.indexOf(char);
  if (!text.includes("十")) return of(text, 0);
  const [tens, ones] = text.split("十");
  return of(tens, 1) * 10 + of(ones, 0);
}

/** The greatest, whatever its currency; null when the text names none. */
export function namedAmount(text: string): NamedAmount | null {
  let greatest: NamedAmount | null = null;
  const take = (amount: number, currency: string | null): void => {
    if (amount > (greatest?.amount ?? 0)) greatest = { amount, currency };
  };
  for (const found of text.matchAll(amounts)) {
    const [, sign, whole = "", fraction = "", unit, name] = found;
    if (sign === undefined && name === undefined && !isGreat(unit)) continue;
    const currency = signs[sign ?? name ?? ""] ?? null;
    const power = units[unit ?? ""] ?? 0;
    take(
      minorOf(whole.replaceAll(",", ""), fraction, power, currency),
      currency,
    );
  }
  for (const [, number = "", unit = "", name] of text.matchAll(chinese)) {
    const currency = signs[name ?? ""] ?? null;
    const whole = String(smallNumber(number));
    take(minorOf(whole, "", units[unit] ?? 0, currency), currency);
  }
  return greatest;
}

/** A unit that speaks of money by itself in a complaint: 50 万, not 3 千. */
function isGreat(unit: string | undefined): boolean {
  return unit !== undefined && /[万亿]/.test(unit);
}
