/** `./riskwall doctor` and `./riskwall version`. */
import { fileURLToPath } from "node:url";
import {
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "commander";
import { readBuild } from "./build.ts";
import { examine } from "./doctor/examine.ts";
import type { Finding } from "./doctor/finding.ts";
import { readPlaces } from "./doctor/places.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A whole number from `least`, as an option. */
function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`a whole number from ${String(least)}`);
  };
}

function line({ part, state, at, what, fix }: Finding): string {
  const head = `${part.padEnd(16)} ${state.padEnd(6)} ${at}`;
  return state === "up" ? head : `${head}\n  ${what}\n  fix: ${fix}`;
}

const outputs = ["table", "json", "ndjson"] as const;
type Output = (typeof outputs)[number];
const outputOption = (): Option =>
  new Option("-o, --output <format>").choices(outputs).default("table");

function printFindings(findings: readonly Finding[], output: Output): string {
  switch (output) {
    case "table":
      return findings.map((finding) => `${line(finding)}\n`).join("");
    case "json":
      return `${JSON.stringify(findings, null, 2)}\n`;
    case "ndjson":
      return findings.map((item) => `${JSON.stringify(item)}\n`).join("");
  }
}

interface DoctorOptions {
  readonly output: Output;
  readonly diskFree: number;
  readonly lagSeconds: number;
}

const program = new Command("riskwall").showHelpAfterError().exitOverride();
program
  .command("doctor")
  .description("names the broken part and the fix")
  .addOption(outputOption())
  .option(
    "--disk-free <percent>",
    "a disk with less is nearly full",
    numberFrom(0),
    10,
  )
  .option(
    "--lag-seconds <n>",
    "time between two looks at the lag; 0 = none",
    numberFrom(0),
    3,
  )
  .action(async (options: DoctorOptions) => {
    const { output, diskFree: diskPercent, lagSeconds } = options;
    const places = readPlaces(process.env);
    const findings = await examine(places, { diskPercent, lagSeconds });
    process.stdout.write(printFindings(findings, output));
    const has = (state: Finding["state"]): boolean =>
      findings.some((finding) => finding.state === state);
    process.exitCode = has("down") ? 4 : has("wrong") ? 1 : 0;
  });
program
  .command("version")
  .description("version and commit")
  .addOption(outputOption())
  .action(({ output }: { readonly output: Output }) => {
    const { version, commit, problem } = readBuild(root);
    if (problem !== null) process.stderr.write(`no commit: ${problem}\n`);
    process.stdout.write(
      output === "table"
        ? `riskwall ${version} (${commit})\n`
        : `${JSON.stringify({ version, commit })}\n`,
    );
  });
try {
  await program.parseAsync();
} catch (error) {
  // Commander has already said what is wrong with the words.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
