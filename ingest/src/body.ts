/** Request bodies as streams: inflation with a limit, lines, whole text. */
import { Transform, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { RequestRefused } from "./problem.ts";

/**
 * The body as sent before compression, cut off beyond `maxBytes`: a stream
 * that fails with `RequestRefused`. The socket stays whole, so that the
 * refusal can be answered.
 */
export function inflate(
  raw: Readable,
  encoding: string | undefined,
  maxBytes: number,
): Readable {
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) done(null, chunk);
      else done(new RequestRefused("body_too_large", atMost(maxBytes)));
    },
  });
  const gone = (error: Error): void => {
    meter.destroy(error);
  };
  raw.on("error", gone);
  if (encoding === undefined || encoding === "identity") return raw.pipe(meter);
  if (encoding !== "gzip") throw new RequestRefused("encoding_unsupported");
  const gunzip = createGunzip();
  gunzip.on("error", () => {
    gone(new RequestRefused("bad_gzip"));
  });
  meter.on("close", () => {
    raw.unpipe(gunzip);
    gunzip.destroy();
  });
  return raw.pipe(gunzip).pipe(meter);
}

const atMost = (bytes: number): string => `at most ${String(bytes)} bytes`;

/** The whole body as text; refuses what is not UTF-8. */
export async function readWhole(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  // A readable without an encoding gives buffers.
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return decodeUtf8(Buffer.concat(chunks)) ?? refuseText();
}

function refuseText(): never {
  throw new RequestRefused("not_utf8");
}

const strict = new TextDecoder("utf-8", { fatal: true });

/** Text of bytes, null when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** A line of a stream; `whole` is false when it was cut at the limit. */
export interface Line {
  readonly bytes: Buffer;
  readonly whole: boolean;
  /** From 1, blank lines counted. */
  readonly number: number;
}

const newline = 0x0a;

/**
 * Lines of a stream, each held up to `maxBytes`, blank ones left out; in
 * blocks, as they come, because a promise per line is dear.
 */
export async function* readLines(
  body: AsyncIterable<unknown>,
  maxBytes: number,
): AsyncGenerator<Line[]> {
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;
  let block: Line[] = [];
  const keep = (part: Buffer): void => {
    const room = maxBytes - Math.min(maxBytes, size);
    if (room > 0 && part.length > 0) parts.push(part.subarray(0, room));
    size += part.length;
  };
  const endLine = (): void => {
    const [first] = parts;
    const bytes = parts.length === 1 && first ? first : Buffer.concat(parts);
    number += 1;
    if (!isBlank(bytes)) block.push({ bytes, whole: size <= maxBytes, number });
    parts = [];
    size = 0;
  };
  for await (const chunk of body) {
    // A readable without an encoding gives buffers.
    const data = chunk as Buffer;
    let from = 0;
    for (let at = data.indexOf(newline); at >= 0;) {
      keep(data.subarray(from, at));
      endLine();
      from = at + 1;
      at = data.indexOf(newline, from);
    }
    if (block.length > 0) yield block;
    block = [];
    // A copy: the rest of the chunk need not stay in memory.
    if (from < data.length) keep(Buffer.from(data.subarray(from)));
  }
  if (size > 0) endLine();
  if (block.length > 0) yield block;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
