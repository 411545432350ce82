/** Exchange by exact fractions; rounded once, half away from zero. */
import { currencyExponent } from "@riskwall/schemas/money";

/** Rates of one `Fx` record: units of the key for one of `base`. */
export interface Rates {
  readonly base: string;
  readonly rates: Readonly<Record<string, string>>;
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** Rounded quotient of whole numbers, halves away from zero. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n;
  const x = a < 0n ? -a : a;
  const y = b < 0n ? -b : b;
  const quotient = (2n * x + y) / (2n * y);
  return negative ? -quotient : quotient;
}

/**
 * Minor units of the base currency; null where no rate is known (F-3).
 * amount / 10^e ÷ rate × 10^E, with the rate as a fraction of whole numbers.
 */
export function toBase(
  amount: bigint,
  currency: string,
  known: Rates,
): bigint | null {
  if (currency === known.base) return amount;
  const text = known.rates[currency];
  if (text === undefined) return null;
  const [whole = "0", fraction = ""] = text.split(".");
  const rate = BigInt(whole + fraction);
  if (rate === 0n) return null;
  const from = currencyExponent(currency) ?? 2;
  const to = currencyExponent(known.base) ?? 2;
  return divideRounded(
    amount * power(to + fraction.length),
    rate * power(from),
  );
}

/** Minor units of another currency for minor units of the base. */
export function fromBase(
  amount: bigint,
  currency: string,
  known: Rates,
): bigint | null {
  if (currency === known.base) return amount;
  const text = known.rates[currency];
  if (text === undefined) return null;
  const [whole = "0", fraction = ""] = text.split(".");
  const from = currencyExponent(known.base) ?? 2;
  const to = currencyExponent(currency) ?? 2;
  return divideRounded(
    amount * BigInt(whole + fraction) * power(to),
    power(from + fraction.length),
  );
}
