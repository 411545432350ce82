import { namespacePattern } from "@riskwall/schemas/names";
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
  RISKWALL_REDIS_URL: z.url().default("redis://127.0.0.1:4179"),
  RISKWALL_HOST: z.string().default("127.0.0.1"),
  RISKWALL_PROCESSOR_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4101),
  LOG_LEVEL: z.string().default("info"),
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
  readonly speed: number;
  readonly batchRecords: number;
  readonly cacheCustomers: number;
  readonly sessionMs: number;
  readonly failCustomer: string | null;
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
  if (e.RISKWALL_FAIL_CUSTOMER !== undefined && e.NODE_ENV === "production") {
    throw new Error(
      "configuration: RISKWALL_FAIL_CUSTOMER is refused in production",
    );
  }
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: e.RISKWALL_KAFKA_BROKERS.split(",").map((item) => item.trim()),
    registryUrl: e.RISKWALL_REGISTRY_URL,
    redisUrl: e.RISKWALL_REDIS_URL,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_PROCESSOR_PORT,
    logLevel: e.LOG_LEVEL,
    speed: e.RISKWALL_SPEED,
    batchRecords: e.RISKWALL_BATCH_RECORDS,
    cacheCustomers: e.RISKWALL_CACHE_CUSTOMERS,
    sessionMs: e.RISKWALL_SESSION_MS,
    failCustomer: e.RISKWALL_FAIL_CUSTOMER ?? null,
  };
}
