/** `./riskwall simulate run|score`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";
import { Command, Option } from "commander";
import { runSimulation } from "./run.ts";
import { readTruth, scoreRules, type RaisedAlert } from "./score.ts";

type Env = Readonly<Record<string, string | undefined>>;

export function simulateCommand(env: Env): Command {
  const command = new Command("simulate").description("the event simulator");
  const home = env["RISKWALL_HOME"] ?? ".riskwall";
  command
    .command("run")
    .description("history of a seeded population, then its live stream")
    .option("--seed <text>", "same seed, same events", "riskwall")
    .option("--customers <n>", "population", Number, 2000)
    .option("--years <n>", "years of history", Number, 3)
    .option(
      "--speed <x>",
      "simulated seconds per second",
      Number,
      Number(env["RISKWALL_SPEED"] ?? "1"),
    )
    .option("--rate <n>", "live events per second, about", Number, 3)
    .option("--duration <s>", "live seconds; without it for ever", Number)
    .option("--sample", "the defaults of npm start", false)
    .option("--no-live", "history only")
    .action(
      async (options: {
        seed: string;
        customers: number;
        years: number;
        speed: number;
        rate: number;
        duration?: number;
        live: boolean;
      }) => {
        const file = join(home, "credentials.json");
        if (!existsSync(file))
          throw new Error(
            `${file} is not there; start riskwall first, or set RISKWALL_HOME`,
          );
        const { ingestKey } = JSON.parse(readFileSync(file, "utf8")) as {
          ingestKey: string;
        };
        let stopping = false;
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          process.once(signal, () => {
            stopping = true;
          });
        }
        await runSimulation(
          {
            seed: options.seed,
            customers: options.customers,
            years: options.years,
            speed: options.speed,
            rate: options.rate,
            home,
            ingestUrl: env["RISKWALL_INGEST_URL"] ?? "http://127.0.0.1:4100",
            key: ingestKey,
            durationSeconds: options.duration ?? null,
            live: options.live,
            say: (line) => process.stderr.write(`${line}\n`),
          },
          () => stopping,
        );
      },
    );
  command
    .command("score")
    .description("planted truth against raised alerts")
    .addOption(
      new Option("-o, --output <format>")
        .choices(["table", "json"])
        .default("table"),
    )
    .action(async ({ output }: { output: string }) => {
      const truths = readTruth(join(home, "simulate/truth.ndjson"));
      const client = createClient({
        url: env["RISKWALL_CLICKHOUSE_URL"] ?? "http://127.0.0.1:4123",
        database: databaseName(env["RISKWALL_NAMESPACE"] ?? "riskwall"),
      });
      const reply = await client.query({
        query:
          "SELECT rule_id, customer_id, toUnixTimestamp64Milli(min(opened_at)) AS at, min(muted) AS muted FROM alerts FINAL GROUP BY alert_id, rule_id, customer_id",
        format: "JSONEachRow",
      });
      const rows = await reply.json<{
        rule_id: string;
        customer_id: string;
        at: string;
        muted: boolean;
      }>();
      await client.close();
      const alerts = rows.map((row): RaisedAlert => ({
        ruleId: row.rule_id,
        customerId: row.customer_id,
        openedAt: Number(row.at),
        muted: Boolean(row.muted),
      }));
      const scores = scoreRules(truths, alerts);
      if (output === "json") {
        process.stdout.write(`${JSON.stringify(scores, null, 2)}\n`);
        return;
      }
      const share = (value: number | null): string =>
        value === null ? "–" : value.toFixed(2);
      process.stdout.write(
        "rule    planted found raised recall precision median-s\n",
      );
      for (const row of scores) {
        process.stdout.write(
          `${row.rule.padEnd(8)}${String(row.planted).padStart(7)}${String(row.found).padStart(6)}${String(row.raised).padStart(7)}${share(row.recall).padStart(7)}${share(row.precision).padStart(10)}${share(row.medianSecondsToAlert).padStart(9)}\n`,
        );
      }
    });
  return command;
}
