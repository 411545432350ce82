/** `./riskwall ingest …` and `./riskwall simulate …`. */
import { Command, CommanderError } from "commander";
import { exitCodes, VerbFailed } from "./commands/exit-codes.ts";
import { importCommand } from "./commands/import.ts";
import { sendCommand } from "./commands/send.ts";
import { sourceCommand } from "./commands/source.ts";
import { tailCommand } from "./commands/tail.ts";
import { loadConfig, type Config } from "./config.ts";
import { LogUnavailable } from "./io/appender.ts";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { simulateCommand } from "./simulate/command.ts";

dropNegativeTimerWarning();
const { env, argv } = process;

function config(): Config {
  try {
    return loadConfig(env);
  } catch (error) {
    throw new VerbFailed(exitCodes.usage, String(error), error);
  }
}

/** `simulate` is a verb of its own; all else belongs to `ingest`. */
function program(words: readonly string[]): Command {
  if (words[0] === "simulate") {
    const root = new Command("riskwall").exitOverride();
    return root.addCommand(simulateCommand(env).copyInheritedSettings(root));
  }
  const root = new Command("riskwall ingest")
    .description("events in")
    .showHelpAfterError()
    .exitOverride();
  for (const command of [
    sendCommand,
    importCommand,
    tailCommand,
    sourceCommand,
  ]) {
    root.addCommand(command(config).copyInheritedSettings(root));
  }
  for (const nested of root.commands.flatMap(({ commands }) => commands)) {
    nested.copyInheritedSettings(root);
  }
  return root;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof VerbFailed) return error.exitCode;
  if (error instanceof LogUnavailable) return exitCodes.notReachable;
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return exitCodes.failure;
}

const words = argv
  .slice(2)
  .filter((word, i) => !(i === 0 && word === "ingest"));
try {
  await program(words).parseAsync(words, { from: "user" });
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // Commander has already said what is wrong with the words.
  if (!(error instanceof CommanderError)) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`riskwall: ${message}\n`);
  }
}
