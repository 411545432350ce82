/** Settings of the notifier, from the environment. */
import { hostname } from "node:os";
import { namespacePattern } from "@riskwall/schemas/names";
import { isRedisSetting } from "@riskwall/schemas/redis-client";
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

const schema = z.object({
  /** Tenant: prefixes topics, groups and keys. */
  RISKWALL_NAMESPACE: z.string().regex(namespacePattern).default("riskwall"),
  /** Comma separated host:port list. */
  RISKWALL_KAFKA_BROKERS: z.string().min(1).default("127.0.0.1:4192"),
  RISKWALL_REGISTRY_URL: z
    .url()
    .default("http://127.0.0.1:4181/apis/ccompat/v7"),
  /** One server, or nodes of a Redis Cluster, comma separated. */
  RISKWALL_REDIS_URL: z
    .string()
    .refine(isRedisSetting)
    .default("redis://127.0.0.1:4179"),
  RISKWALL_HOST: z.string().default("127.0.0.1"),
  RISKWALL_NOTIFIER_PORT: port.default(4103),
  RISKWALL_DASHBOARD_PORT: port.default(4000),
  /** Where people reach the dashboard: links in messages. */
  RISKWALL_PUBLIC_URL: z.url().optional(),
  /** Its service.key is what callers show, its settings.key opens secrets. */
  RISKWALL_HOME: z.string().min(1).default(".riskwall"),
  LOG_LEVEL: z.string().default("info"),
});

export interface Config {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly host: string;
  readonly port: number;
  /** Names this instance: only one process listens there. */
  readonly owner: string;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly home: string;
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
  const local = `http://127.0.0.1:${String(e.RISKWALL_DASHBOARD_PORT)}`;
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: e.RISKWALL_KAFKA_BROKERS.split(",").map((item) => item.trim()),
    registryUrl: e.RISKWALL_REGISTRY_URL,
    redisUrl: e.RISKWALL_REDIS_URL,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_NOTIFIER_PORT,
    owner: `${hostname()}:${String(e.RISKWALL_NOTIFIER_PORT)}`,
    publicUrl: (e.RISKWALL_PUBLIC_URL ?? local).replace(/\/+$/, ""),
    home: e.RISKWALL_HOME,
    logLevel: e.LOG_LEVEL,
  };
}
