/** Rounding of decimal texts, digit by digit: no float takes part. */

export interface Rounded {
  readonly text: string;
  /** True when digits other than zero were cut off. */
  readonly changed: boolean;
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Digits before and after the point at most; longer texts are no amounts. */
const digitsMax = 60;

/**
 * Half away from zero to `decimals` places; null when the text is no decimal
 * number. "12.340000000000001" → "12.34", "1e-7" → "0.00".
 */
export function roundDecimal(text: string, decimals: number): Rounded | null {
  const match = pattern.exec(text);
  if (!match) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return null;
  if (whole.length + fraction.length > digitsMax) return null;
  const shift = Number(exponent);
  if (Math.abs(shift) > digitsMax) return null;
  // The number is digits / 10^scale.
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - shift;
  const cut = scale - decimals;
  const unit = 10n ** BigInt(Math.abs(cut));
  const scaled = cut > 0 ? divideRounding(digits, unit) : digits * unit;
  const changed = cut > 0 && digits % unit !== 0n;
  return { text: format(scaled, decimals, sign === "-"), changed };
}

function divideRounding(value: bigint, unit: bigint): bigint {
  return (value + unit / 2n) / unit;
}

function format(scaled: bigint, decimals: number, negative: boolean): string {
  const digits = String(scaled).padStart(decimals + 1, "0");
  const sign = negative && scaled !== 0n ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
