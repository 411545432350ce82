/** `./riskwall simulate run|score`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { databaseName } from "@riskwall/schemas/names";
import { Command, Option } from "commander";
import { scoreTable } from "./print-score.ts";
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
          "SELECT rule_id, customer_id, toString(toUnixTimestamp64Milli(min(opened_at))) AS at, arrayMap(x -> toString(x), groupArrayIf(toUnixTimestamp64Milli(updated_at), state = 'open')) AS spoke, min(muted) AS muted, any(title_en) AS title, argMax(severity, version) != 'info' AND JSONExtractString(argMax(view, version), 'parent') = '' AND JSONExtractString(argMax(view, version), 'quiet') = '' AS told FROM alerts FINAL GROUP BY alert_id, rule_id, customer_id",
        format: "JSONEachRow",
      });
      const rows = await reply.json<{
        rule_id: string;
        customer_id: string;
        at: string;
        spoke: string[];
        muted: boolean;
        title: string;
        told: number;
      }>();
      await client.close();
      const alerts = rows.map((row): RaisedAlert => ({
        ruleId: row.rule_id,
        customerId: row.customer_id,
        openedAt: Number(row.at),
        spokeAt: row.spoke.map(Number),
        muted: Boolean(row.muted),
        title: row.title,
        told: Boolean(row.told),
      }));
      const { rules, families } = scoreRules(truths, alerts);
      if (output === "json") {
        process.stdout.write(
          `${JSON.stringify({ rules, families }, null, 2)}\n`,
        );
        return;
      }
      process.stdout.write(`${scoreTable(rules)}\n${scoreTable(families)}`);
    });
  return command;
}
