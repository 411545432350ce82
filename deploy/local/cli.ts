/** `./riskwall doctor` and `./riskwall version`. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { httpOk } from "./servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { env } = process;

interface Finding {
  readonly part: string;
  readonly state: "up" | "down";
  readonly at: string;
  readonly fix: string;
}

async function tcp(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (ok: boolean): void => {
      socket.destroy();
      done(ok);
    };
    socket.once("connect", () => {
      end(true);
    });
    socket.once("error", () => {
      end(false);
    });
    socket.once("timeout", () => {
      end(false);
    });
  });
}

async function examine(): Promise<Finding[]> {
  const base = Number(env["RISKWALL_PORT_BASE"] ?? "4000");
  const local = (offset: number): string =>
    `127.0.0.1:${String(base + offset)}`;
  const broker =
    (env["RISKWALL_KAFKA_BROKERS"] ?? local(192)).split(",")[0] ?? "";
  const registry =
    env["RISKWALL_REGISTRY_URL"] ?? `http://${local(181)}/apis/ccompat/v7`;
  const redis = new URL(env["RISKWALL_REDIS_URL"] ?? `redis://${local(179)}`);
  const clickhouse = env["RISKWALL_CLICKHOUSE_URL"] ?? `http://${local(123)}`;
  const [host = "", port = ""] = broker.split(":");
  const rows: readonly (readonly [string, string, boolean, string])[] = [
    [
      "Kafka",
      broker,
      await tcp(host, Number(port)),
      "start it, or set RISKWALL_KAFKA_BROKERS",
    ],
    [
      "schema registry",
      registry,
      await httpOk(`${registry}/subjects`),
      "start it, or set RISKWALL_REGISTRY_URL",
    ],
    [
      "Redis",
      redis.host,
      await tcp(redis.hostname, Number(redis.port)),
      "start it, or set RISKWALL_REDIS_URL",
    ],
    [
      "ClickHouse",
      clickhouse,
      await httpOk(`${clickhouse}/ping`),
      "start it, or set RISKWALL_CLICKHOUSE_URL",
    ],
    [
      "ingest",
      local(100),
      await httpOk(`http://${local(100)}/readyz`),
      "see HOME/log/ingest.log and /readyz",
    ],
    [
      "processor",
      local(101),
      await httpOk(`http://${local(101)}/readyz`),
      "see HOME/log/processor.log and /readyz: a halted partition names its cure",
    ],
    [
      "historian",
      local(102),
      await httpOk(`http://${local(102)}/readyz`),
      "see HOME/log/historian.log",
    ],
    [
      "dashboard",
      local(0),
      await httpOk(`http://${local(0)}/readyz`),
      "see HOME/log/dashboard.log",
    ],
  ];
  return rows.map(([part, at, up, fix]) => ({
    part,
    at,
    state: up ? "up" : "down",
    fix: up ? "" : fix,
  }));
}

const program = new Command("riskwall").showHelpAfterError();
program
  .command("doctor")
  .description("names the broken part and the fix")
  .addOption(
    new Option("-o, --output <format>")
      .choices(["table", "json"])
      .default("table"),
  )
  .action(async ({ output }: { output: string }) => {
    const findings = await examine();
    const lines =
      output === "json"
        ? [JSON.stringify(findings, null, 2)]
        : findings.map(({ part, state, at, fix }) =>
            `${part.padEnd(16)} ${state.padEnd(5)} ${at} ${fix}`.trimEnd(),
          );
    process.stdout.write(`${lines.join("\n")}\n`);
    process.exitCode = findings.some((item) => item.state === "down") ? 4 : 0;
  });
program
  .command("version")
  .description("version and commit")
  .action(() => {
    const text = readFileSync(`${root}/package.json`, "utf8");
    const { version } = JSON.parse(text) as { version: string };
    let commit = "unknown";
    try {
      commit = execFileSync(
        "git",
        ["-C", root, "rev-parse", "--short", "HEAD"],
        {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        },
      ).trim();
    } catch (error) {
      process.stderr.write(
        `no commit: ${String(error).split("\n")[0] ?? ""}\n`,
      );
    }
    process.stdout.write(`riskwall ${version} (${commit})\n`);
  });
await program.parseAsync();
