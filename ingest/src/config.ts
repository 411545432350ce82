/** Configuration of the gateway and of the `ingest` verbs. */
import { namespacePattern } from "@riskwall/schemas/names";
import { isRedisSetting } from "@riskwall/schemas/redis-client";
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

const schema = z.object({
  /** First of the ports of the local stack; the defaults below follow it. */
  RISKWALL_PORT_BASE: port.default(4000),
  RISKWALL_NAMESPACE: z.string().regex(namespacePattern).default("riskwall"),
  RISKWALL_KAFKA_BROKERS: z.string().min(1).optional(),
  RISKWALL_REGISTRY_URL: z.url().optional(),
  /** One server, or nodes of a Redis Cluster, comma separated. */
  RISKWALL_REDIS_URL: z.string().refine(isRedisSetting).optional(),
  RISKWALL_CLICKHOUSE_URL: z.url().optional(),
  RISKWALL_PROCESSOR_URL: z.url().optional(),
  /** The gateway, for `ingest send`. */
  RISKWALL_INGEST_URL: z.url().optional(),
  RISKWALL_HOME: z.string().min(1).default(".riskwall"),
  RISKWALL_HOST: z.string().default("127.0.0.1"),
  RISKWALL_INGEST_PORT: port.optional(),
  LOG_LEVEL: z.string().default("info"),
  /** OTLP/HTTP collector of traces (docs/operations.md); absent = no tracing. */
  RISKWALL_TRACES_URL: z.url().optional(),
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
  readonly ingestUrl: string;
  readonly home: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly tracesUrl: string | null;
  /** True where `speed` is not 1: the fold alone judges event times. */
  readonly simulated: boolean;
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
  const local = (offset: number): string =>
    `127.0.0.1:${String(e.RISKWALL_PORT_BASE + offset)}`;
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: (e.RISKWALL_KAFKA_BROKERS ?? local(192))
      .split(",")
      .map((item) => item.trim()),
    registryUrl:
      e.RISKWALL_REGISTRY_URL ?? `http://${local(181)}/apis/ccompat/v7`,
    redisUrl: e.RISKWALL_REDIS_URL ?? `redis://${local(179)}`,
    clickhouseUrl: e.RISKWALL_CLICKHOUSE_URL ?? `http://${local(123)}`,
    processorUrl: e.RISKWALL_PROCESSOR_URL ?? `http://${local(101)}`,
    ingestUrl: e.RISKWALL_INGEST_URL ?? `http://${local(100)}`,
    home: e.RISKWALL_HOME,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_INGEST_PORT ?? e.RISKWALL_PORT_BASE + 100,
    logLevel: e.LOG_LEVEL,
    tracesUrl: e.RISKWALL_TRACES_URL ?? null,
    simulated: e.RISKWALL_SPEED !== 1,
    keyRate: e.RISKWALL_KEY_RATE,
  };
}
