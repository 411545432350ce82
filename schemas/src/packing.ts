/**
 * Packed fields: byte writer and reader. Pure, no Node.
 *
 *   unsigned  LEB128 varint up to 2^53
 *   signed    zigzag, then unsigned
 *   text      shared prefix with the text before (code units), then the byte
 *             length of the rest, then the rest in UTF-8
 *
 * There is one writer: `packed(run)` answers the bytes that `run` put. It is
 * on the way of every event, hence plain functions and no objects.
 */
let scratch = new Uint8Array(16 * 1024);
let at = 0;
/** Most bytes that a varint takes. */
const varintMax = 8;
/** Below this a number and its zigzag fit 32 bits. */
const smallMax = 2 ** 30;

function makeRoom(bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const grown = new Uint8Array(Math.max(at + bytes, scratch.length * 2));
  grown.set(scratch);
  scratch = grown;
}

/** Bytes that `run` puts. Not to be nested. */
export function packed(run: () => void): Uint8Array {
  at = 0;
  run();
  return scratch.slice(0, at);
}

function putSmall(n: number): void {
  let rest = n;
  while (rest >= 128) {
    scratch[at] = (rest & 127) | 128;
    at += 1;
    rest >>>= 7;
  }
  scratch[at] = rest;
  at += 1;
}

export function putUnsigned(n: number): void {
  makeRoom(varintMax);
  if (n >= 0 && n < smallMax && (n | 0) === n) {
    putSmall(n);
    return;
  }
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new RangeError(`not packable: ${String(n)}`);
  }
  let rest = n;
  // Division where bit operations would cut at 32 bits.
  while (rest >= smallMax) {
    scratch[at] = (rest % 128) | 128;
    at += 1;
    rest = Math.floor(rest / 128);
  }
  putSmall(rest);
}

export function putSigned(n: number): void {
  if (n > -smallMax && n < smallMax && (n | 0) === n) {
    makeRoom(varintMax);
    putSmall(((n << 1) ^ (n >> 31)) >>> 0);
    return;
  }
  putUnsigned(n < 0 ? -n * 2 - 1 : n * 2);
}

/** Code units that two texts begin with in common; never half a pair. */
function sharedPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let n = 0;
  while (n < most && a.charCodeAt(n) === b.charCodeAt(n)) n += 1;
  const last = n === 0 ? 0 : a.charCodeAt(n - 1);
  return last >= 0xd800 && last < 0xdc00 ? n - 1 : n;
}

function isAscii(value: string, from: number): boolean {
  for (let i = from; i < value.length; i += 1) {
    if (value.charCodeAt(i) >= 0x80) return false;
  }
  return true;
}

/** Bytes of a code point in UTF-8. */
function utf8Length(point: number): 1 | 2 | 3 | 4 {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x1_0000 ? 3 : 4;
}

function putPoint(point: number): void {
  const length = utf8Length(point);
  const lead = length === 1 ? 0 : (0xf00 >> length) & 0xff;
  scratch[at] = lead | (point >> (6 * (length - 1)));
  for (let i = 1; i < length; i += 1) {
    scratch[at + i] = 0x80 | ((point >> (6 * (length - 1 - i))) & 0x3f);
  }
  at += length;
}

/** `before` is the text that the reader has at hand at this place. */
export function putText(value: string, before: string): void {
  const from = sharedPrefix(value, before);
  makeRoom(2 * varintMax + 3 * value.length);
  putSmall(from);
  if (isAscii(value, from)) {
    putSmall(value.length - from);
    for (let i = from; i < value.length; i += 1) {
      scratch[at] = value.charCodeAt(i);
      at += 1;
    }
    return;
  }
  const points = Array.from(value.slice(from), (c) => c.codePointAt(0) ?? 0);
  putSmall(points.reduce((sum, point) => sum + utf8Length(point), 0));
  for (const point of points) putPoint(point);
}

export interface Reader {
  readonly more: () => boolean;
  unsigned: () => number;
  signed: () => number;
  text: (before: string) => string;
}

/** A code point of UTF-8 at `from`, and where it ends. */
function pointAt(bytes: Uint8Array, from: number): readonly [number, number] {
  const first = bytes[from] ?? 0;
  if (first < 0x80) return [first, from + 1];
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let point = first & (0x7f >> length);
  for (let i = 1; i < length; i += 1) {
    point = (point << 6) | ((bytes[from + i] ?? 0) & 0x3f);
  }
  return [point, from + length];
}

/** Reads what was put; throws on truncated input. */
export function createReader(bytes: Uint8Array): Reader {
  let from = 0;
  const unsigned = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[from];
      if (byte === undefined) throw new RangeError("packed field truncated");
      from += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  return {
    more: () => from < bytes.length,
    unsigned,
    signed: () => {
      const n = unsigned();
      return n % 2 === 1 ? -(n + 1) / 2 : n / 2;
    },
    text: (before) => {
      const shared = unsigned();
      const to = unsigned() + from;
      if (to > bytes.length) throw new RangeError("packed field truncated");
      let value = before.slice(0, shared);
      while (from < to) {
        const [point, next] = pointAt(bytes, from);
        value += String.fromCodePoint(point);
        from = next;
      }
      return value;
    },
  };
}
