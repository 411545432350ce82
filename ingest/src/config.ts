import { namespacePattern } from "@riskwall/schemas/names";
import { z } from "zod";

const schema = z.object({
  RISKWALL_NAMESPACE: z.string().regex(namespacePattern).default("riskwall"),
  RISKWALL_KAFKA_BROKERS: z.string().min(1).default("127.0.0.1:4192"),
  RISKWALL_REGISTRY_URL: z
    .url()
    .default("http://127.0.0.1:4181/apis/ccompat/v7"),
  RISKWALL_REDIS_URL: z.url().default("redis://127.0.0.1:4179"),
  RISKWALL_CLICKHOUSE_URL: z.url().default("http://127.0.0.1:4123"),
  RISKWALL_PROCESSOR_URL: z.url().default("http://127.0.0.1:4101"),
  RISKWALL_HOST: z.string().default("127.0.0.1"),
  RISKWALL_INGEST_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4100),
  LOG_LEVEL: z.string().default("info"),
  /** Simulated seconds per second: event times are not judged by the clock. */
  RISKWALL_SPEED: z.coerce.number().positive().default(1),
  /** Events one key may send per second, averaged over ten. */
  RISKWALL_KEY_RATE: z.coerce.number().positive().default(50_000),
});

export interface Config {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
  readonly processorUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly speed: number;
  readonly keyRate: number;
}

/** Reads the environment; throws one error that names every problem. */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const result = schema.safeParse(env);
  if (!result.success) {
    throw new Error(`configuration:\n${z.prettifyError(result.error)}`);
  }
  const e = result.data;
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: e.RISKWALL_KAFKA_BROKERS.split(",").map((item) => item.trim()),
    registryUrl: e.RISKWALL_REGISTRY_URL,
    redisUrl: e.RISKWALL_REDIS_URL,
    clickhouseUrl: e.RISKWALL_CLICKHOUSE_URL,
    processorUrl: e.RISKWALL_PROCESSOR_URL,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_INGEST_PORT,
    logLevel: e.LOG_LEVEL,
    speed: e.RISKWALL_SPEED,
    keyRate: e.RISKWALL_KEY_RATE,
  };
}
