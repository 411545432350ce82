/** What the rule set says of the forecast (domain C8): checked data. */

import type { LateModel } from "./late-model.ts";

/** Share of invoices paid not later than a day beyond terms; rising. */
export type DelayKnots = readonly (readonly [day: number, share: number])[];

export interface ForecastRules {
  /** k of C8: weight of the segment's delays against a customer's own. */
  readonly shrink: number;
  /** Days a dispute takes; an item in dispute is paid that much later. */
  readonly disputeDays: number;
  /** Prior of "a promise is kept": its weight and its mean. */
  readonly promise: { readonly shrink: number; readonly kept: number };
  /** Chance that an item of a draw takes its customer's common quantile. */
  readonly common: number;
  /** Delays of the segments named here, and of all others. */
  readonly delays: DelayKnots;
  readonly segmentDelays: Readonly<Record<string, DelayKnots>>;
  readonly late: LateModel;
}
