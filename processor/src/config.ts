import { namespacePattern } from "@riskwall/schemas/names";
import { isRedisSetting } from "@riskwall/schemas/redis-client";
import { z } from "zod";

/**
 * Records of a sub-batch, whatever is set: outputs of all records further back
 * than this from the newest output are complete (`state rebuild` counts on it).
 */
export const batchRecordsMax = 10_000;

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
  RISKWALL_PROCESSOR_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4101),
  LOG_LEVEL: z.string().default("info"),
  /** OTLP/HTTP collector of traces (docs/operations.md); absent = no tracing. */
  RISKWALL_TRACES_URL: z.url().optional(),
  /** Simulated seconds per second, used once when a namespace is new. */
  RISKWALL_SPEED: z.coerce.number().positive().default(1),
  /** Records of one sub-batch at most. */
  RISKWALL_BATCH_RECORDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(batchRecordsMax)
    .default(1000),
  /** Decoded customers kept in memory at most, all partitions together. */
  RISKWALL_CACHE_CUSTOMERS: z.coerce.number().int().min(0).default(20_000),
  /** Tests only: makes the fold throw at every record of this customer. */
  RISKWALL_FAIL_CUSTOMER: z.string().min(1).optional(),
  /** Fault tests only: the process kills itself at this moment ... */
  RISKWALL_DIE_AT: z.enum(["after-send", "after-commit"]).optional(),
  /** ... the time it comes to it. */
  RISKWALL_DIE_AFTER: z.coerce.number().int().min(1).default(1),
  NODE_ENV: z.string().optional(),
  RISKWALL_SESSION_MS: z.coerce.number().int().min(3000).default(6000),
});

export interface Config {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly tracesUrl: string | null;
  readonly speed: number;
  readonly batchRecords: number;
  readonly cacheCustomers: number;
  readonly sessionMs: number;
  readonly failCustomer: string | null;
  readonly failpoint: Failpoint | null;
}

/** Where a process kills itself, and at which pass. */
export interface Failpoint {
  readonly at: "after-send" | "after-commit";
  readonly after: number;
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
  for (const name of ["RISKWALL_FAIL_CUSTOMER", "RISKWALL_DIE_AT"] as const) {
    if (e[name] === undefined || e.NODE_ENV !== "production") continue;
    throw new Error(`configuration: ${name} is refused in production`);
  }
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: e.RISKWALL_KAFKA_BROKERS.split(",").map((item) => item.trim()),
    registryUrl: e.RISKWALL_REGISTRY_URL,
    redisUrl: e.RISKWALL_REDIS_URL,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_PROCESSOR_PORT,
    logLevel: e.LOG_LEVEL,
    tracesUrl: e.RISKWALL_TRACES_URL ?? null,
    speed: e.RISKWALL_SPEED,
    batchRecords: e.RISKWALL_BATCH_RECORDS,
    cacheCustomers: e.RISKWALL_CACHE_CUSTOMERS,
    sessionMs: e.RISKWALL_SESSION_MS,
    failCustomer: e.RISKWALL_FAIL_CUSTOMER ?? null,
    failpoint:
      e.RISKWALL_DIE_AT === undefined
        ? null
        : { at: e.RISKWALL_DIE_AT, after: e.RISKWALL_DIE_AFTER },
  };
}
