/**
 * Growing byte writer and reader for packed fields: unsigned LEB128 varints up
 * to 2^53, zigzag for signed numbers.
 */
export interface Writer {
  unsigned: (n: number) => void;
  signed: (n: number) => void;
  done: () => Uint8Array;
}

/** Bytes of the writer in use; one is in use at a time. */
let scratch = new Uint8Array(16 * 1024);

export function createWriter(): Writer {
  let at = 0;
  const unsigned = (n: number): void => {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new RangeError(`not packable: ${String(n)}`);
    }
    if (at + 8 > scratch.length) {
      const grown = new Uint8Array(scratch.length * 2);
      grown.set(scratch);
      scratch = grown;
    }
    let rest = n;
    while (rest >= 128) {
      scratch[at] = (rest % 128) | 128;
      at += 1;
      rest = Math.floor(rest / 128);
    }
    scratch[at] = rest;
    at += 1;
  };
  return {
    unsigned,
    signed: (n) => {
      unsigned(n < 0 ? -n * 2 - 1 : n * 2);
    },
    done: () => scratch.slice(0, at),
  };
}

export interface Reader {
  readonly more: () => boolean;
  unsigned: () => number;
  signed: () => number;
}

/** Reads what `createWriter` wrote; throws on truncated input. */
export function createReader(bytes: Uint8Array): Reader {
  let at = 0;
  const unsigned = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw new RangeError("packed field truncated");
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  return {
    more: () => at < bytes.length,
    unsigned,
    signed: () => {
      const n = unsigned();
      return n % 2 === 1 ? -(n + 1) / 2 : n / 2;
    },
  };
}
