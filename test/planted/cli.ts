/** `./riskwall simulate month`: planted trouble against a fold without servers. */
import { Command, Option } from "commander";
import { dayFromText } from "../../ingest/src/simulate/life-edit.ts";
import { scoreTable } from "../../ingest/src/simulate/print-score.ts";
import {
  bars,
  falseRate,
  misses,
  scoreRules,
  type RaisedAlert,
  type RuleScore,
} from "../../ingest/src/simulate/score.ts";
import { printVerdict } from "../oracle/print-verdict.ts";
import { playMonth } from "./month.ts";
import { createCrisis, crisisDays } from "../../ingest/src/simulate/crisis.ts";
import type { Truth } from "../../ingest/src/simulate/episodes.ts";
import { createMonth } from "../../ingest/src/simulate/month.ts";

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

interface Options {
  readonly seed: string;
  readonly customers: number;
  readonly years: number;
  readonly from: string;
  readonly days: number;
  readonly perKind: number;
  readonly crises: number;
  readonly output: "table" | "json" | "ndjson";
  readonly explain?: string;
  readonly verify?: true;
}

const crisisCustomers = 400;
/** Two months of minutes would be many; these rules look at days and weeks. */
const crisisPortfolioMs = 15 * 60_000;
const crisisRules = new Set(["EXP-05", "PRT-01", "COL-02", "MDL-01", "MDL-02"]);

/** Rules of the whole portfolio, over crises and calm times of small worlds. */
function scoreCrises(options: Options, first: number): RuleScore[] {
  const truths: Truth[] = [];
  const alerts: RaisedAlert[] = [];
  for (let n = 0; n < 2 * options.crises; n += 1) {
    const isCalm = n % 2 === 1;
    const of = { seed: `${options.seed}-${String(n)}`, years: 1 };
    const month = createCrisis({
      ...{ ...of, customers: crisisCustomers, first, isCalm },
    });
    const played = playMonth(month, {
      ...{ first, days: crisisDays, portfolioEveryMs: crisisPortfolioMs },
    });
    // Each world has a portfolio of its own.
    const customerId = `#portfolio-${String(n)}`;
    truths.push(...month.truths.map((truth) => ({ ...truth, customerId })));
    for (const alert of played.alerts) {
      if (!crisisRules.has(alert.ruleId)) continue;
      alerts.push({ ...alert, customerId });
    }
  }
  return scoreRules(truths, alerts).rules;
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
  .option("--crises <n>", "small worlds in which all pay late", Number, 5)
  .option("--explain <rule>", "list what this rule raised in vain and missed")
  .option(
    "--verify",
    "judge every state by the separately written fold instead",
  )
  .addOption(
    new Option("-o, --output <format>")
      .choices(["table", "json", "ndjson"])
      .default("table"),
  )
  .action((options: Options) => {
    const started = performance.now();
    const { days, customers, output, explain, seed, years } = options;
    const first = dayFromText(options.from);
    const of = { seed, years, customers, first };
    const month = createMonth({ ...of, days, perKind: options.perKind });
    const keepLog = options.verify === true;
    const played = playMonth(month, { first, days, keepLog });
    if (played.verdict !== null) {
      printVerdict(played.verdict, output, null);
      process.exitCode = played.verdict.differing.size > 0 ? 1 : 0;
      return;
    }
    if (explain !== undefined) {
      process.stdout.write(listMisses(played, explain));
      return;
    }
    const { rules, families } = scoreRules(played.truths, played.alerts);
    const crises = scoreCrises(options, first);
    const wrong = falseRate([...rules], played.customers, days);
    const about = {
      ...{ customers, days, events: played.events, records: played.records },
      ...{ truths: played.truths.length, crises: options.crises },
      seconds: Math.round((performance.now() - started) / 1000),
    };
    if (output !== "table") {
      const all = { ...about, ...wrong, rules, families, crises };
      process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
      return;
    }
    const rate = wrong.perCustomerAndMonth;
    const missed = rate > bars.falseRate ? ", missed" : "";
    process.stdout.write(
      [
        `${scoreTable(rules)}\n${scoreTable(families)}\n`,
        `${String(options.crises)} crises and as many calm times, the portfolio alone:\n`,
        `${scoreTable(crises)}\n`,
        `false alerts that somebody is told of, per customer and month: ${rate.toFixed(3)} (bar ${String(bars.falseRate)}${missed})\n`,
        `${String(customers)} customers, ${String(days)} days, ${String(about.events)} events, ${String(about.records)} records folded, ${String(about.truths)} truths, ${String(about.seconds)} s\n`,
      ].join(""),
    );
  });

await command.parseAsync(process.argv.slice(2), { from: "user" });
