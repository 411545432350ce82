/**
 * `npm start`: programs, servers, namespace, services, sample; then one line
 * on stdout. Ends everything it started on Ctrl-C, SIGTERM, or when its parent
 * is gone.
 */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readBuild } from "./build.ts";
import { HomeHeld, lockHome } from "./home-lock.ts";
import { parseStart, type StartOptions } from "./options.ts";
import { planPorts, takenPorts, type Ports } from "./ports.ts";
import { step } from "./progress.ts";
import {
  httpOk,
  neededPorts,
  startServers,
  type Endpoints,
  type Given,
} from "./servers.ts";
import { optionsOf, sampleNice } from "./process-options.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";
import { ensurePrograms, type NeedName } from "./system-packages.ts";
import { buildWeb } from "./web-build.ts";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const serviceReadyMs = 90_000;
const parentCheckMs = 1000;
const nodeFlags = ["--disable-warning=TimeoutNegativeWarning"];
const started = performance.now();
const options = parseStart(process.argv.slice(2), process.env);
const given: Given = {
  brokers: process.env["RISKWALL_KAFKA_BROKERS"],
  registryUrl: process.env["RISKWALL_REGISTRY_URL"],
  redisUrl: process.env["RISKWALL_REDIS_URL"],
  clickhouseUrl: process.env["RISKWALL_CLICKHOUSE_URL"],
};

function serviceEnv(
  chosen: StartOptions,
  ports: Ports,
  endpoints: Endpoints,
): Record<string, string> {
  const http = (port: number): string => `http://127.0.0.1:${String(port)}`;
  return {
    RISKWALL_HOME: chosen.home,
    RISKWALL_PORT_BASE: String(chosen.portBase),
    RISKWALL_SPEED: String(chosen.speed),
    RISKWALL_LANG: chosen.lang,
    RISKWALL_KAFKA_BROKERS: endpoints.brokers,
    RISKWALL_REGISTRY_URL: endpoints.registryUrl,
    RISKWALL_REDIS_URL: endpoints.redisUrl,
    RISKWALL_CLICKHOUSE_URL: endpoints.clickhouseUrl,
    RISKWALL_COMMIT: readBuild(root).commit,
    RISKWALL_DASHBOARD_PORT: String(ports.dashboard),
    RISKWALL_INGEST_PORT: String(ports.ingest),
    RISKWALL_PROCESSOR_PORT: String(ports.processor),
    RISKWALL_HISTORIAN_PORT: String(ports.historian),
    RISKWALL_NOTIFIER_PORT: String(ports.notifier),
    RISKWALL_PROCESSOR_URL: http(ports.processor),
    RISKWALL_INGEST_URL: http(ports.ingest),
    RISKWALL_NOTIFIER_URL: http(ports.notifier),
  };
}

async function runOnce(
  file: string,
  env: Record<string, string>,
): Promise<void> {
  await new Promise<void>((done, fail) => {
    const child = spawn(process.execPath, [...nodeFlags, join(root, file)], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let tail = "";
    const keep = (chunk: Buffer): void => {
      tail = (tail + chunk.toString()).slice(-4000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", fail);
    child.once("exit", (code) => {
      if (code === 0) done();
      else fail(new Error(`${file} failed:\n${tail}`));
    });
  });
}

async function startService(
  supervisor: Supervisor,
  name: string,
  file: string,
  port: number,
  env: Record<string, string>,
): Promise<void> {
  const { flags, env: own, nice } = optionsOf(name);
  await step(name, async () =>
    supervisor.start({
      name,
      command: process.execPath,
      args: [...nodeFlags, ...flags, join(root, file)],
      env: { ...env, ...own },

      cwd: root,
      nice,
      ready: async () => httpOk(`http://127.0.0.1:${String(port)}/readyz`),
      readyMs: serviceReadyMs,
    }),
  );
}

async function run(supervisor: Supervisor): Promise<void> {
  const ports = planPorts(options.portBase);
  const { dashboard, ingest, processor, historian, notifier } = ports;
  const wanted = {
    ...{ dashboard, ingest, processor, historian, notifier },
    ...neededPorts(ports, given),
  };
  const taken = await takenPorts(wanted);
  if (taken.length > 0) {
    throw new Error(
      `taken: ${taken.join(", ")}; choose another --port-base (RISKWALL_PORT_BASE)`,
    );
  }
  const needs: NeedName[] = [];
  if (!given.brokers || !given.registryUrl) needs.push("java", "maven");
  if (!given.redisUrl) needs.push("redis");
  await ensurePrograms(needs);
  const [endpoints] = await Promise.all([
    startServers(options.home, ports, given, supervisor),
    buildWeb(root),
  ]);
  const env = serviceEnv(options, ports, endpoints);
  await step("topics, schemas, tables", async () =>
    runOnce("schemas/src/setup/main.ts", env),
  );
  await Promise.all([
    startService(supervisor, "ingest", "ingest/src/main.ts", ingest, env),
    startService(
      supervisor,
      "processor",
      "processor/src/main.ts",
      processor,
      env,
    ),
    startService(
      supervisor,
      "historian",
      "processor/src/history/main.ts",
      historian,
      env,
    ),
    startService(supervisor, "notifier", "notifier/src/main.ts", notifier, env),
    startService(
      supervisor,
      "dashboard",
      "dashboard/server/src/main.ts",
      dashboard,
      env,
    ),
  ]);
  if (options.sample) {
    await supervisor.start({
      name: "sample",
      command: process.execPath,
      args: [
        ...nodeFlags,
        join(root, "ingest/src/cli.ts"),
        "simulate",
        "run",
        "--sample",
      ],
      env,
      cwd: root,
      nice: sampleNice,
      ready: async () => Promise.resolve(true),
      readyMs: 1000,
    });
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `riskwall ready in ${seconds} s: wall http://127.0.0.1:${String(dashboard)}/wall ingest http://127.0.0.1:${String(ingest)}/v1/events\n`,
  );
}

mkdirSync(options.home, { recursive: true });
let unlock = (): void => undefined;
try {
  unlock = lockHome(options.home);
} catch (error) {
  if (!(error instanceof HomeHeld)) throw error;
  process.stderr.write(`riskwall: ${error.message}\n`);
  process.exit(1);
}
if (options.fresh) {
  for (const name of [
    "kafka",
    "registry",
    "redis",
    "clickhouse",
    "log",
    "simulate",
    "credentials.json",
  ]) {
    rmSync(join(options.home, name), { recursive: true, force: true });
  }
}
const supervisor = createSupervisor(options.home, (line) => {
  process.stderr.write(`  ${line}\n`);
});
let ending = false;
const end = async (code: number): Promise<void> => {
  if (ending) return;
  ending = true;
  await supervisor.stop();
  unlock();
  process.exit(code);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void end(0));
}
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void end(0);
}, parentCheckMs);
try {
  await run(supervisor);
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`riskwall: ${why}\n`);
  await end(1);
}
