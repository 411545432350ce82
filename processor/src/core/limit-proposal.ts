/**
 * Credit limit proposal (domain C9) with its whole arithmetic, so that a credit
 * manager can check every step. Money is minor units of the reporting currency,
 * rounded down at each step; a proposal never says that debt went away.
 */
import type { RiskClass } from "@riskwall/schemas";
import type { RuleSet } from "./rule-set.ts";
import { tileFields, type Tiles } from "./tiles.ts";

/** What decided the amount: the smallest of what is known. */
export type LimitBound =
  "need" | "capacity" | "risk" | "starter" | "prepayment";

/** What the formula reads of a customer. */
export interface LimitInputs {
  readonly class: RiskClass;
  /** Probability of default as scaled, 0-1. */
  readonly pd: number;
  /** Gross credit sales of six times 30 days, newest first, minor units. */
  readonly months: readonly number[];
  readonly termsDays: number;
  /** Days beyond terms that are usual; null = too little known. */
  readonly expectedDbt: number | null;
  /** Fewer settled invoices than a file needs (E1, cold start). */
  readonly thinFile: boolean;
  /** Exposure now, minor units. */
  readonly exposure: number;
}

export interface LimitProposal extends LimitInputs {
  /** Σ `months`. */
  readonly sales: number;
  /** Terms + days beyond terms + the rule set's extra days. */
  readonly cycleDays: number;
  /** Best 30 days / mean of 30 days, capped. */
  readonly peak: number;
  /** Daily sales × cycle × peak. */
  readonly need: number;
  readonly multiplier: number;
  /** `need` × class multiplier. */
  readonly weightedNeed: number;
  /** Financial statements are not among the events: not known. */
  readonly capacity: null;
  readonly lossBudget: number;
  readonly lgd: number;
  /** Loss budget / (PD × LGD). */
  readonly risk: number;
  /** Limit of a thin file; null once there is enough history. */
  readonly starter: number | null;
  readonly bound: LimitBound;
  readonly beforeStep: number;
  readonly step: number;
  /** The proposal, a multiple of `step`. */
  readonly amount: number;
  /** The proposal is below what the customer owes: nothing more on credit. */
  readonly noNewOrders: boolean;
}

const monthDays = 30;
const monthCount = 6;
/** Months that end within the day tiles. */
const dailyMonths = 3;
const invoiced = tileFields.indexOf("invoiced");

/**
 * Credit sales of the last six times 30 days, newest first. Beyond 90 days a
 * month begins with the ten-day tile of its first day (C12), as `sumWindows`
 * has it; one field in one pass, because it is asked for at every invoice.
 */
export function salesByMonth(tiles: Tiles, today: number): number[] {
  const months = new Array<number>(monthCount).fill(0);
  const add = (month: number, values: readonly number[]): void => {
    months[month] = (months[month] ?? 0) + (values[invoiced] ?? 0);
  };
  for (const { at, values } of tiles.days) {
    const month = Math.max(0, Math.floor((today - at) / monthDays));
    if (month < monthCount) add(month, values);
  }
  for (const { at, values } of tiles.tens) {
    for (let month = dailyMonths; month < monthCount; month += 1) {
      const first = today - (month + 1) * monthDays + 1;
      if (at < Math.floor(first / 10)) continue;
      add(month, values);
      break;
    }
  }
  return months;
}

function smallest(
  bounds: readonly (readonly [LimitBound, number])[],
): readonly [LimitBound, number] {
  return bounds.reduce((a, b) => (b[1] < a[1] ? b : a));
}

/** L* = floor_to(min(need × m, capacity if known, risk), step) (C9.4). */
export function proposeLimit(
  inputs: LimitInputs,
  rules: RuleSet,
): LimitProposal {
  const { limits, loss } = rules;
  const { months, termsDays, expectedDbt } = inputs;
  const sales = months.reduce((a, b) => a + b, 0);
  const mean = sales / months.length;
  const peak =
    sales === 0 ? 1 : Math.min(limits.peakMax, Math.max(...months) / mean);
  const cycleDays = termsDays + Math.max(0, expectedDbt ?? 0) + limits.needDays;
  const daily = sales / (months.length * monthDays);
  const need = Math.floor(daily * cycleDays * peak);
  const multiplier = limits.multiplier[inputs.class];
  const weightedNeed = Math.floor(need * multiplier);
  const risk = Math.floor(limits.lossBudget / (inputs.pd * loss.lgd));
  const starter = inputs.thinFile ? limits.starter : null;
  const [bound, beforeStep] =
    multiplier === 0
      ? (["prepayment", 0] as const)
      : starter === null
        ? smallest([
            ["need", weightedNeed],
            ["risk", risk],
          ])
        : smallest([
            ["starter", starter],
            ["risk", risk],
          ]);
  const { small, large, largeFrom } = limits.step;
  const step = beforeStep < largeFrom ? small : large;
  const amount = Math.floor(beforeStep / step) * step;
  return {
    ...inputs,
    ...{ sales, cycleDays, peak, need, multiplier, weightedNeed },
    ...{ capacity: null, lossBudget: limits.lossBudget, lgd: loss.lgd, risk },
    ...{ starter, bound, beforeStep, step, amount },
    noNewOrders: amount < inputs.exposure,
  };
}
