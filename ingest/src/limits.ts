/** Limits of requests, as `GET /v1/limits` answers them. */
import { textMaxChars } from "./core/event-data.ts";
import { idMaxChars } from "./core/fields.ts";
import { futureMs } from "./core/parse-event.ts";

export const limits = {
  eventMaxBytes: 65_536,
  batchMaxEvents: 1000,
  batchMaxBytes: 5_242_880,
  ndjsonMaxBytes: 1_073_741_824,
  /** A streamed body is appended in pieces of at most so many events, bytes. */
  ndjsonChunkEvents: 1000,
  ndjsonChunkBytes: 262_144,
  /** Entries of `failed` in the answer to a stream; `failedCount` has all. */
  failedMax: 1000,
  waitMaxSeconds: 10,
  creditChecksMax: 500,
  idMaxChars,
  textMaxChars,
  futureMaxSeconds: futureMs / 1000,
  lateMaxDays: 7,
} as const;
