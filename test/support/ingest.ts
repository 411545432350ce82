/** The gateway of a test namespace, with a key of all scopes. */
import { createHash, randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { NamedRecord } from "@riskwall/schemas";
import { Partitioners } from "kafkajs";
import { onTestFinished } from "vitest";
import { gatewayOptions } from "../../deploy/local/process-options.ts";
import type { TestNamespace } from "./namespace.ts";
import { startService, type Service } from "./service.ts";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface TestGateway {
  readonly service: Service;
  readonly key: string;
  readonly post: (
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
}

/** Writes a setting of the namespace. */
export async function setSetting(
  test: TestNamespace,
  key: string,
  value: object,
): Promise<void> {
  const producer = test.kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  await producer.send({
    topic: test.topics.settings,
    acks: -1,
    messages: [{ key, value: JSON.stringify(value) }],
  });
  await producer.disconnect();
}

/** A new API key of the namespace. */
export async function makeKey(
  test: TestNamespace,
  over: object = {},
): Promise<string> {
  const id = randomBytes(6).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  const hash = createHash("sha256").update(secret).digest("hex");
  await setSetting(test, `apikey:${id}`, {
    ...{ id, name: "test", hash, revokedAt: null, sources: ["*"] },
    scopes: ["events:write", "credit:write", "orders:read"],
    createdAt: new Date().toISOString(),
    ...over,
  });
  return `rw_test_${id}_${secret}`;
}

/** Starts the gateway of the namespace; a given key is not made again. */
export async function startGateway(
  test: TestNamespace,
  given?: string,
): Promise<TestGateway> {
  const key = given ?? (await makeKey(test));
  const service = await startService({
    entry: "ingest/src/main.ts",
    portVariable: "RISKWALL_INGEST_PORT",
    env: {
      ...gatewayOptions.env,
      RISKWALL_NAMESPACE: test.namespace,
      NODE_OPTIONS: gatewayOptions.flags.join(" "),
    },
  });
  return {
    service,
    key,
    post: async (body, headers = {}) => {
      const plain = typeof body === "string" || body instanceof Uint8Array;
      const reply = await fetch(`${service.url}/v1/events`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          ...headers,
        },
        body: plain ? (body as BodyInit) : JSON.stringify(body),
      });
      return {
        status: reply.status,
        body: (await reply.json()) as Record<string, unknown>,
        headers: reply.headers,
      };
    },
  };
}

export interface LogRecord {
  readonly partition: number;
  readonly key: string;
  readonly record: NamedRecord;
}

/** Everything that is in a topic now. */
export async function readTopic(
  test: TestNamespace,
  topic: string,
): Promise<LogRecord[]> {
  const admin = test.kafka.admin();
  await admin.connect();
  const bounds = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const open = new Map(
    bounds
      .filter(({ low, high }) => Number(high) > Number(low))
      .map(({ partition, high }) => [partition, Number(high)]),
  );
  const found: LogRecord[] = [];
  if (open.size === 0) return found;
  const groupId = `test.${randomBytes(6).toString("hex")}`;
  const consumer = test.kafka.consumer({ groupId, readUncommitted: true });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const read = Promise.withResolvers<undefined>();
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const decoded = test.codec.decode(message.value ?? Buffer.alloc(0));
      if (decoded.kind !== "record") throw new Error(decoded.kind);
      const { record } = decoded;
      found.push({ partition, key: String(message.key), record });
      if (Number(message.offset) + 1 === open.get(partition)) {
        open.delete(partition);
      }
      if (open.size === 0) read.resolve(undefined);
      return Promise.resolve();
    },
  });
  await read.promise;
  await consumer.disconnect();
  return found;
}

export interface VerbResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Verb {
  readonly pid: number;
  readonly kill: () => void;
  readonly done: Promise<VerbResult>;
}

/** Runs a verb of the ingest command line in the namespace. */
export function ingestVerb(
  test: TestNamespace,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Verb {
  const child = spawn(process.execPath, ["ingest/src/cli.ts", ...args], {
    cwd: root,
    env: { ...process.env, RISKWALL_NAMESPACE: test.namespace, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return {
    pid: child.pid ?? -1,
    kill: () => child.kill("SIGKILL"),
    done: new Promise((settle) => {
      child.once("close", (code, signal) => {
        settle({ code, signal, stdout, stderr });
      });
    }),
  };
}

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "riskwall-ingest-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes a file into a folder and answers its path. */
export function fileIn(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
