/** `./riskwall rules show|lint|backtest|docs` and `./riskwall dlq skip`. */
import { withLocalServers } from "@riskwall/schemas/local-servers";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { createCodec } from "@riskwall/schemas/codec";
import { partitionKeys, topicNames } from "@riskwall/schemas/names";
import {
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "commander";
import { pino } from "pino";
import { parse, YAMLParseError } from "yaml";
import { backtest } from "./backtest/backtest.ts";
import { printBacktest } from "./backtest/print.ts";
import { loadConfig } from "./config.ts";
import { localDay } from "./core/calendar.ts";
import type { RuleSet } from "./core/rule-set.ts";
import { loadHistoryConfig } from "./history/config.ts";
import { connectKafka, createControlWriter, logBounds } from "./io/kafka.ts";
import { connectRedis, createStateStore, parseRegister } from "./io/redis.ts";
import { checkRules, RuleFileError, shippedRules } from "./rule-file.ts";
import { readProse, rulePages } from "./rule-pages.ts";
import { printRules, shownRules, type Asked } from "./rules-view.ts";
import { connectArchive } from "./state/archive.ts";
import { createProgress } from "./state/servers.ts";

/** A command that ends with this code after saying why. */
class CommandFailed extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read: ${String(error)}`, 1);
  }
}

/** Data of a rule set that is valid; fails with every problem and its path. */
function checked(text: string, name: string): unknown {
  try {
    const data: unknown = parse(text);
    checkRules(data);
    return data;
  } catch (error) {
    if (error instanceof RuleFileError) {
      const lines = error.problems.map((line) => `${name}: ${line}`);
      throw new CommandFailed(lines.join("\n"), 1);
    }
    if (error instanceof YAMLParseError) {
      const line = error.linePos?.[0].line ?? 1;
      throw new CommandFailed(`${name}:${String(line)}: ${error.message}`, 1);
    }
    throw error;
  }
}

/** The rule set that partition 0 folds with; the shipped one before any. */
async function activeRules(): Promise<unknown> {
  const { redisUrl, namespace } = loadConfig(withLocalServers(process.env));
  const redis = connectRedis(redisUrl);
  let failure: Error | null = null;
  redis.on("error", (error: Error) => {
    failure = error;
  });
  try {
    const text = await redis.hget(partitionKeys(namespace, 0).meta, "register");
    const { rulesBody } = parseRegister(text ?? undefined);
    return parse(rulesBody === "" ? shippedRules().body : rulesBody);
  } catch (error) {
    const cause = failure ?? error;
    throw new CommandFailed(`Redis ${redisUrl}: ${String(cause)}`, 4);
  } finally {
    redis.disconnect();
  }
}

const program = new Command("riskwall").exitOverride();
const rules = program.command("rules").description("the rule set");
interface ShowOptions {
  readonly active?: boolean;
  readonly segment?: string;
  readonly class?: string;
  readonly on?: string;
  readonly output: string;
}

/** Whose thresholds the options ask for; null = the whole rule set. */
function askedFor(options: ShowOptions, known: RuleSet): Asked | null {
  const { segment, class: riskClass, on } = options;
  if (segment === undefined && riskClass === undefined && on === undefined) {
    return null;
  }
  const ms = on === undefined ? Date.now() : Date.parse(`${on}T00:00:00Z`);
  if (Number.isNaN(ms)) throw new CommandFailed(`no day ${String(on)}`, 2);
  const shift = on === undefined ? known.zoneOffsetMinutes : 0;
  const day = localDay(ms, shift);
  return { segment: segment ?? "", class: riskClass ?? "", day };
}

async function showRules(
  file: string | undefined,
  options: ShowOptions,
): Promise<void> {
  const data =
    options.active === true
      ? await activeRules()
      : file === undefined
        ? parse(shippedRules().body)
        : checked(readText(file), file);
  const known = checkRules(data);
  const rows = shownRules(data, known, askedFor(options, known));
  process.stdout.write(printRules(data, rows, options.output));
}

rules
  .command("show")
  .description("every threshold of a rule set")
  .argument("[file]", "a rule set file; without it the shipped one")
  .option("--active", "the one the processor folds with now")
  .option("--segment <name>", "as in force for this segment")
  .addOption(
    new Option("--class <letter>", "as in force for this class").choices([
      ...["A", "B", "C", "D", "E"],
    ]),
  )
  .option("--on <day>", "as in force on this day, today without")
  .addOption(
    new Option("-o, --output <format>")
      .choices(["table", "json", "ndjson"])
      .default("table"),
  )
  .action(showRules);
rules
  .command("lint")
  .description("checks rule set files; names every problem with its path")
  .argument("<files...>", "YAML files; - reads standard input")
  .action((files: string[]) => {
    const problems: string[] = [];
    for (const file of files) {
      try {
        checked(readText(file), file);
        process.stdout.write(`${file}: ok\n`);
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        problems.push(error.message);
      }
    }
    if (problems.length > 0) throw new CommandFailed(problems.join("\n"), 1);
  });

rules
  .command("docs")
  .description("writes the page of every rule, in both languages")
  .argument("[folder]", "where they go", "docs/rules")
  .action((folder: string) => {
    const pages = rulePages(parse(shippedRules().body), readProse());
    for (const [path, text] of pages) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    process.stdout.write(`${String(pages.size)} pages in ${folder}\n`);
  });

const instant = (text: string): number => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("a day or an instant");
  return ms;
};

interface BacktestOptions {
  readonly rules: string;
  readonly from?: number;
  readonly to?: number;
  readonly output: string;
}

/** Folds the archive under other rules; writes nothing. */
async function tryRules(options: BacktestOptions): Promise<void> {
  const file = options.rules;
  const body = JSON.stringify(checked(readText(file), file));
  const tried = { body, rules: checkRules(JSON.parse(body)) };
  const config = loadConfig(withLocalServers(process.env));
  const { clickhouseUrl } = loadHistoryConfig(withLocalServers(process.env));
  const codec = await createCodec(config.registryUrl).catch(
    (error: unknown) => {
      throw new CommandFailed(`the schema registry: ${String(error)}`, 4);
    },
  );
  const archive = connectArchive(clickhouseUrl, config.namespace, codec);
  try {
    await archive.ends().catch((error: unknown) => {
      throw new CommandFailed(
        `ClickHouse ${clickhouseUrl}: ${String(error)}`,
        4,
      );
    });
    const span = { from: options.from ?? null, to: options.to ?? null };
    const onProgress = createProgress();
    const result = await backtest({ archive, codec, onProgress }, tried, span);
    process.stdout.write(printBacktest(result, options.output));
  } finally {
    await archive.close();
  }
}

rules
  .command("backtest")
  .description("what a rule set would have raised on stored events; a dry run")
  .requiredOption("--rules <file>", "the rule set to try, YAML")
  .option("--from <time>", "in force and counted from here on", instant)
  .option("--to <time>", "counted before this", instant)
  .addOption(
    new Option("-o, --output <format>")
      .choices(["table", "json", "ndjson"])
      .default("table"),
  )
  .action(tryRules);

interface SkipOptions {
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  readonly actor: string;
}

/**
 * Tells the owner of a halted partition to pass one record: first into the
 * log, so that every later fold of it passes the record too, then to Redis,
 * where the owner looks.
 */
async function skipRecord(options: SkipOptions): Promise<void> {
  const { partition, offset } = options;
  const config = loadConfig(withLocalServers(process.env));
  const log = pino({ level: "silent" });
  const redis = connectRedis(config.redisUrl);
  // Each command below reports the failure itself.
  redis.on("error", () => undefined);
  const kafka = connectKafka(config.brokers, "riskwall-cli", log);
  const admin = kafka.admin();
  const producer = kafka.producer();
  try {
    const meta = partitionKeys(config.namespace, partition).meta;
    const next = Number((await redis.hget(meta, "next")) ?? 0);
    if (offset < next) {
      throw new CommandFailed(
        `offset ${String(offset)} is folded: partition ${String(partition)} stands at ${String(next)}`,
        1,
      );
    }
    await admin.connect();
    const { events } = topicNames(config.namespace);
    const high = (await logBounds(admin, events)).get(partition)?.high ?? 0;
    if (offset >= high) {
      throw new CommandFailed(
        `partition ${String(partition)} ends at ${String(high)}`,
        1,
      );
    }
    await producer.connect();
    const codec = await createCodec(config.registryUrl);
    const writer = createControlWriter(producer, codec, config.namespace);
    const { actor, reason } = options;
    await writer.append(partition, "Skip", { offset, actor, reason });
    await createStateStore(redis, config.namespace).addSkip(partition, offset);
    process.stdout.write(
      `partition ${String(partition)} passes offset ${String(offset)}; the record is kept as a dead letter\n`,
    );
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`not reachable: ${String(error)}`, 4);
  } finally {
    redis.disconnect();
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError("a whole number");
  }
  return value;
}

program
  .command("dlq")
  .description("dead letters")
  .command("skip")
  .description("passes one poisoned record of a halted partition")
  .requiredOption("--partition <n>", "as readyz names it", wholeNumber)
  .requiredOption("--offset <n>", "as the log names it", wholeNumber)
  .requiredOption("--reason <text>", "kept in the log")
  .option("--actor <name>", "kept in the log", userInfo().username)
  .action(skipRecord);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandFailed) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else throw error;
}
