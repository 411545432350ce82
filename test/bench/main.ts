/**
 * `npm run bench`: own servers, one benchmark after the other, each with this
 * machine's limits beside it; a table on stdout and a file of results. A
 * missed target is a result; the exit code is 1 when a measurement failed.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { CommanderError } from "commander";
import { step } from "../../deploy/local/progress.ts";
import { createSupervisor } from "../../deploy/local/supervisor.ts";
import { agreement } from "./agreement.ts";
import { alertLatency } from "./alert-latency.ts";
import { endAll } from "./bench-namespace.ts";
import { parseBenchOptions, type BenchOptions } from "./bench-options.ts";
import type { Benchmark } from "./benchmark.ts";
import { commitScript } from "./commit-script.ts";
import { complaintText } from "./complaint-text/complaint-text.ts";
import { decisionLatency } from "./decision-latency.ts";
import { eventToPixel } from "./event-to-pixel.ts";
import { coreStep } from "./core-step.ts";
import { foldAlone } from "./fold-alone.ts";
import { latePayment } from "./late-payment/late-payment.ts";
import { largeLedger } from "./large-ledger.ts";
import { memory } from "./memory.ts";
import { startOwnServers } from "./own-servers.ts";
import { watchOthers } from "./processes.ts";
import { recovery } from "./recovery.ts";
import { resultsJson, resultsText, type BenchResult } from "./report.ts";
import { ruleErrors } from "./rule-errors.ts";
import { throughput } from "./throughput.ts";

const benchmarks: readonly Benchmark[] = [
  throughput,
  coreStep,
  foldAlone,
  commitScript,
  largeLedger,
  ruleErrors,
  agreement,
  latePayment,
  complaintText,
  alertLatency,
  decisionLatency,
  eventToPixel,
  memory,
  recovery,
];

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

function readOptions(): BenchOptions {
  try {
    const names = benchmarks.map(({ name }) => name);
    return parseBenchOptions(process.argv.slice(2), names);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exit(error.exitCode === 0 ? 0 : 2);
    }
    throw error;
  }
}

/** The commit that is measured; null outside a clone. */
function commitOf(folder: string): string | null {
  const git = spawnSync("git", ["describe", "--always", "--dirty"], {
    cwd: folder,
  });
  return git.status === 0 ? git.stdout.toString().trim() : null;
}

async function measure(
  benchmark: Benchmark,
  full: boolean,
): Promise<BenchResult> {
  const started = performance.now();
  const othersCpu = watchOthers();
  const done = (
    part: Pick<BenchResult, "figures" | "failure">,
  ): BenchResult => ({
    benchmark: benchmark.name,
    seconds: (performance.now() - started) / 1000,
    othersCpu: othersCpu(),
    ...part,
  });
  try {
    const figures = await step(benchmark.name, async () =>
      benchmark.run({ full }),
    );
    return done({ figures, failure: null });
  } catch (error) {
    return done({ figures: [], failure: inspect(error) });
  }
}

const options = readOptions();
const startedAt = new Date().toISOString();
const home = mkdtempSync(join(tmpdir(), "riskwall-bench-"));
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

const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model ?? "",
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  loadAverage: loadavg()[0] ?? 0,
};
const about = {
  startedAt,
  full: options.full,
  commit: commitOf(root),
  machine,
};
const results: BenchResult[] = [];
try {
  await startOwnServers(home, supervisor, root);
  for (const benchmark of benchmarks) {
    if (!options.only.includes(benchmark.name)) continue;
    results.push(await measure(benchmark, options.full));
  }
} catch (error) {
  process.stderr.write(`riskwall: ${String(error)}\n`);
  await end(1);
}
const file = resolve(
  options.out ??
    join(root, `bench/results/${startedAt.replaceAll(":", "-")}.json`),
);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, resultsJson(about, results));
process.stdout.write(
  `${String(machine.cpus)} × ${machine.model}, ${String(machine.memoryGiB)} GiB, Node ${machine.node}; load average before the run ${machine.loadAverage.toFixed(1)}\n${resultsText(results)}\nresults: ${file}\n`,
);
await end(results.some(({ failure }) => failure !== null) ? 1 : 0);
