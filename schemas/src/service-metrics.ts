/** What `/metrics` of every service says, whatever else it counts. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** Variable with the commit that runs; who starts the services sets it. */
const commitVariable = "RISKWALL_COMMIT";

function productVersion(): string {
  const url = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(fileURLToPath(url), "utf8")) as {
    readonly version: string;
  };
  return version;
}

/** A registry with the metrics of the process and of the build. */
export function createServiceRegistry(
  service: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: "riskwall_build_info",
    help: "Always 1; which build runs is in the labels",
    labelNames: ["service", "version", "commit", "node"] as const,
    registers: [registry],
  });
  build.set(
    {
      service,
      version: productVersion(),
      commit: env[commitVariable] ?? "unknown",
      node: process.version,
    },
    1,
  );
  return registry;
}
