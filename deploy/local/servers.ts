/**
 * The four real servers of the local stack: Kafka, schema registry, Redis,
 * ClickHouse. Each that the user already points at is left alone.
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Kafka, logLevel } from "kafkajs";
import type { Ports } from "./ports.ts";
import { clickhouseNice } from "./process-options.ts";
import { step } from "./progress.ts";
import type { Supervisor } from "./supervisor.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const registryArtifact =
  "io.apicurio:apicurio-registry-app:2.6.13.Final:tar.gz:all";
const registryJar = "apicurio-registry-app-2.6.13.Final-runner.jar";
const readyMs = 60_000;

/** Where each part of the stack is; ours or the user's own. */
export interface Endpoints {
  readonly brokers: string;
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
}

export interface Given {
  readonly brokers: string | undefined;
  readonly registryUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
}

/** Jars are shared by all homes of a user. */
function cacheDir(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "riskwall");
}

async function run(command: string, args: readonly string[]): Promise<void> {
  await new Promise<void>((done, fail) => {
    const child = spawn(command, [...args], {
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
      else fail(new Error(`${command} ended with ${String(code)}:\n${tail}`));
    });
  });
}

/** Kafka's jars through Maven, once per version of the pom. */
export async function kafkaLibs(): Promise<string> {
  const pom = join(here, "kafka/pom.xml");
  const digest = createHash("sha256").update(readFileSync(pom)).digest("hex");
  const libs = join(cacheDir(), `kafka-${digest.slice(0, 12)}`);
  if (existsSync(libs)) return libs;
  await step("Kafka from Maven Central", async () => {
    const part = `${libs}.part-${String(process.pid)}`;
    mkdirSync(part, { recursive: true });
    await run("mvn", [
      "-q",
      "-B",
      "-f",
      pom,
      "dependency:copy-dependencies",
      `-DoutputDirectory=${part}`,
    ]);
    renameSync(part, libs);
  });
  return libs;
}

/**
 * An artifact through Maven, once, in a folder of the cache; `unpack` works on
 * it before the folder gets its name.
 */
export async function mavenArtifact(
  name: string,
  artifact: string,
  unpack: (part: string) => void = () => undefined,
): Promise<string> {
  const folder = join(cacheDir(), name);
  if (existsSync(folder)) return folder;
  const part = `${folder}.part-${String(process.pid)}`;
  mkdirSync(part, { recursive: true });
  await run("mvn", [
    ...["-q", "-B", "-f", join(here, "kafka/pom.xml"), "dependency:copy"],
    ...[`-Dartifact=${artifact}`, `-DoutputDirectory=${part}`],
  ]);
  unpack(part);
  renameSync(part, folder);
  return folder;
}

async function registryHome(): Promise<string> {
  const name = "apicurio-2.6.13";
  const unpack = (part: string): void => {
    const tar = readdirSync(part).find((name) => name.endsWith(".tar.gz"));
    if (!tar) throw new Error("Maven brought no registry archive");
    execFileSync("tar", ["-xzf", join(part, tar), "-C", part]);
    execFileSync("rm", ["-f", join(part, tar)]);
  };
  if (existsSync(join(cacheDir(), name))) {
    return mavenArtifact(name, registryArtifact, unpack);
  }
  return step("Schema registry from Maven Central", async () =>
    mavenArtifact(name, registryArtifact, unpack),
  );
}

async function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => {
      done(false);
    });
  });
}

/** True when a GET answers with a 2xx status. */
export async function httpOk(url: string): Promise<boolean> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}

