/** `./riskwall dlq ls|show|redrive`. `skip` is a verb of the processor. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { z } from "zod";
import { CommandFailed, type ApiClient } from "./api-client.ts";
import { outputOption, printRows, type Column, type Format } from "./print.ts";

/** Letters asked for in one request of a bulk redrive. */
const requestMax = 200;
const stdin = 0;

const letterShape = z.looseObject({
  id: z.string(),
  at: z.string(),
  stage: z.string(),
  source: z.string(),
  eventId: z.string(),
  code: z.string(),
  path: z.string(),
  message: z.string(),
  redrive: z
    .looseObject({ state: z.string(), by: z.string(), at: z.string() })
    .nullable(),
});
type LetterRow = z.output<typeof letterShape>;
const letterPage = z.object({
  items: z.array(letterShape),
  next: z.string().nullable(),
});

function redriveText({ redrive }: LetterRow): string {
  return redrive === null ? "" : `${redrive.state} ${redrive.by}`;
}

const letterColumns: readonly Column<LetterRow>[] = [
  { head: "id", cell: (row) => row.id },
  { head: "at", cell: (row) => row.at },
  { head: "stage", cell: (row) => row.stage },
  { head: "source", cell: (row) => row.source },
  { head: "event", cell: (row) => row.eventId },
  { head: "code", cell: (row) => row.code },
  { head: "where", cell: (row) => row.path },
  { head: "message", cell: (row) => row.message },
  { head: "redrive", cell: redriveText },
];

const filterNames = ["code", "source", "stage", "customer"] as const;
type Filter = Partial<Record<(typeof filterNames)[number], string>>;

/** `field=value` added to the filter given so far. */
export function addToFilter(text: string, before: Filter): Filter {
  const at = text.indexOf("=");
  const name = filterNames.find((item) => item === text.slice(0, at));
  const value = text.slice(at + 1);
  if (name === undefined || value === "") {
    const names = filterNames.join(", ");
    throw new CommandFailed(2, `--filter is field=value, field of ${names}`);
  }
  return { ...before, [name]: value };
}

const detailShape = letterShape.extend({
  topic: z.string(),
  partition: z.number(),
  offset: z.number(),
  raw: z.string(),
  rawEncoding: z.string(),
  decoded: z.unknown(),
  body: z.looseObject({ kind: z.string(), code: z.string().optional() }),
});

function facts(row: z.output<typeof detailShape>): [string, string][] {
  const { redrive, decoded, body } = row;
  const topic = row.topic || (row.stage === "fold" ? "the log" : "");
  const place = `${topic} ${String(row.partition)}/${String(row.offset)}`;
  return [
    ["letter", row.id],
    ["at", row.at],
    ["reason", `${row.code} ${row.path} ${row.message}`],
    ["from", row.partition < 0 ? row.stage : `${row.stage} ${place}`],
    ["event", `${row.source} ${row.eventId}`],
    [
      "redrive",
      redrive === null ? "none" : `${redriveText(row)} ${redrive.at}`,
    ],
    [
      "decoded",
      decoded === null
        ? `not readable (${body.code ?? ""})`
        : JSON.stringify(decoded, null, 2),
    ],
    [`raw ${row.rawEncoding}`, row.raw],
  ];
}

function readEvent(file: string): unknown {
  const text = readFileSync(file === "-" ? stdin : file, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailed(2, `${file} is not JSON: ${String(error)}`);
  }
}

const manyShape = z.looseObject({
  matched: z.number(),
  sent: z.number(),
  refused: z.number(),
  already: z.number(),
  skipped: z.number(),
  results: z.array(
    z.looseObject({
      id: z.string(),
      outcome: z.string(),
      code: z.string().optional(),
      message: z.string().optional(),
    }),
  ),
  next: z.string().nullable(),
});
type ManyResult = z.output<typeof manyShape>["results"][number];

const resultColumns: readonly Column<ManyResult>[] = [
  { head: "id", cell: (row) => row.id },
  { head: "outcome", cell: (row) => row.outcome },
  { head: "code", cell: (row) => row.code ?? "" },
  { head: "message", cell: (row) => row.message ?? "" },
];

