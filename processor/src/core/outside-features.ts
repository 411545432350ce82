/**
 * Features of what others say and of rare facts that the card reads (domain
 * D3, E2): contract performance, industry risk, write-offs.
 */
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { contractRecord, isGrave } from "./outside-facts.ts";
import { sumTally } from "./tallies.ts";

const yearDays = 365;

export interface OutsideFeatures {
  /** Milestones that fell due in a year, and the share met in time. */
  readonly ctrN: number;
  readonly ctrPerfRate: number | null;
  readonly indRisk: number | null;
  readonly writeOffAmt365d: number;
  /** Open entries of insolvency or court execution. */
  readonly regGraveCnt: number;
}

const nothing: OutsideFeatures = {
  ...{ ctrN: 0, ctrPerfRate: null, indRisk: null },
  ...{ writeOffAmt365d: 0, regGraveCnt: 0 },
};

export function outsideFeatures(
  customer: Customer,
  moment: Moment,
): OutsideFeatures {
  const { tallies, state } = customer;
  const { outside } = state;
  if (outside === null && tallies.length === 0) return nothing;
  const { n, met } = contractRecord(customer, moment);
  return {
    ctrN: n,
    ctrPerfRate: n === 0 ? null : met / n,
    indRisk: outside?.industry?.level ?? null,
    writeOffAmt365d: sumTally(
      tallies,
      moment.today,
      yearDays,
      "writeOffAmount",
    ),
    regGraveCnt: outside?.registers.filter(isGrave).length ?? 0,
  };
}
