/**
 * One row per invoice as it stands right after it was issued: the inputs of
 * the model, what the product forecasts, the naive baselines, and, kept apart,
 * what became of it.
 */
import { measureExposure } from "../../../processor/src/core/exposure.ts";
import { computeFeatures } from "../../../processor/src/core/features.ts";
import { forecastCustomer } from "../../../processor/src/core/forecast/customer-forecast.ts";
import {
  createItemValues,
  customerValues,
  type LateValues,
} from "../../../processor/src/core/forecast/late-inputs.ts";
import type {
  LateChances,
  LateOutcome,
} from "../../../processor/src/core/forecast/late-model.ts";
import type { RuleSet } from "../../../processor/src/core/rule-set.ts";
import { dataEnd, type History, type Outcome } from "./datarisk-records.ts";
import { foldHistory, type Folded } from "./fold-history.ts";

/** Weight of the portfolio against a customer's own mean delay (C7). */
const meanShrink = 5;

/** What is known at issue. */
export interface LateRow {
  readonly invoiceId: string;
  readonly values: LateValues;
  readonly chances: LateChances;
  /** Median day of the forecast; null = never. */
  readonly expected: number | null;
  /** Past late ratio, shrunken: the naive score. */
  readonly lateRatio: number;
  /** Days beyond terms by the customer's EWMA; null without a history. */
  readonly ewma: number | null;
  /** Sum and number of the last delays. */
  readonly delaySum: number;
  readonly delayCount: number;
}

/** The row of the invoice just issued; null when it is settled already. */
export function lateRow(folded: Folded): LateRow | null {
  const { item, customer, moment } = folded;
  if (item.record.name !== "InvoiceIssued") return null;
  const { invoiceId } = item.record.value;
  const exposure = measureExposure(customer, moment);
  const at = exposure.parts.findIndex((part) => part.invoice.id === invoiceId);
  const part = exposure.parts[at];
  if (!part) return null;
  const features = computeFeatures(customer, exposure, moment);
  const forecast = forecastCustomer(customer, exposure, features, moment)[at];
  if (!forecast) return null;
  const ofItem = createItemValues(customer, exposure, features, moment);
  const delays = customer.delayRing.map((mark) => mark.dbt);
  return {
    invoiceId,
    values: { ...customerValues(customer, features, moment), ...ofItem(part) },
    chances: forecast.late,
    expected: forecast.expected,
    lateRatio: features.lateRatio180d,
    ewma: features.dbtEwma,
    delaySum: delays.reduce((sum, dbt) => sum + dbt, 0),
    delayCount: delays.length,
  };
}

/** Mean delay of a customer, shrunken to the portfolio's. */
export function shrunkenMean(row: LateRow, portfolio: number): number {
  return (
    (row.delaySum + meanShrink * portfolio) / (row.delayCount + meanShrink)
  );
}

/** Rows of all invoices, in log order. */
export function lateRows(
  history: Pick<History, "records">,
  rules: RuleSet,
): LateRow[] {
  const rows: LateRow[] = [];
  foldHistory(history.records, rules, {
    see: (folded) => {
      const row = lateRow(folded);
      if (row !== null) rows.push(row);
    },
  });
  return rows;
}

/** Days after the due day that make each outcome. */
const daysOf: Readonly<Record<LateOutcome, number>> = {
  late1: 1,
  late5: 5,
  late15: 16,
};

/**
 * Whether an invoice was late, as known at the end of a day; null while that
 * cannot be known. An unpaid one is late from its day on (F-14); one paid early
 * counts from that same day, or the early ones would be too many.
 */
export function wasLate(
  outcome: Outcome,
  what: LateOutcome,
  knownOn: number = dataEnd,
): boolean | null {
  const day = outcome.due + daysOf[what];
  if (day > knownOn) return null;
  return outcome.paid === null || outcome.paid >= day;
}
