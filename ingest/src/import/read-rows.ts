/** Rows of a CSV or NDJSON file, plain or gzip, as a stream. */
import { createReadStream, openSync, readSync, closeSync } from "node:fs";
import { Transform, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { parse, type CsvError } from "csv-parse";
import { readLines, type Line } from "../body.ts";
import { checkColumns, MappingRefused, type Mapping } from "./mapping.ts";
import type { Row } from "./map-row.ts";

/** Bytes of one row at most. */
export const rowMaxBytes = 1_048_576;
const readBytes = 256 * 1024;
const gzipMagic = [0x1f, 0x8b] as const;

/** A row, or why a line of the file is none. */
export type FileRow =
  | {
      readonly kind: "row";
      /** First line of the row in the file, from 1, the header counted. */
      readonly line: number;
      /** From 1, data rows only. */
      readonly row: number;
      readonly values: Row;
      readonly raw: string;
    }
  | {
      readonly kind: "refused";
      readonly line: number;
      readonly code: string;
      readonly message: string;
      readonly raw: string;
    };

/** The file itself is broken: a cut gzip, an unreadable header. */
export class FileBroken extends Error {
  readonly code = "file_broken";
}

function isGzip(file: string): boolean {
  const head = Buffer.alloc(2);
  const handle = openSync(file, "r");
  try {
    const read = readSync(handle, head, 0, 2, 0);
    return read === 2 && head[0] === gzipMagic[0] && head[1] === gzipMagic[1];
  } finally {
    closeSync(handle);
  }
}

/** Text bytes in UTF-8; `onBytes` hears how much of the file was read. */
function openText(
  file: string,
  encoding: string,
  onBytes: (bytes: number) => void,
): Readable {
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  let text = link(createReadStream(file, { highWaterMark: readBytes }), meter);
  if (isGzip(file)) text = link(text, createGunzip());
  if (/^utf-?8$/i.test(encoding)) return text;
  const decoder = new TextDecoder(encoding);
  const recode = new Transform({
    transform(chunk: Buffer, _, done) {
      done(null, Buffer.from(decoder.decode(chunk, { stream: true })));
    },
    flush(done) {
      done(null, Buffer.from(decoder.decode()));
    },
  });
  return link(text, recode);
}

/** Pipes, and lets an error travel on to where the rows are read. */
function link(from: Readable, to: Transform): Readable {
  from.on("error", (error: Error) => {
    to.destroy(error);
  });
  to.on("close", () => {
    from.destroy();
  });
  return from.pipe(to);
}

/** Reads every row in order; throws `FileBroken`. */
export async function* readRows(
  file: string,
  mapping: Mapping,
  onBytes: (bytes: number) => void,
): AsyncGenerator<FileRow> {
  const text = openText(file, mapping.encoding, onBytes);
  const rows =
    mapping.format === "csv" ? csvRows(text, mapping) : jsonRows(text);
  try {
    yield* rows;
  } catch (cause) {
    if (cause instanceof MappingRefused || cause instanceof FileBroken) {
      throw cause;
    }
    if (cause instanceof Error && "code" in cause) {
      throw new FileBroken(`${file}: ${cause.message}`, { cause });
    }
    throw cause;
  } finally {
    text.destroy();
  }
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
  readonly raw: string;
}

async function* csvRows(
  text: Readable,
  mapping: Mapping,
): AsyncGenerator<FileRow> {
  const skipped: FileRow[] = [];
  const parser = parse({
    delimiter: mapping.delimiter,
    quote: mapping.quote,
    bom: true,
    info: true,
    raw: true,
    relax_column_count: true,
    skip_records_with_error: true,
    max_record_size: rowMaxBytes,
  });
  parser.on("skip", (error: CsvError | undefined) => {
    const line = Number(error?.["lines"] ?? 0) + 1;
    const message = error?.message ?? "the row is not CSV";
    skipped.push({ kind: "refused", line, code: "not_csv", message, raw: "" });
  });
  text.on("error", (error) => parser.destroy(error));
  let header: readonly string[] | null = null;
  let row = 0;
  let line = 1;
  for await (const item of text.pipe(parser)) {
    yield* skipped.splice(0);
    // Options `info` and `raw` give this shape.
    const { record, info, raw } = item as CsvRecord;
    const first = line;
    line = info.lines + 1;
    if (header === null) {
      header = record.map((name) => name.trim());
      checkColumns(mapping, header);
      continue;
    }
    const refused = csvProblem(record, header);
    const plain = raw.replace(/\r?\n$/, "");
    if (refused !== null && refused.code === "empty_row") {
      yield { kind: "refused", line: first, ...refused, raw: plain };
      continue;
    }
    row += 1;
    yield refused === null
      ? {
          kind: "row",
          line: first,
          row,
          values: toRow(header, record),
          raw: plain,
        }
      : { kind: "refused", line: first, ...refused, raw: plain };
  }
  yield* skipped.splice(0);
  if (header === null) throw new FileBroken("the file is empty");
}

function toRow(header: readonly string[], record: readonly string[]): Row {
  const out: Record<string, string> = {};
  header.forEach((name, i) => {
    out[name] = record[i] ?? "";
  });
  return out;
}

function csvProblem(
  record: readonly string[],
  header: readonly string[],
): { readonly code: string; readonly message: string } | null {
  if (record.every((value) => value.trim() === "")) {
    return { code: "empty_row", message: "the row is empty" };
  }
  if (record.length !== header.length) {
    const message = `${String(record.length)} columns, the header has ${String(header.length)}`;
    return { code: "column_count", message };
  }
  if (record.some((value) => value.includes("\ufffd"))) {
    return { code: "bad_encoding", message: "not in the file's encoding" };
  }
  return null;
}

async function* jsonRows(text: Readable): AsyncGenerator<FileRow> {
  let row = 0;
  for await (const lines of readLines(text, rowMaxBytes)) {
    for (const line of lines) {
      row += 1;
      yield jsonRow(line, row);
    }
  }
}

function jsonRow({ bytes, whole, number: line }: Line, row: number): FileRow {
  const raw = bytes.toString("utf8").replace(/^\ufeff/, "");
  const refuse = (code: string, message: string): FileRow => ({
    kind: "refused",
    line,
    code,
    message,
    raw: raw.slice(0, 1000),
  });
  if (!whole) {
    return refuse("row_too_large", `at most ${String(rowMaxBytes)} bytes`);
  }
  let values: unknown;
  try {
    values = JSON.parse(raw);
  } catch (error) {
    return refuse("not_json", error instanceof Error ? error.message : "");
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return refuse("not_object", "the line is not a JSON object");
  }
  return { kind: "row", line, row, values: values as Row, raw };
}
