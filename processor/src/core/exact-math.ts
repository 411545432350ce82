/**
 * Natural logarithm and exponential from +, -, *, / alone, which IEEE 754
 * fixes to the last bit: the same result on every engine (`Math.log` is not).
 */

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const view = new DataView(new ArrayBuffer(8));

/** ln x for finite x > 0; NaN otherwise. Relative error below 1e-14. */
export function exactLn(x: number): number {
  if (!(x > 0) || x === Infinity) return NaN;
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  view.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  let mantissa = view.getFloat64(0);
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let k = 21; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return exponent * ln2High + (2 * s * sum + exponent * ln2Low);
}

/** e^x; 0 below -700, Infinity above 700. Relative error below 1e-14. */
export function exactExp(x: number): number {
  if (x < -700) return 0;
  if (x > 700) return Infinity;
  const k = Math.round(x / (ln2High + ln2Low));
  const r = x - k * ln2High - k * ln2Low;
  let sum = 1;
  for (let n = 18; n >= 1; n -= 1) sum = 1 + (r / n) * sum;
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return sum * view.getFloat64(0);
}
