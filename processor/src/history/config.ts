import { namespacePattern } from "@riskwall/schemas/names";
import { isRedisSetting } from "@riskwall/schemas/redis-client";
import { z } from "zod";

const schema = z.object({
  RISKWALL_NAMESPACE: z.string().regex(namespacePattern).default("riskwall"),
  RISKWALL_KAFKA_BROKERS: z.string().min(1).default("127.0.0.1:4192"),
  RISKWALL_REGISTRY_URL: z
    .url()
    .default("http://127.0.0.1:4181/apis/ccompat/v7"),
  RISKWALL_CLICKHOUSE_URL: z.url().default("http://127.0.0.1:4123"),
  /** One server, or nodes of a Redis Cluster, comma separated. */
  RISKWALL_REDIS_URL: z
    .string()
    .refine(isRedisSetting)
    .default("redis://127.0.0.1:4179"),
  RISKWALL_HOST: z.string().default("127.0.0.1"),
  RISKWALL_HISTORIAN_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4102),
  LOG_LEVEL: z.string().default("info"),
});

export interface HistoryConfig {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly clickhouseUrl: string;
  readonly redisUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
}

/** Reads the environment; throws one error that names every problem. */
export function loadHistoryConfig(
  env: Readonly<Record<string, string | undefined>>,
): HistoryConfig {
  const result = schema.safeParse(env);
  if (!result.success) {
    throw new Error(`configuration:\n${z.prettifyError(result.error)}`);
  }
  const e = result.data;
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: e.RISKWALL_KAFKA_BROKERS.split(",").map((item) => item.trim()),
    registryUrl: e.RISKWALL_REGISTRY_URL,
    clickhouseUrl: e.RISKWALL_CLICKHOUSE_URL,
    redisUrl: e.RISKWALL_REDIS_URL,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_HISTORIAN_PORT,
    logLevel: e.LOG_LEVEL,
  };
}
