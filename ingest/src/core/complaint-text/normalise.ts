/**
 * The text as the lexicon reads it: NFKC (full width becomes half width), lower
 * case, simplified characters, ids and phones masked; with the way back to
 * offsets (UTF-16 units) of the text as it was sent.
 */

/** Simplified form of each traditional UTF-16 unit, else 0. */
export type Simplify = Uint16Array;

export interface Normal {
  readonly text: string;
  /** The same before masking, for amounts. */
  readonly numbers: string;
  /** Offset in the original of the character that the unit at `at` is of. */
  readonly start: (at: number) => number;
  /** Offset right behind the character that the unit before `at` is of. */
  readonly end: (at: number) => number;
}

/**
 * A character with its marks. At most 16 of them: reordering marks takes time
 * with the square of their number.
 */
const clusters = /\P{M}\p{M}{0,16}|\p{M}{1,16}/gu;
const plain = (text: string): string =>
  text.normalize("NFKC").toLowerCase().replaceAll("’", "'");

/** Seven digits and more, grouped or not, and an identity card's last X. */
const numbers = /\d(?:[ -]?\d){6,}x?/g;
const addresses = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g;
const mask = (found: string): string => "#".repeat(found.length);

/**
 * One unit to one unit, for what nearly every text is made of: ASCII, full
 * width, Han and common signs. Null when there is anything else.
 */
function unitByUnit(raw: string, simplify: Simplify): string | null {
  const units = new Array<number>(raw.length);
  for (let at = 0; at < raw.length; at += 1) {
    let unit = raw.charCodeAt(at);
    if (unit >= 0xff01 && unit <= 0xff5e) unit -= 0xfee0;
    if (unit >= 0x41 && unit <= 0x5a) unit += 32;
    else if (unit === 0x2026) unit = 0x2e;
    else if (unit === 0x2019) unit = 0x27;
    else if (unit >= 0x4e00 && unit <= 0x9fff) unit = simplify[unit] || unit;
    else if (unit > 0x7f && !isPlainSign(unit)) return null;
    units[at] = unit;
  }
  return String.fromCharCode(...units);
}

/** Dashes, quotes and CJK punctuation that NFKC leaves alone. */
function isPlainSign(unit: number): boolean {
  return (
    unit === 0x2014 ||
    unit === 0x2018 ||
    unit === 0x201c ||
    unit === 0x201d ||
    (unit >= 0x3001 && unit <= 0x3011)
  );
}

function simplified(text: string, simplify: Simplify): string {
  return text.replace(/[\u3400-\u9fff]/g, (char) => {
    const simple = simplify[char.charCodeAt(0)] ?? 0;
    return simple === 0 ? char : String.fromCharCode(simple);
  });
}

/** Same length as `text`. */
function masked(text: string): string {
  const some = text.replace(numbers, mask);
  return some.includes("@") ? some.replace(addresses, mask) : some;
}

export function normalise(raw: string, simplify: Simplify): Normal {
  const same = unitByUnit(raw, simplify);
  if (same !== null) {
    const itself = (at: number): number => at;
    return { text: masked(same), numbers: same, start: itself, end: itself };
  }
  const parts: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: cluster, index } of raw.toWellFormed().matchAll(clusters)) {
    const part = plain(cluster);
    parts.push(part);
    for (let i = 0; i < part.length; i += 1) {
      starts.push(index);
      ends.push(index + cluster.length);
    }
  }
  const numbers = simplified(parts.join(""), simplify);
  return {
    text: masked(numbers),
    numbers,
    start: (at) => starts[at] ?? raw.length,
    end: (at) => ends[at - 1] ?? 0,
  };
}
