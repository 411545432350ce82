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
  RISKWALL_DASHBOARD_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4000),
  RISKWALL_LANG: z.enum(["zh-CN", "en"]).default("zh-CN"),
  LOG_LEVEL: z.string().default("info"),
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
  readonly lang: "zh-CN" | "en";
  readonly logLevel: string;
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
    port: e.RISKWALL_DASHBOARD_PORT,
    lang: e.RISKWALL_LANG,
    logLevel: e.LOG_LEVEL,
  };
}
