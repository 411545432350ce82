/** `./riskwall state rebuild|backup|restore`. */
import { withLocalServers } from "@riskwall/schemas/local-servers";
import { Command, CommanderError, Option } from "commander";
import { ClickHouseError } from "@clickhouse/client";
import { backup, BackupRefused } from "./backup.ts";
import { BackupUnusable } from "./manifest.ts";
import { printCopy, printRebuild } from "./print.ts";
import { connectServers, NotReachable, type Servers } from "./servers.ts";
import { rebuild, NeverStill, StateWentBack } from "./rebuild.ts";
import { LogHole, RebuildFenced } from "./rebuilding.ts";
import { restore, RestoreRefused } from "./restore.ts";

/** How a verb ends (contract 6). */
const exitCodes = { ok: 0, failure: 1, usage: 2, notReachable: 4 } as const;

/** Ends of a verb that are no fault of ours: said in one line. */
const expected = [
  ...[LogHole, RebuildFenced, NeverStill, StateWentBack],
  ...[BackupRefused, BackupUnusable, RestoreRefused],
];

const outputOption = (): Option =>
  new Option("-o, --output <format>")
    .choices(["table", "json", "ndjson"])
    .default("table");

async function withServers<Value>(
  work: (servers: Servers) => Promise<Value>,
): Promise<Value> {
  const servers = await connectServers(withLocalServers(process.env));
  try {
    return await work(servers);
  } finally {
    await servers.close();
  }
}

const program = new Command("riskwall").exitOverride();
const state = program
  .command("state")
  .description("the state of the fold, and its way back");
state
  .command("rebuild")
  .description(
    "folds the log again from offset 0 beside the live state, outputs off, and compares",
  )
  .option(
    "--switch",
    "make the rebuilt state the live one; the processor may run",
  )
  .addOption(outputOption())
  .action(async (options: { switch?: boolean; output: string }) => {
    const began = performance.now();
    const switching = options.switch === true;
    const result = await withServers(async (servers) =>
      rebuild(servers.rebuildDeps(), { switch: switching }),
    );
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(printRebuild(result, seconds, options.output));
    const wrong = result.differing.length > 0 && !switching;
    process.exitCode = wrong ? exitCodes.failure : exitCodes.ok;
  });

state
  .command("backup")
  .description(
    "saves Redis and ClickHouse, cut at one log position per partition; everything may run",
  )
  .argument("<folder>", "new or empty")
  .addOption(outputOption())
  .action(async (folder: string, { output }: { output: string }) => {
    const began = performance.now();
    const manifest = await withServers(async (servers) =>
      backup(servers.copyDeps(), folder),
    );
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(printCopy("saved", manifest, seconds, output));
  });
state
  .command("restore")
  .description(
    "brings a backup back; processor and historian are stopped, and catch up when started",
  )
  .argument("<folder>", "made by state backup")
  .option("--replace", "drop what Redis and ClickHouse hold of the namespace")
  .addOption(outputOption())
  .action(
    async (folder: string, options: { replace?: boolean; output: string }) => {
      const began = performance.now();
      const replace = options.replace === true;
      const manifest = await withServers(async (servers) =>
        restore(servers.copyDeps(), folder, { replace }),
      );
      const seconds = (performance.now() - began) / 1000;
      const { output } = options;
      process.stdout.write(printCopy("restored", manifest, seconds, output));
    },
  );

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else if (error instanceof NotReachable) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitCodes.notReachable;
  } else if (
    error instanceof ClickHouseError ||
    expected.some((kind) => error instanceof kind)
  ) {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = exitCodes.failure;
  } else throw error;
}
