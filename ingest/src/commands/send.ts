/** `./riskwall ingest send FILE|-`: events through HTTP. */
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Command, Option } from "commander";
import { z } from "zod";
import type { Config } from "../config.ts";
import { exitCodes, VerbFailed, type ExitCode } from "./exit-codes.ts";

/** Bytes looked at to tell NDJSON from one JSON text. */
const sniffBytes = 65_536;
const credentials = z.object({ ingestKey: z.string() });

interface SendOptions {
  readonly key?: string;
  readonly url?: string;
  readonly historical: boolean;
  readonly wait?: string;
  readonly output: "table" | "json" | "ndjson";
}

/** The given key, or the one of the home. */
export function ingestKey(given: string | undefined, home: string): string {
  if (given !== undefined) return given;
  const file = join(home, "credentials.json");
  if (!existsSync(file)) {
    throw new VerbFailed(
      exitCodes.usage,
      `no key: pass --key, or set RISKWALL_HOME to a home that has ${file}`,
    );
  }
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  return credentials.parse(json).ingestKey;
}

export interface Sniffed {
  readonly type: string;
  readonly gzip: boolean;
}

/** Media type of a body by its beginning: a JSON text a line, or one in all. */
export function sniff(head: Buffer, whole: boolean): Sniffed {
  if (head[0] === 0x1f && head[1] === 0x8b) {
    return { type: "application/x-ndjson", gzip: true };
  }
  const text = head.toString("utf8").trimStart();
  const end = text.indexOf("\n");
  const [first, rest] =
    end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end).trim()];
  const more = rest !== "" || !whole;
  const type =
    more && isObject(first) ? "application/x-ndjson" : "application/json";
  return { type, gzip: false };
}

function isObject(text: string): boolean {
  if (!text.startsWith("{")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

async function openBody(
  file: string,
): Promise<{ sniffed: Sniffed; body: Readable }> {
  if (file !== "-" && !existsSync(file)) {
    throw new VerbFailed(exitCodes.usage, `no such file: ${file}`);
  }
  const source = file === "-" ? process.stdin : createReadStream(file);
  const chunks = source[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  let bytes = 0;
  let whole = false;
  while (bytes < sniffBytes && !whole) {
    const next = await chunks.next();
    whole = next.done === true;
    if (next.done === true) break;
    const chunk = Buffer.from(next.value as Uint8Array);
    held.push(chunk);
    bytes += chunk.length;
  }
  const head = Buffer.concat(held);
  const body = Readable.from(
    (async function* () {
      yield head;
      for (let next = await chunks.next(); next.done !== true;) {
        yield next.value as Uint8Array;
        next = await chunks.next();
      }
    })(),
    { objectMode: false },
  );
  return { sniffed: sniff(head, whole), body };
}

function exitOf(status: number): ExitCode {
  if (status === 200 || status === 202) return exitCodes.ok;
  if (status === 207) return exitCodes.partial;
  return status === 503 ? exitCodes.notReachable : exitCodes.failure;
}

const answerSchema = z.looseObject({
  accepted: z.number().optional(),
  duplicates: z.number().optional(),
  failedCount: z.number().optional(),
  title: z.string().optional(),
  failed: z
    .array(
      z.looseObject({
        index: z.number(),
        code: z.string(),
        path: z.string(),
        message: z.string(),
      }),
    )
    .optional(),
});

function show(
  text: string,
  status: number,
  output: SendOptions["output"],
): void {
  if (output !== "table") {
    process.stdout.write(`${text.trim()}\n`);
    return;
  }
  const answer = answerSchema.parse(JSON.parse(text));
  for (const { index, code, path, message } of answer.failed ?? []) {
    process.stderr.write(`${String(index)}: ${code} ${path} ${message}\n`);
  }
  if (answer.title !== undefined) process.stderr.write(`${answer.title}\n`);
  if (status === 200) process.stdout.write(`${text.trim()}\n`);
  else {
    const { accepted = 0, duplicates = 0, failed = [] } = answer;
    const { failedCount = failed.length } = answer;
    process.stdout.write(
      `accepted ${String(accepted)}, duplicates ${String(duplicates)}, failed ${String(failedCount)}\n`,
    );
  }
}

export function sendCommand(loadConfig: () => Config): Command {
  return new Command("send")
    .description("post events: one JSON, an array, or NDJSON; - reads stdin")
    .argument("<file>")
    .option("--key <key>", "API key; default HOME/credentials.json")
    .option("--url <url>", "base of the gateway; default RISKWALL_INGEST_URL")
    .option("--historical", "score, but raise neither alert nor push", false)
    .option("--wait <s>", "await the decision on a single order")
    .addOption(
      new Option("-o, --output <format>")
        .choices(["table", "json", "ndjson"])
        .default("table"),
    )
    .action(async (file: string, options: SendOptions) => {
      const config = loadConfig();
      const key = ingestKey(options.key, config.home);
      const { sniffed, body } = await openBody(file);
      const query = options.historical ? "?historical=true" : "";
      const base = (options.url ?? config.ingestUrl).replace(/\/$/, "");
      const reply = await post(`${base}/v1/events${query}`, body, {
        authorization: `Bearer ${key}`,
        "content-type": sniffed.type,
        ...(sniffed.gzip ? { "content-encoding": "gzip" } : {}),
        ...(options.wait === undefined
          ? {}
          : { prefer: `wait=${options.wait}` }),
      });
      show(reply.text, reply.status, options.output);
      process.exitCode = exitOf(reply.status);
    });
}

async function post(
  url: string,
  body: Readable,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; text: string }> {
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers,
      body: Readable.toWeb(body),
      duplex: "half",
    });
    return { status: reply.status, text: await reply.text() };
  } catch (cause) {
    const why = cause instanceof Error ? String(cause.cause ?? cause) : "";
    throw new VerbFailed(
      exitCodes.notReachable,
      `${url} cannot be reached: ${why}`,
      cause,
    );
  }
}
