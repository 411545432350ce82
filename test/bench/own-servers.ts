/** Servers of a run's own, for benchmarks and faults. */
import { freeBase, planPorts } from "../../deploy/local/ports.ts";
import { startServers } from "../../deploy/local/servers.ts";
import type { Supervisor } from "../../deploy/local/supervisor.ts";
import { ensurePrograms } from "../../deploy/local/system-packages.ts";
import { buildWeb } from "../../deploy/local/web-build.ts";

/** Own servers on free ports; the environment names them from then on. */
export async function startOwnServers(
  home: string,
  supervisor: Supervisor,
  root: string,
): Promise<void> {
  await ensurePrograms(["java", "maven", "redis", "chromium", "font", "kcat"]);
  const none = {
    ...{ brokers: undefined, registryUrl: undefined },
    ...{ redisUrl: undefined, clickhouseUrl: undefined },
  };
  const ports = planPorts(await freeBase());
  const at = await startServers(home, ports, none, supervisor);
  process.env["RISKWALL_KAFKA_BROKERS"] = at.brokers;
  process.env["RISKWALL_REGISTRY_URL"] = at.registryUrl;
  process.env["RISKWALL_REDIS_URL"] = at.redisUrl;
  process.env["RISKWALL_CLICKHOUSE_URL"] = at.clickhouseUrl;
  await buildWeb(root);
}
