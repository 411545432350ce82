/**
 * `npm test`: its own servers on free ports, every check and test, one sum.
 * The last line alone says `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { freeBase, planPorts } from "./ports.ts";
import { step } from "./progress.ts";
import { startServers } from "./servers.ts";
import { createSupervisor } from "./supervisor.ts";
import { ensurePrograms } from "./system-packages.ts";
import { buildWeb } from "./web-build.ts";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const command = new Command("riskwall test")
  .option(
    "--only <parts>",
    "of checks,unit,integration,e2e",
    "checks,unit,integration,e2e",
  )
  .option("--files <pattern>", "only test files that match")
  .parse(process.argv.slice(2), { from: "user" });
const chosen = command.opts<{ only: string; files?: string }>();
const only = new Set(chosen.only.split(","));

interface Sum {
  passed: number;
  failed: number;
  skipped: number;
}
const sum: Sum = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", fail);
    child.once("exit", (code) => {
      done({ code: code ?? 1, output: Buffer.concat(chunks).toString() });
    });
  });
}

const bin = (name: string): string => join(root, "node_modules", name);

/** A check counts as one test; its output is shown when it fails. */
async function check(name: string, args: readonly string[]): Promise<void> {
  const { code, output } = await step(name, async () => run(args));
  if (code === 0) {
    sum.passed += 1;
    return;
  }
  sum.failed += 1;
  failures.push(name);
  process.stdout.write(`--- ${name}\n${output.slice(-20_000)}\n`);
}

/** Checks that run at once: each of them uses one core. */
const checksAtOnce = 2;

/** The longest first, so that the others fit beside it. */
async function checks(): Promise<void> {
  const types = [
    "notifier",
    "notifier/src/core",
    "dashboard/server",
    "processor",
    "test",
    "ingest",
    "processor/src/core",
    "deploy",
    "schemas",
  ].map((folder) => ({
    name: `types of ${folder}`,
    args: [bin("typescript/bin/tsc"), "-p", folder],
  }));
  const vue = ["--noEmit", "-p", "dashboard/web"];
  const quiet = ["--check", "--log-level", "warn", "."];
  const waiting = [
    {
      name: "eslint",
      args: [bin("eslint/bin/eslint.js"), "--max-warnings", "0", "."],
    },
    { name: "prettier", args: [bin("prettier/bin/prettier.cjs"), ...quiet] },
    ...types,
    {
      name: "types of dashboard/web",
      args: [bin("vue-tsc/bin/vue-tsc.js"), ...vue],
    },
    { name: "knip", args: [bin("knip/bin/knip.js"), "--no-progress"] },
  ];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await check(next.name, next.args);
    }
  };
  await Promise.all(Array.from({ length: checksAtOnce }, worker));
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function vitest(
  project: string,
  home: string,
  env: Record<string, string>,
): Promise<void> {
  const file = join(home, `${project}.json`);
  const args = [
    bin("vitest/vitest.mjs"),
    "run",
    "--project",
    project,
    "--reporter",
    "json",
    "--outputFile",
    file,
    "--passWithNoTests",
  ];
  if (chosen.files) args.push(chosen.files);
  const { code, output } = await step(`${project} tests`, async () =>
    run(args, env),
  );
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    sum.failed += 1;
    failures.push(`${project}: no report`);
    process.stdout.write(output.slice(-20_000));
    return;
  }
  sum.passed += report.numPassedTests;
  sum.failed += report.numFailedTests;
  sum.skipped += report.numPendingTests + report.numTodoTests;
  for (const result of report.testResults) {
    const told = result.assertionResults.some((t) => t.status === "failed");
    if (result.status === "failed" && !told) {
      // A hook or the file itself failed: its tests count as skipped.
      sum.failed += 1;
      failures.push(`${result.name}: ${result.message.slice(0, 3000)}`);
    }
    for (const test of result.assertionResults) {
      if (test.status === "failed") {
        failures.push(
          `${test.fullName}\n${test.failureMessages.join("\n").slice(0, 3000)}`,
        );
      }
    }
  }
  if (code !== 0 && report.success) {
    sum.failed += 1;
    failures.push(
      `${project}: vitest ended with ${String(code)}\n${output.slice(-3000)}`,
    );
  }
}

const home = mkdtempSync(join(tmpdir(), "riskwall-test-"));
const supervisor = createSupervisor(home, (line) => {
  process.stderr.write(`  ${line}\n`);
});
const end = async (code: number): Promise<never> => {
  await supervisor.stop();
  rmSync(home, { recursive: true, force: true });
  process.exit(code);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void end(1));
}

try {
  if (only.has("checks")) await checks();
  if (only.has("unit")) await vitest("unit", home, {});
  if (only.has("integration") || only.has("e2e")) {
    await ensurePrograms([
      "java",
      "maven",
      "redis",
      "chromium",
      "font",
      "kcat",
    ]);
    const none = {
      brokers: undefined,
      registryUrl: undefined,
      redisUrl: undefined,
      clickhouseUrl: undefined,
    };
    const ports = planPorts(await freeBase());
    const at = await startServers(home, ports, none, supervisor);
    const env = {
      RISKWALL_KAFKA_BROKERS: at.brokers,
      RISKWALL_REGISTRY_URL: at.registryUrl,
      RISKWALL_REDIS_URL: at.redisUrl,
      RISKWALL_CLICKHOUSE_URL: at.clickhouseUrl,
    };
    if (only.has("integration")) await vitest("integration", home, env);
    if (only.has("e2e")) {
      await buildWeb(root);
      await vitest("e2e", home, env);
    }
  }
} catch (error) {
  sum.failed += 1;
  failures.push(
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
}
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
await supervisor.stop();
const skipped = sum.skipped > 0 ? `, ${String(sum.skipped)} skipped` : "";
process.stdout.write(
  `${String(sum.passed)} passed, ${String(sum.failed)} failed${skipped}\n`,
);
await end(sum.failed === 0 && sum.passed > 0 ? 0 : 1);
