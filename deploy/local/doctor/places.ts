/** Where everything is, from the environment as every service reads it. */
export interface Places {
  readonly namespace: string;
  readonly home: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
  /** Name of a service → its base URL. */
  readonly services: ReadonlyMap<string, string>;
}

export function readPlaces(
  env: Readonly<Record<string, string | undefined>>,
): Places {
  const base = Number(env["RISKWALL_PORT_BASE"] ?? "4000");
  const local = (offset: number): string =>
    `127.0.0.1:${String(base + offset)}`;
  const service = (name: string, offset: number): readonly [string, string] => {
    const port = env[`RISKWALL_${name.toUpperCase()}_PORT`];
    const at = port === undefined ? local(offset) : `127.0.0.1:${port}`;
    return [name, `http://${at}`];
  };
  return {
    namespace: env["RISKWALL_NAMESPACE"] ?? "riskwall",
    home: env["RISKWALL_HOME"] ?? ".riskwall",
    brokers: (env["RISKWALL_KAFKA_BROKERS"] ?? local(192)).split(","),
    registryUrl:
      env["RISKWALL_REGISTRY_URL"] ?? `http://${local(181)}/apis/ccompat/v7`,
    redisUrl: env["RISKWALL_REDIS_URL"] ?? `redis://${local(179)}`,
    clickhouseUrl: env["RISKWALL_CLICKHOUSE_URL"] ?? `http://${local(123)}`,
    services: new Map([
      service("ingest", 100),
      service("processor", 101),
      service("historian", 102),
      service("notifier", 103),
      service("dashboard", 0),
    ]),
  };
}
