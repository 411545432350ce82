/**
 * Prepares a namespace: topics, schemas, tables, first credentials. Run before
 * the services at every start; does nothing twice.
 */
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { createCodec } from "../codec.ts";
import { topicNames } from "../names.ts";
import { credentialSettings, ensureCredentials } from "./credentials.ts";
import { migrate } from "./migrations.ts";
import { ensureTopics } from "./topics.ts";

export interface SetupOptions {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly clickhouseUrl: string;
  /** Where credentials.json lives; null = make none. */
  readonly home: string | null;
  readonly retentionMs: string;
}

/** Brings a namespace to the state that every service expects. */
export async function setupNamespace(options: SetupOptions): Promise<void> {
  const { namespace } = options;
  const kafka = new Kafka({
    clientId: "riskwall-setup",
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 8, initialRetryTime: 100 },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await Promise.all([
      ensureTopics(admin, namespace, options.retentionMs),
      createCodec(options.registryUrl),
      migrate(options.clickhouseUrl, namespace),
    ]);
    if (options.home !== null) {
      await publishCredentials(kafka, namespace, options.home);
    }
  } finally {
    await admin.disconnect();
  }
}

async function publishCredentials(
  kafka: Kafka,
  namespace: string,
  home: string,
): Promise<void> {
  const settings = credentialSettings(ensureCredentials(home));
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    await producer.send({
      topic: topicNames(namespace).settings,
      acks: -1,
      messages: settings.map(({ key, value }) => ({ key, value })),
    });
  } finally {
    await producer.disconnect();
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
  });
}
