/** `./riskwall simulate run|score`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
} from "@clickhouse/client";
import { withLocalServers } from "@riskwall/schemas/local-servers";
import { databaseName } from "@riskwall/schemas/names";
import { Command, Option } from "commander";
import { reach } from "../commands/exit-codes.ts";
import { scoreTable } from "./print-score.ts";
import { runSimulation } from "./run.ts";
import { readTruth, scoreRules, type RaisedAlert } from "./score.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Rows of a query; exit 4 when there is nobody to answer. */
async function asked(
  client: ClickHouseClient,
  query: { readonly query: string; readonly format: "JSONEachRow" },
) {
  return reach("ClickHouse", "RISKWALL_CLICKHOUSE_URL", async () =>
    client.query(query),
  );
}

export function simulateCommand(given: Env): Command {
  const env = withLocalServers(given);
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
            ingestUrl: env.RISKWALL_INGEST_URL,
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
        .choices(["table", "json", "ndjson"])
        .default("table"),
    )
    .action(async ({ output }: { output: string }) => {
      const truths = readTruth(join(home, "simulate/truth.ndjson"));
      const client = createClient({
        url: env.RISKWALL_CLICKHOUSE_URL,
        database: databaseName(env["RISKWALL_NAMESPACE"] ?? "riskwall"),
        // What fails is said once, by the verb itself.
        log: { level: ClickHouseLogLevel.OFF },
      });
      const reply = await asked(client, {
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
      if (output !== "table") {
        const indent = output === "json" ? 2 : 0;
        const text = JSON.stringify({ rules, families }, null, indent);
        process.stdout.write(`${text}\n`);
        return;
      }
      process.stdout.write(`${scoreTable(rules)}\n${scoreTable(families)}`);
    });
  return command;
}
