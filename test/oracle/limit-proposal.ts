/** The limit that is proposed (domain C9), written from the domain. */
import type { Account } from "./account.ts";
import type { Dossier } from "./chronicle.ts";
import type { Features } from "./features.ts";
import { toBase } from "./rates.ts";
import { minorOf, type ClassName } from "./rules.ts";
import { termsDaysOf } from "./terms.ts";

const salesDays = 180;
const monthDays = 30;
const dayTileDays = 90;

export interface Proposed {
  readonly bound: string;
  /** Whole minor units before the step. */
  readonly beforeStep: number;
  readonly step: number;
  readonly amount: number;
}

/** First day of the last so many days, as windows of sums begin (C12). */
function firstDay(days: number, today: number): number {
  const first = today - days + 1;
  return days > dayTileDays ? Math.floor(first / 10) * 10 : first;
}

/** Credit sales by 30 days, newest first, at the rate of the day they came. */
function salesOf({ papers, question }: Account): number[] {
  const { today } = question;
  const invoices = [...papers.invoices.values()].map(({ value, at }) => ({
    day: value.issueDate,
    worth: Number(toBase(BigInt(value.amount), value.currency, at.rates) ?? 0n),
  }));
  const since = (first: number): number =>
    invoices
      .filter(({ day }) => day >= first)
      .reduce((sum, { worth }) => sum + worth, 0);
  const upTo: number[] = [];
  for (let days = monthDays; days <= salesDays; days += monthDays) {
    upTo.push(since(firstDay(days, today)));
  }
  return upTo.map((sum, i) => sum - (upTo[i - 1] ?? 0));
}

/** min(need × class, loss budget), or the starter limit of a thin file. */
function boundOf(
  dossier: Dossier,
  account: Account,
  own: Features,
  pd: number,
  name: ClassName,
): readonly [string, number] {
  const { rules } = account.question;
  const policy = rules.limits;
  const minor = (text: string): number => Number(minorOf(text, rules.currency));
  const factor = policy.multiplier[name];
  if (factor === 0) return ["prepayment", 0];
  const byRisk = Math.floor(minor(policy.lossBudget) / (pd * rules.loss.lgd));
  const settled = Number(own["histInvN"] ?? 0);
  if (settled < policy.thinInvoices) {
    const starter = minor(policy.starter);
    return byRisk < starter ? ["risk", byRisk] : ["starter", starter];
  }
  const months = salesOf(account);
  const sales = months.reduce((sum, month) => sum + month, 0);
  const mean = sales / months.length;
  const peak =
    sales === 0 ? 1 : Math.min(policy.peakMax, Math.max(...months) / mean);
  const late = Math.max(0, Number(own["dbtEwma"] ?? 0));
  const cycle = termsDaysOf(dossier.events) + late + policy.needDays;
  const need = Math.floor((sales / salesDays) * cycle * peak);
  const byNeed = Math.floor(need * factor);
  return byRisk < byNeed ? ["risk", byRisk] : ["need", byNeed];
}

export function proposalOf(
  dossier: Dossier,
  account: Account,
  own: Features,
  pd: number,
  name: ClassName,
): Proposed {
  const [bound, beforeStep] = boundOf(dossier, account, own, pd, name);
  const { rules } = account.question;
  const { small, large, largeFrom } = rules.limits.step;
  const minor = (text: string): number => Number(minorOf(text, rules.currency));
  const step = beforeStep < minor(largeFrom) ? minor(small) : minor(large);
  const amount = Math.floor(beforeStep / step) * step;
  return { bound, beforeStep, step, amount };
}
