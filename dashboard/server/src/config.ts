/** Settings of the dashboard, from the environment. */
import { namespacePattern } from "@riskwall/schemas/names";
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
  RISKWALL_REDIS_URL: z.url().default("redis://127.0.0.1:4179"),
  RISKWALL_CLICKHOUSE_URL: z.url().default("http://127.0.0.1:4123"),
  RISKWALL_PROCESSOR_URL: z.url().default("http://127.0.0.1:4101"),
  RISKWALL_INGEST_URL: z.url().default("http://127.0.0.1:4100"),
  /** Absent: this host at RISKWALL_HISTORIAN_PORT. */
  RISKWALL_HISTORIAN_URL: z.url().optional(),
  RISKWALL_HISTORIAN_PORT: port.default(4102),
  RISKWALL_HOST: z.string().default("127.0.0.1"),
  RISKWALL_DASHBOARD_PORT: port.default(4000),
  /** Its credentials.json has the key that dead letters are sent with. */
  RISKWALL_HOME: z.string().min(1).default(".riskwall"),
  /** Where people reach the dashboard: links in pushes. */
  RISKWALL_PUBLIC_URL: z.url().optional(),
  LOG_LEVEL: z.string().default("info"),
});

export interface Config {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
  readonly processorUrl: string;
  readonly ingestUrl: string;
  readonly historianUrl: string;
  readonly home: string;
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly publicUrl: string;
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
  const local = (at: number): string => `http://127.0.0.1:${String(at)}`;
  const bare = (url: string): string => url.replace(/\/+$/, "");
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: e.RISKWALL_KAFKA_BROKERS.split(",").map((item) => item.trim()),
    registryUrl: e.RISKWALL_REGISTRY_URL,
    redisUrl: e.RISKWALL_REDIS_URL,
    clickhouseUrl: e.RISKWALL_CLICKHOUSE_URL,
    processorUrl: bare(e.RISKWALL_PROCESSOR_URL),
    ingestUrl: bare(e.RISKWALL_INGEST_URL),
    historianUrl: bare(
      e.RISKWALL_HISTORIAN_URL ?? local(e.RISKWALL_HISTORIAN_PORT),
    ),
    home: e.RISKWALL_HOME,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_DASHBOARD_PORT,
    publicUrl: bare(e.RISKWALL_PUBLIC_URL ?? local(e.RISKWALL_DASHBOARD_PORT)),
    logLevel: e.LOG_LEVEL,
  };
}
