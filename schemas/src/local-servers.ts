/** Where the servers of the local stack are when nothing else is said. */

type Env = Readonly<Record<string, string | undefined>>;

/** Variables that name a server, each with an address. */
export type Servers = Readonly<
  Record<
    | "RISKWALL_KAFKA_BROKERS"
    | "RISKWALL_REGISTRY_URL"
    | "RISKWALL_REDIS_URL"
    | "RISKWALL_CLICKHOUSE_URL"
    | "RISKWALL_INGEST_URL",
    string
  >
>;

/**
 * The environment with the address of each server that it leaves out: the
 * local stack at `RISKWALL_PORT_BASE` (contract 1). Verbs read it, so that one
 * variable is enough to reach a stack that was started on other ports.
 */
export function withLocalServers(env: Env): Env & Servers {
  const base = Number(env["RISKWALL_PORT_BASE"] ?? "4000");
  const local = (offset: number): string =>
    `127.0.0.1:${String(base + offset)}`;
  return {
    ...env,
    RISKWALL_KAFKA_BROKERS: env["RISKWALL_KAFKA_BROKERS"] ?? local(192),
    RISKWALL_REGISTRY_URL:
      env["RISKWALL_REGISTRY_URL"] ?? `http://${local(181)}/apis/ccompat/v7`,
    RISKWALL_REDIS_URL: env["RISKWALL_REDIS_URL"] ?? `redis://${local(179)}`,
    RISKWALL_CLICKHOUSE_URL:
      env["RISKWALL_CLICKHOUSE_URL"] ?? `http://${local(123)}`,
    RISKWALL_INGEST_URL: env["RISKWALL_INGEST_URL"] ?? `http://${local(100)}`,
  };
}
