/** `./riskwall simulate month`: planted trouble against a fold without servers. */
import { Command, Option } from "commander";
import { dayFromText } from "../../ingest/src/simulate/life-edit.ts";
import { scoreTable } from "../../ingest/src/simulate/print-score.ts";
import {
  bars,
  falseRate,
  misses,
  scoreRules,
} from "../../ingest/src/simulate/score.ts";
import { playMonth } from "./month.ts";

function listMisses(
  { truths, alerts }: ReturnType<typeof playMonth>,
  rule: string,
): string {
  const { unexplained, unfound } = misses(truths, alerts);
  const isAsked = (text: string): boolean => text.startsWith(rule);
  return [
    ...unexplained
      .filter(({ ruleId }) => isAsked(ruleId))
      .map(
        ({ ruleId, customerId, openedAt, title }) =>
          `false ${ruleId} ${customerId} ${new Date(openedAt).toISOString()} ${title}\n`,
      ),
    ...unfound.filter(isAsked).map((text) => `unfound ${text}\n`),
  ].join("");
}

const command = new Command("simulate month")
  .description(
    "plays simulated days through the fold in this process and scores its rules",
  )
  .option("--seed <text>", "same seed, same events", "riskwall")
  .option("--customers <n>", "population", Number, 2000)
  .option("--years <n>", "years of history", Number, 3)
  .option("--from <date>", "first day", "2026-07-01")
  .option("--days <n>", "days", Number, 30)
  .option("--per-kind <n>", "episodes of each kind", Number, 8)
  .option("--explain <rule>", "list what this rule raised in vain and missed")
  .addOption(
    new Option("-o, --output <format>")
      .choices(["table", "json"])
      .default("table"),
  )
  .action(
    (options: {
      seed: string;
      customers: number;
      years: number;
      from: string;
      days: number;
      perKind: number;
      output: "table" | "json";
      explain?: string;
    }) => {
      const { days, customers, output, from, explain, ...rest } = options;
      const started = performance.now();
      const first = dayFromText(from);
      const played = playMonth({ ...rest, customers, days, first });
      const { rules, families } = scoreRules(played.truths, played.alerts);
      const wrong = falseRate(rules, played.customers, days);
      const about = {
        ...{ customers: played.customers, days, events: played.events },
        ...{ records: played.records, truths: played.truths.length },
        seconds: Math.round((performance.now() - started) / 1000),
      };
      if (explain !== undefined) {
        process.stdout.write(listMisses(played, explain));
        return;
      }
      if (output === "json") {
        const all = { ...about, ...wrong, rules, families };
        process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
        return;
      }
      const rate = wrong.perCustomerAndMonth;
      process.stdout.write(
        `${scoreTable(rules)}\n${scoreTable(families)}\nfalse alerts per customer and month: ${rate.toFixed(3)} (bar ${String(bars.falseRate)})${rate > bars.falseRate ? " missed" : ""}\n${String(about.customers)} customers, ${String(about.days)} days, ${String(about.events)} events, ${String(about.records)} records folded, ${String(about.truths)} truths, ${String(about.seconds)} s\n`,
      );
    },
  );

await command.parseAsync(process.argv.slice(2), { from: "user" });