/** Sends page after page of what fits the filter; exit 3 when some stay. */
async function redriveMany(
  api: ApiClient,
  filter: Filter,
  limit: number,
  output: Format,
): Promise<void> {
  const results: ManyResult[] = [];
  let cursor: string | null = null;
  do {
    const size = Math.min(requestMax, limit - results.length);
    const answer: z.output<typeof manyShape> = manyShape.parse(
      await api.post("/api/deadletters/redrive", {
        filter,
        limit: size,
        ...(cursor === null ? {} : { cursor }),
      }),
    );
    results.push(...answer.results);
    cursor = answer.next;
  } while (cursor !== null && results.length < limit);
  process.stdout.write(printRows(results, resultColumns, output));
  const sent = results.filter(({ outcome }) => outcome === "sent").length;
  process.stderr.write(
    `${String(sent)} of ${String(results.length)} sent${cursor === null ? "" : "; more: raise --limit"}\n`,
  );
  if (sent < results.length) throw new CommandFailed(3, "some were not sent");
}

interface RedriveOptions {
  readonly filter: Filter;
  readonly event?: string;
  readonly limit: string;
  readonly output: Format;
}

async function redrive(
  api: ApiClient,
  id: string | undefined,
  options: RedriveOptions,
): Promise<void> {
  const { filter, event, output } = options;
  const limit = Number(options.limit);
  const bulk = Object.keys(filter).length > 0;
  if ((id === undefined) !== bulk || (bulk && event !== undefined)) {
    throw new CommandFailed(2, "name one letter, or a --filter");
  }
  if (!Number.isInteger(limit) || limit < 1) {
    throw new CommandFailed(2, "--limit is a whole number from 1");
  }
  if (id === undefined) return redriveMany(api, filter, limit, output);
  const path = `/api/deadletters/${encodeURIComponent(id)}/redrive`;
  const body = event === undefined ? {} : { event: readEvent(event) };
  const answer = await api.post(path, body);
  process.stdout.write(
    output === "table"
      ? `${id} ${String(answer["outcome"])}\n`
      : `${JSON.stringify(answer)}\n`,
  );
}

export function addDlq(program: Command, api: ApiClient): void {
  const dlq = program.command("dlq").description("dead letters");
  dlq
    .command("ls")
    .description("records that could not be taken, newest first")
    .option("--code <code>")
    .option("--source <source>")
    .option("--stage <stage>")
    .option("--customer <id>")
    .option("--open", "only those not sent again yet")
    .option("--limit <n>", "at most", "50")
    .addOption(outputOption())
    .action(
      async (
        options: Filter & {
          readonly output: Format;
          readonly limit: string;
          readonly open?: true;
        },
      ) => {
        const query = new URLSearchParams({ limit: options.limit });
        for (const name of filterNames) {
          const value = options[name];
          if (value !== undefined) query.set(name, value);
        }
        if (options.open === true) query.set("redriven", "no");
        const path = `/api/deadletters?${query.toString()}`;
        const page = await api.get(path, letterPage);
        const text = printRows(page.items, letterColumns, options.output);
        process.stdout.write(text);
        if (page.next !== null) process.stderr.write("more: raise --limit\n");
      },
    );
  dlq
    .command("show")
    .description("one dead letter, raw and decoded, with its exact reason")
    .argument("<id>")
    .addOption(outputOption())
    .action(async (id: string, { output }: { output: Format }) => {
      const path = `/api/deadletters/${encodeURIComponent(id)}`;
      const row = await api.get(path, detailShape);
      process.stdout.write(
        output === "table"
          ? facts(row)
              .map(([name, value]) => `${name.padEnd(10)} ${value}\n`)
              .join("")
          : `${JSON.stringify(row, null, output === "json" ? 2 : 0)}\n`,
      );
    });
  dlq
    .command("redrive")
    .description(
      "send dead letters again, each once, through the door's checks",
    )
    .argument("[id]")
    .option("--filter <field=value>", "repeatable", addToFilter, {})
    .option("--event <file>", "JSON to send in its place; - reads stdin")
    .option("--limit <n>", "letters of a filter at most", "500")
    .addOption(outputOption())
    .action(async (id: string | undefined, options: RedriveOptions) =>
      redrive(api, id, options),
    );
}
