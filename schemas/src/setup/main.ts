/**
 * Prepares a namespace: topics, schemas, tables, first credentials. Run before
 * the services at every start; does nothing twice.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { createCodec } from "../codec.ts";
import { namespacePattern } from "../names.ts";
import {
  credentialSettings,
  ensureCredentials,
  hasAdministrator,
} from "./credentials.ts";
import { migrate } from "./migrations.ts";
import { readSettings, writeSettings } from "./settings.ts";
import { ensureTopics } from "./topics.ts";

export { topicProblems, type TopicProblem } from "./topics.ts";

export interface SetupOptions {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly clickhouseUrl: string;
  /** Where credentials.json lives; null = make none. */
  readonly home: string | null;
  /** Retention of the streams in ms; "-1" keeps everything. */
  readonly retentionMs: string;
  /** Told each finished step and its seconds. */
  readonly onStep?: (name: string, seconds: number) => void;
}

/** Waits for all, also when one fails, so that nothing goes on unwatched. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** Brings a namespace to the state that every service expects. */
export async function setupNamespace(options: SetupOptions): Promise<void> {
  const { namespace, home } = options;
  if (!namespacePattern.test(namespace)) {
    throw new Error(`namespace ${namespace} does not fit RISKWALL_NAMESPACE`);
  }
  const step = async (
    name: string,
    work: () => Promise<unknown>,
  ): Promise<void> => {
    const began = performance.now();
    await work();
    options.onStep?.(name, (performance.now() - began) / 1000);
  };
  const kafka = new Kafka({
    clientId: "riskwall-setup",
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 8, initialRetryTime: 100 },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await allOf([
      step("topics", async () =>
        ensureTopics(admin, namespace, options.retentionMs),
      ),
      step("schemas", async () => createCodec(options.registryUrl)),
      step("tables", async () => migrate(options.clickhouseUrl, namespace)),
    ]);
    if (home !== null) {
      await step("credentials", async () => {
        // New credentials replace what an older home had set.
        const fresh = !existsSync(join(home, "credentials.json"));
        const wanted = await credentialSettings(ensureCredentials(home));
        const known = await readSettings(kafka, admin, namespace);
        // Where nobody administers, the first user does again.
        const headless = !hasAdministrator(known);
        const missing = wanted.filter(
          ({ key }) =>
            fresh || !known.has(key) || (headless && key.startsWith("user:")),
        );
        await writeSettings(kafka, namespace, missing);
      });
    }
  } finally {
    await admin.disconnect();
  }
}

if (import.meta.main) {
  const { env } = process;
  await setupNamespace({
    namespace: env["RISKWALL_NAMESPACE"] ?? "riskwall",
    brokers: (env["RISKWALL_KAFKA_BROKERS"] ?? "127.0.0.1:4192").split(","),
    registryUrl:
      env["RISKWALL_REGISTRY_URL"] ?? "http://127.0.0.1:4181/apis/ccompat/v7",
    clickhouseUrl: env["RISKWALL_CLICKHOUSE_URL"] ?? "http://127.0.0.1:4123",
    home: env["RISKWALL_HOME"] ?? null,
    retentionMs: env["RISKWALL_RETENTION_MS"] ?? "-1",
    onStep: (name, seconds) => {
      process.stderr.write(`  ${name}, ${seconds.toFixed(1)} s\n`);
    },
  });
}
