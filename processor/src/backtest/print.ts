/** A backtest as a table or as JSON. */
import Table from "cli-table3";
import { ruleTexts } from "../core/texts.ts";
import type { Backtest } from "./backtest.ts";
import type { RuleDifference, SideView } from "./compare.ts";

const names: Readonly<Record<string, { name: { zh: string; en: string } }>> =
  ruleTexts;

/** Customers of which examples are printed, per rule and kind. */
const shownMax = 2;

function cell(before: number, after: number): string {
  if (before === after) return String(before);
  const sign = after > before ? "+" : "−";
  return `${String(before)} → ${String(after)} (${sign}${String(Math.abs(after - before))})`;
}

const grave = ({ bySeverity }: SideView): number =>
  (bySeverity["high"] ?? 0) + (bySeverity["critical"] ?? 0);

function examples({ ruleId, examples: of }: RuleDifference): string[] {
  const lines = (sign: string, list: typeof of.appeared): string[] =>
    list
      .slice(0, shownMax)
      .map(
        (item) =>
          `  ${sign} ${ruleId} ${item.customerId} ${new Date(item.openedAt).toISOString()} ${item.severity}: ${item.titleEn}`,
      );
  return [...lines("+", of.appeared), ...lines("−", of.vanished)];
}

function decisions(of: Backtest["decisions"]): string {
  const outcomes = new Set([
    ...Object.keys(of.before),
    ...Object.keys(of.after),
  ]);
  const parts = [...outcomes]
    .sort()
    .map(
      (name) => `${name} ${cell(of.before[name] ?? 0, of.after[name] ?? 0)}`,
    );
  return parts.length === 0 ? "none" : parts.join(", ");
}

export function printBacktest(result: Backtest, output: string): string {
  if (output === "ndjson") return `${JSON.stringify(result)}\n`;
  if (output === "json") return `${JSON.stringify(result, null, 2)}\n`;
  const table = new Table({
    head: [
      "rule",
      "name",
      "alerts",
      "told",
      "high+",
      "customers",
      "new",
      "gone",
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const rule of result.rules) {
    const { before, after } = rule;
    table.push([
      rule.ruleId,
      names[rule.ruleId]?.name.en ?? "",
      cell(before.raised, after.raised),
      cell(before.told, after.told),
      cell(grave(before), grave(after)),
      cell(before.customers, after.customers),
      String(rule.appeared),
      String(rule.vanished),
    ]);
  }
  const lines = [
    table.toString(),
    `orders: ${decisions(result.decisions)}`,
    `${String(result.records)} records, ${String(result.customers)} customers, ${String(result.touched)} with other alerts`,
    ...result.rules.flatMap(examples),
  ];
  return `${lines.join("\n")}\n`;
}
