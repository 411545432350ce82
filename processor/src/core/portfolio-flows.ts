/**
 * What a partition counts for the rules of the whole portfolio, for ever:
 * invoices settled and late, and how scores turned out (C5). A portfolio record
 * carries the sums; the rules look at their growth.
 */
import { isCustomer } from "@riskwall/schemas/names";
import type { Customer } from "./customer.ts";
import type { Flows } from "./groups.ts";
import type { RuleSet } from "./rule-set.ts";
import { scoreBin, scoreBins } from "./score-bins.ts";

/** Worst days past due that still is a good outcome; between it and bad: neither. */
const goodDaysMax = 30;

/** Counts what a touch of a live customer added. */
export function countFlows(
  customer: Customer,
  flows: Flows,
  rules: RuleSet,
): void {
  const { state, delayRing, countedDelays } = customer;
  if (!isCustomer(state.id)) return;
  if (delayRing !== countedDelays) {
    customer.countedDelays = delayRing;
    if (state.loading === null) {
      const known = new Set(countedDelays);
      for (const mark of delayRing) {
        if (known.has(mark)) continue;
        flows.settled += 1;
        if (mark.dbt > rules.graceDays) flows.settledLate += 1;
      }
    }
  }
  if (state.loading === null && state.score > 0) {
    awaitOutcome(customer, flows, rules);
  }
}

/**
 * One score of a customer at a time waits for its outcome: bad at 60 days past
 * due within 180 days, good up to 30 (C3.1). Who is bad already is not asked.
 */
function awaitOutcome({ state }: Customer, flows: Flows, rules: RuleSet): void {
  const { badDays, windowDays } = rules.rules.mdl02;
  const { observed, day, score } = state;
  const { dpdMax } = state.summary;
  if (observed === null) {
    if (dpdMax < badDays) state.observed = { day, score, worst: 0 };
    return;
  }
  if (dpdMax > observed.worst) observed.worst = dpdMax;
  if (day - observed.day < windowDays) return;
  const isBad = observed.worst >= badDays;
  if (isBad || observed.worst <= goodDaysMax) {
    const bin = scoreBin(observed.score);
    flows.labels = added(flows.labels, bin);
    if (isBad) flows.bad = added(flows.bad, bin);
  }
  state.observed = null;
}

function added(counts: readonly number[], bin: number): number[] {
  const next = Array.from({ length: scoreBins }, (_, i) => counts[i] ?? 0);
  next[bin] = (next[bin] ?? 0) + 1;
  return next;
}
