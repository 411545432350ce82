/** A limit proposal as JSON for people: money as decimals, PD with its digits. */
import type { LimitProposalView } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { LimitProposal } from "./limit-proposal.ts";
import { pdText } from "./scorecard.ts";

const round = (n: number): number => Math.round(n * 10_000) / 10_000;

/** The whole arithmetic of C9 in the order of the formula. */
export function proposalView(
  item: LimitProposal,
  currency: string,
): LimitProposalView {
  const money = (minor: number): string => formatMinor(minor, currency);
  return {
    amount: money(item.amount),
    bound: item.bound,
    class: item.class,
    sales180d: money(item.sales),
    salesByMonth: item.months.map(money),
    termsDays: item.termsDays,
    expectedDbt: item.expectedDbt === null ? null : round(item.expectedDbt),
    cycleDays: round(item.cycleDays),
    peak: round(item.peak),
    need: money(item.need),
    multiplier: item.multiplier,
    weightedNeed: money(item.weightedNeed),
    capacity: item.capacity,
    lossBudget: money(item.lossBudget),
    pd: pdText(item.pd),
    lgd: item.lgd,
    risk: money(item.risk),
    starter: item.starter === null ? null : money(item.starter),
    beforeStep: money(item.beforeStep),
    step: money(item.step),
    exposure: money(item.exposure),
    noNewOrders: item.noNewOrders,
  };
}
