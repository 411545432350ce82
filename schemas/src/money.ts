/**
 * Money as integer minor units with the exponent of its currency (ISO 4217);
 * decimal strings on the wire. Never a float. Amounts stay below 2^53.
 */

const exponents: Readonly<Record<string, number>> = {
  CNY: 2,
  USD: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  TWD: 2,
  SGD: 2,
  AUD: 2,
  CAD: 2,
  CHF: 2,
  SEK: 2,
  NOK: 2,
  DKK: 2,
  PLN: 2,
  CZK: 2,
  HUF: 2,
  RON: 2,
  BRL: 2,
  MXN: 2,
  ARS: 2,
  COP: 2,
  PEN: 2,
  ZAR: 2,
  TRY: 2,
  RUB: 2,
  INR: 2,
  IDR: 2,
  MYR: 2,
  THB: 2,
  PHP: 2,
  MOP: 2,
  NZD: 2,
  ILS: 2,
  SAR: 2,
  AED: 2,
  QAR: 2,
  EGP: 2,
  NGN: 2,
  KES: 2,
  PKR: 2,
  BDT: 2,
  LKR: 2,
  KZT: 2,
  UAH: 2,
  MMK: 2,
  JPY: 0,
  KRW: 0,
  VND: 0,
  CLP: 0,
  ISK: 0,
  PYG: 0,
  UGX: 0,
  XAF: 0,
  XOF: 0,
  KWD: 3,
  BHD: 3,
  OMR: 3,
  JOD: 3,
  TND: 3,
  IQD: 3,
  LYD: 3,
};

/** Greatest amount of one event, in minor units: 10^14. */
export const amountMaxMinor = 100_000_000_000_000;

/** Decimal places of a currency, or null when it is not known. */
export function currencyExponent(currency: string): number | null {
  return Object.hasOwn(exponents, currency)
    ? (exponents[currency] ?? null)
    : null;
}

/** Why an amount was refused. */
export type AmountProblem =
  | "amount_not_string"
  | "amount_malformed"
  | "amount_negative"
  | "amount_too_precise"
  | "amount_too_large"
  | "currency_unknown";

const decimalPattern = /^(-?)(\d{1,16})(?:\.(\d{1,12}))?$/;

/**
 * Minor units of a decimal string, or why not. Trailing zeros beyond the
 * exponent are allowed ("1.500" CNY is 150), other digits are not.
 */
export function parseMinor(
  text: unknown,
  currency: string,
): number | AmountProblem {
  if (typeof text !== "string") return "amount_not_string";
  const exponent = currencyExponent(currency);
  if (exponent === null) return "currency_unknown";
  const match = decimalPattern.exec(text);
  if (!match) return "amount_malformed";
  const [, sign, whole = "0", fraction = ""] = match;
  if (sign === "-") return "amount_negative";
  if (/[1-9]/.test(fraction.slice(exponent))) return "amount_too_precise";
  const digits = whole + fraction.slice(0, exponent).padEnd(exponent, "0");
  const minor = Number(digits);
  return minor > amountMaxMinor ? "amount_too_large" : minor;
}

/** Decimal string of minor units: (12550, "CNY") → "125.50". */
export function formatMinor(minor: number, currency: string): string {
  const exponent = currencyExponent(currency) ?? 2;
  const sign = minor < 0 ? "-" : "";
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** Sum that fails loudly beyond 2^53 instead of losing a cent. */
export function addMinor(a: number, b: number): number {
  const sum = a + b;
  if (!Number.isSafeInteger(sum)) throw new RangeError("money out of range");
  return sum;
}
