/**
 * Exchange rates as exact fractions. A rate is the number of units of a
 * currency for one unit of the reporting currency (contract 2, `fx.published`).
 */
import { currencyExponent } from "@riskwall/schemas/money";

export interface Rates {
  readonly version: number;
  readonly base: string;
  readonly byCurrency: ReadonlyMap<string, RateFraction>;
}

/** base minor units = amount × numerator / denominator. */
interface RateFraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** No foreign rate known: only the reporting currency has a value. */
export function noRates(base: string): Rates {
  return { version: 0, base, byCurrency: new Map() };
}

/** Rates of a record; a malformed or non-positive rate is left out. */
export function parseRates(
  version: number,
  base: string,
  texts: Readonly<Record<string, string>>,
): Rates {
  const byCurrency = new Map<string, RateFraction>();
  for (const [currency, text] of Object.entries(texts)) {
    const fraction = toFraction(text, currency, base);
    if (fraction) byCurrency.set(currency, fraction);
  }
  return { version, base, byCurrency };
}

function toFraction(
  text: string,
  currency: string,
  base: string,
): RateFraction | null {
  const match = /^(\d{1,12})(?:\.(\d{1,12}))?$/.exec(text);
  const from = currencyExponent(currency);
  const to = currencyExponent(base);
  if (!match || from === null || to === null) return null;
  const digits = BigInt((match[1] ?? "0") + (match[2] ?? ""));
  if (digits === 0n) return null;
  const scale = 10n ** BigInt((match[2] ?? "").length);
  return {
    numerator: scale * 10n ** BigInt(to),
    denominator: digits * 10n ** BigInt(from),
  };
}

/** Minor units of the reporting currency, rounded half up; null without a rate. */
export function toBase(
  amount: number,
  currency: string,
  rates: Rates,
): number | null {
  if (currency === rates.base) return amount;
  const rate = rates.byCurrency.get(currency);
  if (!rate) return null;
  return scaled(amount, rate.numerator, rate.denominator);
}

/** Minor units of a currency for reporting ones; null without a rate. */
export function fromBase(
  amount: number,
  currency: string,
  rates: Rates,
): number | null {
  if (currency === rates.base) return amount;
  const rate = rates.byCurrency.get(currency);
  if (!rate) return null;
  return scaled(amount, rate.denominator, rate.numerator);
}

/** amount × numerator / denominator, rounded half away from zero. */
function scaled(
  amount: number,
  numerator: bigint,
  denominator: bigint,
): number {
  const sign = amount < 0 ? -1n : 1n;
  const product = BigInt(Math.abs(amount)) * numerator;
  return Number(sign * ((product * 2n + denominator) / (denominator * 2n)));
}
