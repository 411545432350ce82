/** What `docker-compose config` makes of the file; skipped where it is absent. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const at = (path: string): string =>
  fileURLToPath(new URL(path, import.meta.url));
const absent = spawnSync("docker-compose", ["version"]).status !== 0;

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

function config(env: Readonly<Record<string, string>>): {
  readonly services: Readonly<Record<string, Service>>;
} {
  const text = execFileSync(
    "docker-compose",
    ["-f", at("compose.yaml"), "config"],
    { env: { PATH: process.env["PATH"], ...env }, encoding: "utf8" },
  );
  // docker-compose has checked it against its own schema.
  return parse(text) as ReturnType<typeof config>;
}

const secrets = { KAFKA_CLUSTER_ID: "x", CLICKHOUSE_PASSWORD: "p" };
const title = absent
  ? "compose (skipped: apt-get install docker-compose)"
  : "compose";

describe.skipIf(absent)(title, () => {
  test("has three brokers, six nodes of Redis and two processors", () => {
    const names = Object.keys(config(secrets).services);
    const count = (of: RegExp): number =>
      names.filter((name) => of.test(name)).length;
    expect(count(/^kafka-\d$/)).toBe(3);
    expect(count(/^redis-\d$/)).toBe(6);
    expect(count(/^processor-\d$/)).toBe(2);
    expect(names).toEqual(
      expect.arrayContaining(["clickhouse", "registry", "setup", "dashboard"]),
    );
  });

  test("every server keeps its data in a volume of its own", () => {
    const stores = Object.entries(config(secrets).services).filter(([name]) =>
      /^(kafka|redis)-\d$|^clickhouse$/.test(name),
    );
    const volumes = stores.flatMap(([, { volumes }]) => volumes ?? []);
    expect(new Set(volumes).size).toBe(stores.length);
  });

  test("every service has an entry, and only settings that it reads", () => {
    for (const [name, service] of Object.entries(config(secrets).services)) {
      const entry = service.command?.find((word) => word.endsWith(".ts"));
      if (entry === undefined) continue;
      const folder = at(`../../${entry.slice(0, entry.lastIndexOf("/") + 1)}`);
      const file = name === "setup" ? "main.ts" : "config.ts";
      const reads = readFileSync(`${folder}${file}`, "utf8");
      const own = Object.keys(service.environment ?? {}).filter(
        (key) => key.startsWith("RISKWALL_") && key.endsWith("_PORT"),
      );
      for (const key of own) expect(reads, `${name} ${key}`).toContain(key);
    }
  });

  test("does not start without secrets", () => {
    expect(() => config({})).toThrow();
  });
});
