/** The cash forecast as people and pages read it. Days are `YYYY-MM-DD`. */

/** Money of one currency, decimal strings. */
export interface CashBandView {
  readonly expected: string;
  readonly p10: string;
  readonly p50: string;
  readonly p90: string;
}

export interface CashStepView extends CashBandView {
  readonly from: string;
  readonly to: string;
}

/** Expected cash of all customers. */
export interface ForecastView {
  readonly from: string;
  readonly to: string;
  readonly step: "day" | "week";
  readonly currency: string;
  /** The day it was made for. */
  readonly asOf: string;
  readonly rulesetVersion: number;
  /** When it was computed, and for how long it is answered again. */
  readonly computedAt: string;
  readonly maxAgeS: number;
  readonly customers: number;
  readonly items: number;
  /** Items drawn one by one; the others count as expected in every draw. */
  readonly itemsDrawn: number;
  readonly draws: number;
  /** True when there were more customers than are read. */
  readonly partial: boolean;
  /** Open receivables, and what of them is expected never to be paid. */
  readonly open: string;
  readonly never: string;
  readonly total: CashBandView;
  readonly steps: readonly CashStepView[];
}

export interface LateFactorView {
  readonly input: string;
  readonly textZh: string;
  readonly textEn: string;
}

/** One open item, or instalment of one. */
export interface ItemForecastView {
  readonly invoiceId: string;
  /** In the item's own currency. */
  readonly open: string;
  readonly currency: string;
  readonly dueDate: string;
  readonly daysPastDue: number;
  /** Median day, and the days with 10 % and 90 % behind them. */
  readonly expectedDate: string | null;
  readonly earliestDate: string | null;
  readonly latestDate: string | null;
  /** Chances, 0-1. */
  readonly paid: number;
  readonly late1: number;
  readonly late5: number;
  readonly late15: number;
  readonly factors: readonly LateFactorView[];
}

export interface CustomerForecastView {
  readonly customerId: string;
  readonly currency: string;
  readonly asOf: string;
  readonly rulesetVersion: number;
  /** Expected cash of the next 14 days (`pay_expected_14d`). */
  readonly payExpected14d: string;
  /** Usual days beyond terms and their spread, and how many it rests on. */
  readonly usualDelay: number;
  readonly delaySpread: number;
  readonly delayN: number;
  /** At most `itemsShown`, the largest; `itemsTotal` of them there are. */
  readonly items: readonly ItemForecastView[];
  readonly itemsTotal: number;
  readonly weeks: readonly CashStepView[];
}
