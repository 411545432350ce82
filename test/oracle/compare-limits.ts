/**
 * Dates of limits (D3) and the proposal (domain C9), written from the domain:
 * credit sales of 180 days, the cycle, the peak, the class, the loss budget.
 */
import type { CustomerState } from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Dossier } from "./chronicle.ts";
import type { Account } from "./compare-ledger.ts";
import { check, type Difference } from "./difference.ts";
import type { Features } from "./features.ts";
import { lineAt, limitsOf } from "./limits.ts";
import { byTime, saidOf } from "./papers.ts";
import { toBase } from "./rates.ts";
import { minorOf, type ClassName } from "./rules.ts";

export const limitFields = ["limitDates", "proposal"] as const;

const classes: readonly ClassName[] = ["A", "B", "C", "D", "E"];
const usualTermsDays = 30;
const salesDays = 180;
const monthDays = 30;
const dayTileDays = 90;

/** What the product shows of the same state. */
export interface ShownLimits {
  readonly limAge: number | null;
  readonly limToExpiry: number | null;
  readonly bound: string;
  /** Minor units before the step. */
  readonly beforeStep: number;
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

function termsOf(dossier: Dossier): number {
  let terms = usualTermsDays;
  for (const { value } of saidOf(byTime(dossier.events), "CustomerUpserted")) {
    terms = value.termsDays ?? terms;
  }
  return terms;
}

interface Proposed {
  readonly bound: string;
  readonly beforeStep: number;
}

function proposalOf(
  dossier: Dossier,
  account: Account,
  own: Features,
  pd: number,
  name: ClassName,
): Proposed {
  const { rules } = account.question;
  const policy = rules.limits;
  const minor = (text: string): number => Number(minorOf(text, rules.currency));
  const factor = policy.multiplier[name];
  if (factor === 0) return { bound: "prepayment", beforeStep: 0 };
  const byRisk = minor(policy.lossBudget) / (pd * rules.loss.lgd);
  const settled = Number(own["histInvN"] ?? 0);
  if (settled < policy.thinInvoices) {
    const starter = minor(policy.starter);
    return byRisk < starter
      ? { bound: "risk", beforeStep: byRisk }
      : { bound: "starter", beforeStep: starter };
  }
  const months = salesOf(account);
  const sales = months.reduce((sum, month) => sum + month, 0);
  const best = Math.max(...months);
  const peak =
    sales === 0 ? 1 : Math.min(policy.peakMax, best / (sales / months.length));
  const late = Math.max(0, Number(own["dbtEwma"] ?? 0));
  const cycle = termsOf(dossier) + late + policy.needDays;
  const byNeed = (sales / salesDays) * cycle * peak * factor;
  return byRisk < byNeed
    ? { bound: "risk", beforeStep: byRisk }
    : { bound: "need", beforeStep: byNeed };
}

/** Rounded down at two steps: two minor units, and the last bits of a float. */
function isNear(own: number, shown: number): boolean {
  return Math.abs(own - shown) <= 2 + own * 1e-9;
}

export function compareLimits(
  found: Difference[],
  dossier: Dossier,
  account: Account,
  state: CustomerState,
  { own, pd }: { readonly own: Features; readonly pd: number },
  shown: ShownLimits,
): void {
  const { rules, today } = account.question;
  const zone = rules.zoneOffsetMinutes;
  const line = lineAt(limitsOf(dossier.events), account.now);
  const isAutomatic = (state.limits?.automaticDay ?? 0) > 0;
  if (!isAutomatic) {
    const age = line && Math.max(0, today - localDay(line.setAt, zone));
    const toEnd = line?.to == null ? null : localDay(line.to, zone) - today;
    check(found, "limitDates", [age, toEnd], [shown.limAge, shown.limToExpiry]);
  }
  const name = classes.find((item) => item === state.class) ?? "C";
  const proposed = proposalOf(dossier, account, own, pd, name);
  const isSame =
    proposed.bound === shown.bound &&
    isNear(proposed.beforeStep, shown.beforeStep) &&
    shown.amount <= shown.beforeStep;
  if (!isSame) check(found, "proposal", proposed, shown);
}
