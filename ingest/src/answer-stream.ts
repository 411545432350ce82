/**
 * NDJSON of any length: parsed line by line, appended in bounded pieces, and
 * read on only when a piece is acknowledged.
 */
import type { Failed, Item } from "./accept.ts";
import { decodeUtf8, readLines, type Line } from "./body.ts";
import type { Answer, GuardedBody } from "./idempotency.ts";
import { limits } from "./limits.ts";
import { problemDocument, refusalOf, RequestRefused } from "./problem.ts";
import {
  statusOf,
  takePiece,
  type TakeDeps,
  type TakeOptions,
} from "./take.ts";

interface Sums {
  accepted: number;
  duplicates: number;
  failedCount: number;
  /** Lines that were appended or refused. */
  lines: number;
  readonly failed: Failed[];
}

/** The item of a line. */
export function itemOfLine({ bytes, whole }: Line): Item {
  if (!whole) {
    const raw = bytes.subarray(0, 1024).toString("latin1");
    const message = `at most ${String(limits.eventMaxBytes)} bytes`;
    return { refused: { code: "event_too_large", path: "$", message }, raw };
  }
  const text = decodeUtf8(bytes);
  if (text === null) {
    const raw = bytes.toString("latin1");
    const message = "the line is not UTF-8";
    return { refused: { code: "not_utf8", path: "$", message }, raw };
  }
  return itemOfText(text);
}

/** The item of one JSON text. */
export function itemOfText(raw: string): Item {
  try {
    return { json: JSON.parse(raw) as unknown, raw };
  } catch (error) {
    const message = error instanceof Error ? error.message : "not JSON";
    return { refused: { code: "not_json", path: "$", message }, raw };
  }
}

async function* pieces(body: AsyncIterable<unknown>): AsyncGenerator<Item[]> {
  let items: Item[] = [];
  let bytes = 0;
  for await (const lines of readLines(body, limits.eventMaxBytes)) {
    for (const line of lines) {
      items.push(itemOfLine(line));
      bytes += line.bytes.length;
      const full =
        items.length >= limits.ndjsonChunkEvents ||
        bytes >= limits.ndjsonChunkBytes;
      if (!full) continue;
      yield items;
      items = [];
      bytes = 0;
    }
  }
  if (items.length > 0) yield items;
}

/** The answer to a stream; the counts hold also when it ends early. */
export async function answerStream(
  { body, alive }: GuardedBody,
  deps: TakeDeps,
  options: TakeOptions,
  requestId: string,
): Promise<Answer> {
  const sums: Sums = {
    accepted: 0,
    duplicates: 0,
    failedCount: 0,
    lines: 0,
    failed: [],
  };
  try {
    for await (const items of pieces(body)) {
      const piece = await takePiece(items, deps, options);
      sums.accepted += piece.accepted;
      sums.duplicates += piece.duplicates;
      sums.failedCount += piece.failed.length;
      for (const failed of piece.failed) {
        if (sums.failed.length === limits.failedMax) break;
        sums.failed.push({ ...failed, index: failed.index + sums.lines });
      }
      sums.lines += items.length;
      await alive();
    }
  } catch (error) {
    return endedEarly(error, sums, requestId);
  }
  if (sums.lines === 0) throw new RequestRefused("empty_body");
  const { accepted, duplicates, failed, failedCount } = sums;
  const counts = { accepted, duplicates };
  const rest = failedCount === 0 ? {} : { failed, failedCount };
  return {
    status: statusOf(sums),
    body: { ...counts, ...rest, requestId },
  };
}

/** A refusal in mid-stream says what of it was acknowledged before. */
function endedEarly(error: unknown, sums: Sums, requestId: string): Answer {
  const refused = refusalOf(error);
  if (refused === null) throw error;
  const { retryAfter } = refused;
  return {
    status: refused.status,
    headers: retryAfter === null ? {} : { "retry-after": String(retryAfter) },
    body: { ...problemDocument(refused, requestId), ...sums },
  };
}
