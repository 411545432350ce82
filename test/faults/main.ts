/**
 * `npm run faults`: own servers, one fault after the other under load, judged
 * by the independent oracle. The exit code is 1 when a criterion fails.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { createSupervisor } from "../../deploy/local/supervisor.ts";
import { startOwnServers } from "../bench/own-servers.ts";
import { endAll } from "../bench/bench-namespace.ts";
import { addToFile, faultTable } from "./fault-report.ts";
import { faults } from "./faults.ts";
import { runFault, type FaultRow } from "./run-fault.ts";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const seedsMax = 100;

interface Options {
  readonly seeds: number;
  readonly only: readonly number[];
  readonly out: string;
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= seedsMax) return value;
  throw new InvalidArgumentError(`1 to ${String(seedsMax)}`);
}

function numbers(text: string): number[] {
  const wanted = text.split(",").map(Number);
  const known = faults.map((fault) => fault.number);
  const unknown = wanted.filter((n) => !known.includes(n));
  if (unknown.length === 0) return wanted;
  throw new InvalidArgumentError(`there are ${known.join(", ")}`);
}

function readOptions(): Options {
  const none: number[] = [];
  const command = new Command("riskwall faults")
    .description("breaks the product under load and judges what is left")
    .option("--seeds <n>", "runs of each fault", whole, 1)
    .option("--only <numbers>", "faults to run, e.g. 4,7", numbers, none)
    .option(
      "--out <file>",
      "results, added to what is there",
      join(root, "bench/results/faults.json"),
    )
    .exitOverride();
  try {
    return command.parse(process.argv).opts<{
      seeds: number;
      only: number[];
      out: string;
    }>();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exit(error.exitCode === 0 ? 0 : 2);
    }
    throw error;
  }
}

const options = readOptions();
const home = mkdtempSync(join(tmpdir(), "riskwall-faults-"));
const supervisor = createSupervisor(home, (line) => {
  process.stderr.write(`  ${line}\n`);
});
const end = async (code: number): Promise<never> => {
  await endAll();
  await supervisor.stop();
  rmSync(home, { recursive: true, force: true });
  process.exit(code);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void end(1));
}
const rows: FaultRow[] = [];
try {
  await startOwnServers(home, supervisor, root);
  for (let seed = 1; seed <= options.seeds; seed += 1) {
    for (const fault of faults) {
      const { number } = fault;
      if (options.only.length > 0 && !options.only.includes(number)) continue;
      const row = await runFault(fault, seed);
      rows.push(row);
      addToFile(resolve(options.out), [row]);
      const verdict =
        row.problems.length === 0 ? "survived" : row.problems.join("; ");
      process.stderr.write(
        `  ${String(number)}, seed ${String(seed)}, ${String(row.seconds)} s: ${verdict}\n`,
      );
    }
  }
} catch (error) {
  process.stderr.write(`riskwall: ${String(error)}\n`);
  await end(1);
}
process.stdout.write(`${faultTable(rows)}\nresults: ${options.out}\n`);
await end(rows.some(({ problems }) => problems.length > 0) ? 1 : 0);
