/** Request bodies as streams: inflation with a limit, lines, whole JSON. */
import { createGunzip } from "node:zlib";
import { Transform, type Readable } from "node:stream";

export const limits = {
  eventMaxBytes: 65_536,
  batchMaxEvents: 1000,
  batchMaxBytes: 5_242_880,
  ndjsonMaxBytes: 1_073_741_824,
  ndjsonChunkEvents: 1000,
  failedMax: 1000,
  waitMaxSeconds: 10,
  textMaxChars: 8000,
  futureMaxSeconds: 300,
  lateMaxDays: 7,
} as const;

/** A refusal of a whole request: status, stable code, title. */
export class RequestRefused extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number | null;
  constructor(
    status: number,
    code: string,
    title: string,
    retryAfter: number | null = null,
  ) {
    super(title);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The inflated body, cut off with 413 beyond `maxBytes`. */
export function inflate(
  raw: Readable,
  encoding: string | undefined,
  maxBytes: number,
): Readable {
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        done(
          new RequestRefused(413, "body_too_large", "The body is too large"),
        );
      } else done(null, chunk);
    },
  });
  if (encoding === undefined || encoding === "identity") {
    raw.on("error", (error) => meter.destroy(error));
    return raw.pipe(meter);
  }
  if (encoding !== "gzip") {
    throw new RequestRefused(
      415,
      "encoding_unsupported",
      "Only gzip is inflated",
    );
  }
  const gunzip = createGunzip();
  gunzip.on("error", () => {
    meter.destroy(
      new RequestRefused(400, "bad_gzip", "The gzip stream is broken"),
    );
  });
  raw.on("error", (error) => gunzip.destroy(error));
  return raw.pipe(gunzip).pipe(meter);
}

/** The whole body as text. */
export async function readWhole(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Non-empty lines; a line beyond the event limit ends the request. */
export async function* readLines(body: Readable): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    rest += decoder.decode(chunk as Buffer, { stream: true });
    let from = 0;
    for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n", from)) {
      const line = rest.slice(from, at).trim();
      from = at + 1;
      if (line !== "") yield line;
    }
    rest = rest.slice(from);
    if (rest.length > limits.eventMaxBytes * 4) {
      throw new RequestRefused(413, "line_too_long", "A line is too long");
    }
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield rest.trim();
}