/** Ready = metadata answers and the group coordinator does. */
async function kafkaReady(port: number): Promise<boolean> {
  if (!(await answers(port))) return false;
  const kafka = new Kafka({
    clientId: "riskwall-ready",
    brokers: [`127.0.0.1:${String(port)}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 6, initialRetryTime: 50 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.describeGroups(["riskwall-ready"]);
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}

/** One broker that is its own controller; data under `home`. */
export async function startKafka(
  home: string,
  ports: Ports,
  supervisor: Supervisor,
): Promise<void> {
  const libs = await kafkaLibs();
  const folder = join(home, "kafka");
  mkdirSync(folder, { recursive: true });
  const port = String(ports.kafka);
  const controller = String(ports.kafkaController);
  const properties = join(folder, "server.properties");
  const log4j = join(folder, "log4j2.properties");
  copyFileSync(join(here, "kafka/log4j2.properties"), log4j);
  writeFileSync(
    properties,
    [
      "process.roles=broker,controller",
      "node.id=1",
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
      "controller.listener.names=CONTROLLER",
      "inter.broker.listener.name=PLAINTEXT",
      `log.dirs=${join(folder, "data")}`,
      "offsets.topic.replication.factor=1",
      "transaction.state.log.replication.factor=1",
      "transaction.state.log.min.isr=1",
      "group.initial.rebalance.delay.ms=0",
      "group.min.session.timeout.ms=3000",
      "auto.create.topics.enable=false",
      "",
    ].join("\n"),
  );
  const classPath = join(libs, "*");
  const flags = [`-Dlog4j2.configurationFile=${log4j}`, "-cp", classPath];
  if (!existsSync(join(folder, "data/meta.properties"))) {
    const id = randomBytes(16).toString("base64url").replace(/^-/, "a");
    await run("java", [
      ...flags,
      "kafka.tools.StorageTool",
      "format",
      "-t",
      id,
      "-c",
      properties,
    ]);
  }
  await supervisor.start({
    name: "kafka",
    command: "java",
    args: [
      "-Xms256m",
      "-Xmx512m",
      // Its optimising compiler takes a fifth of two cores for minutes.
      "-XX:TieredStopAtLevel=1",
      ...flags,
      "kafka.Kafka",
      properties,
    ],
    ready: async () => kafkaReady(ports.kafka),
    readyMs,
  });
}

async function startRegistry(
  home: string,
  ports: Ports,
  supervisor: Supervisor,
): Promise<void> {
  const folder = await registryHome();
  const data = join(home, "registry");
  mkdirSync(data, { recursive: true });
  const port = String(ports.registry);
  await supervisor.start({
    name: "registry",
    command: "java",
    args: [
      "-Xmx256m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-jar",
      join(folder, registryJar),
    ],
    cwd: data,
    env: {
      REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${join(data, "db")}`,
      HTTP_PORT: port,
      QUARKUS_HTTP_HOST: "127.0.0.1",
      LOG_LEVEL: "WARN",
    },
    ready: async () =>
      httpOk(`http://127.0.0.1:${port}/apis/ccompat/v7/subjects`),
    readyMs,
  });
}

async function startRedis(
  home: string,
  ports: Ports,
  supervisor: Supervisor,
): Promise<void> {
  const data = join(home, "redis");
  mkdirSync(data, { recursive: true });
  await supervisor.start({
    name: "redis",
    command: "redis-server",
    args: [
      ...["--port", String(ports.redis), "--bind", "127.0.0.1"],
      ...["--dir", data, "--appendonly", "yes", "--appendfsync", "everysec"],
      ...["--save", "", "--maxmemory-policy", "noeviction"],
      ...["--aof-load-truncated", "yes", "--daemonize", "no"],
    ],
    ready: async () => answers(ports.redis),
    readyMs,
  });
}

async function startClickHouse(
  home: string,
  ports: Ports,
  supervisor: Supervisor,
): Promise<void> {
  const data = join(home, "clickhouse");
  mkdirSync(data, { recursive: true });
  await supervisor.start({
    name: "clickhouse",
    nice: clickhouseNice,
    command: process.execPath,
    args: [
      join(here, "clickhouse-server.ts"),
      data,
      String(ports.clickhouseHttp),
      String(ports.clickhouseNative),
    ],
    ready: async () =>
      httpOk(`http://127.0.0.1:${String(ports.clickhouseHttp)}/ping`),
    readyMs,
  });
}

/** Starts what is not given, side by side, and answers where everything is. */
export async function startServers(
  home: string,
  ports: Ports,
  given: Given,
  supervisor: Supervisor,
): Promise<Endpoints> {
  const url = (port: number): string => `http://127.0.0.1:${String(port)}`;
  const jobs: Promise<void>[] = [];
  const local = (
    name: string,
    start: (h: string, p: Ports, s: Supervisor) => Promise<void>,
  ): void => {
    jobs.push(step(name, async () => start(home, ports, supervisor)));
  };
  if (!given.brokers) local("Kafka", startKafka);
  if (!given.registryUrl) local("schema registry", startRegistry);
  if (!given.redisUrl) local("Redis", startRedis);
  if (!given.clickhouseUrl) local("ClickHouse", startClickHouse);
  await Promise.all(jobs);
  return {
    brokers: given.brokers ?? `127.0.0.1:${String(ports.kafka)}`,
    registryUrl: given.registryUrl ?? `${url(ports.registry)}/apis/ccompat/v7`,
    redisUrl: given.redisUrl ?? `redis://127.0.0.1:${String(ports.redis)}`,
    clickhouseUrl: given.clickhouseUrl ?? url(ports.clickhouseHttp),
  };
}

/** Ports that would be listened on for what is not given. */
export function neededPorts(ports: Ports, given: Given): Partial<Ports> {
  const { kafka, kafkaController, registry, redis } = ports;
  const { clickhouseHttp, clickhouseNative } = ports;
  return {
    ...(given.brokers ? {} : { kafka, kafkaController }),
    ...(given.registryUrl ? {} : { registry }),
    ...(given.redisUrl ? {} : { redis }),
    ...(given.clickhouseUrl ? {} : { clickhouseHttp, clickhouseNative }),
  };
}
