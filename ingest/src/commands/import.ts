/** `./riskwall ingest import FILE --map MAP.yaml` (contract 6). */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Config } from "../config.ts";
import { importKey, openImportState } from "../import/import-state.ts";
import {
  MappingRefused,
  parseMapping,
  type Mapping,
} from "../import/mapping.ts";
import { createProgressBar } from "../import/progress-bar.ts";
import {
  runImport,
  type ImportResult,
  type ImportWatcher,
} from "../import/run-import.ts";
import { parseContext } from "../take.ts";
import { shippedTextReader } from "../text-reader.ts";
import { openLog, type LogWriter } from "./connect.ts";
import { exitCodes, VerbFailed } from "./exit-codes.ts";

interface ImportOptions {
  readonly map: string;
  readonly historical: boolean;
  readonly seal: boolean;
  readonly state?: string;
  readonly rate?: number;
  readonly output: "table" | "json" | "ndjson";
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("a positive number");
  return value;
}

export function importCommand(loadConfig: () => Config): Command {
  return new Command("import")
    .description("load a CSV or NDJSON file, plain or gzip, by a mapping")
    .argument("<file>")
    .requiredOption("--map <file>", "the mapping (YAML)")
    .option("--historical", "score, but raise neither alert nor push", false)
    .option("--seal", "afterwards, close the source's history", false)
    .option("--state <dir>", "where progress is kept; default HOME/imports")
    .option("--rate <n>", "events per second at most", positive)
    .addOption(
      new Option("-o, --output <format>")
        .choices(["table", "json", "ndjson"])
        .default("table"),
    )
    .addHelpText(
      "after",
      "\nStopped in the middle, run it again: it goes on where it stood.\nExample: riskwall ingest import payments.csv.gz --map map.yaml --historical",
    )
    .action(async (file: string, options: ImportOptions) => {
      process.exitCode = await importFile(file, options, loadConfig());
    });
}

function readMapping(file: string): { text: string; mapping: Mapping } {
  if (!existsSync(file)) {
    throw new VerbFailed(exitCodes.usage, `no such mapping: ${file}`);
  }
  const text = readFileSync(file, "utf8");
  try {
    return { text, mapping: parseMapping(text) };
  } catch (error) {
    if (!(error instanceof MappingRefused)) throw error;
    throw new VerbFailed(exitCodes.usage, error.message, error);
  }
}

async function importFile(
  file: string,
  options: ImportOptions,
  config: Config,
): Promise<number> {
  const { text, mapping } = readMapping(options.map);
  if (!existsSync(file)) {
    throw new VerbFailed(exitCodes.usage, `no such file: ${file}`);
  }
  const started = performance.now();
  const log = await openLog(config, "import");
  const readText = shippedTextReader();
  try {
    const key = await importKey(file, [
      text,
      String(options.historical),
      config.namespace,
      log.clusterId,
    ]);
    const parent = options.state ?? join(config.home, "imports");
    const state = openImportState(resolve(parent), key);
    try {
      const watcher = watch(file);
      const result = await runImport(file, mapping, state, {
        ...log,
        count: () => undefined,
        context: () =>
          parseContext(
            { now: Date.now, simulated: config.simulated, readText },
            options.historical,
          ),
        pace: createPace(options.rate),
        watcher,
      });
      watcher.stop();
      const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
      if (result?.finished === true && options.seal) await seal(result, log);
      return report(result, seconds, options.output);
    } finally {
      state.unlock();
    }
  } catch (error) {
    if (!(error instanceof MappingRefused)) throw error;
    throw new VerbFailed(exitCodes.usage, error.message, error);
  } finally {
    await log.close();
  }
}

async function seal(result: ImportResult, log: LogWriter): Promise<void> {
  for (const [source, floor] of Object.entries(result.floors)) {
    await log.appender.append(
      log.encoder.control("HistorySealed", { source, floor }),
    );
  }
}

/** Waits after each piece so that the mean rate stays below the one asked. */
function createPace(
  rate: number | undefined,
): (events: number) => Promise<void> {
  if (rate === undefined) return async () => Promise.resolve();
  const started = performance.now();
  let sent = 0;
  return async (events) => {
    sent += events;
    const dueMs = (sent / rate) * 1000 - (performance.now() - started);
    if (dueMs > 0) await new Promise((go) => setTimeout(go, dueMs));
  };
}

function watch(file: string): ImportWatcher & { readonly stop: () => void } {
  const bar = createProgressBar(process.stderr, Date.now);
  let stopping = false;
  const stop = (): void => {
    stopping = true;
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  bar.phase("reading", "MB", statSync(file).size, 0);
  return {
    onBytes: bar.add,
    onPlan: (plan, done) => {
      bar.phase("sending", "events", plan.events, done);
    },
    onSent: bar.add,
    stopping: () => stopping,
    stop: () => {
      bar.stop();
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}

function report(
  result: ImportResult | null,
  seconds: number,
  output: ImportOptions["output"],
): number {
  if (result?.finished !== true) {
    process.stderr.write("stopped; run the same command again to go on\n");
    return exitCodes.failure;
  }
  const { accepted, duplicates, rejected, rejects, rows, rounded } = result;
  const sums = { accepted, duplicates, rejected, rejects, seconds };
  if (output !== "table") {
    process.stdout.write(`${JSON.stringify({ ...sums, rows, rounded })}\n`);
  } else {
    for (const [name, value] of Object.entries({ rows, ...sums, rounded })) {
      process.stdout.write(`${name.padEnd(12)}${String(value)}\n`);
    }
  }
  return rejected > 0 ? exitCodes.partial : exitCodes.ok;
}
