/** Integer sums of the partitions as the totals people read. */
import {
  formatMinor,
  type AgeingView,
  type PortfolioTotals,
  type RiskClass,
  type Severity,
} from "@riskwall/schemas";
import { totalFields, type TotalField } from "@riskwall/schemas/names";

/** Sums by field; money in minor units of the reporting currency. */
export type Sums = Readonly<Record<TotalField, number>>;

/** A partition's `totals` hash or a snapshot's map: numbers or digits. */
export type RawSums = Readonly<Record<string, string | number>>;

/** Adds the hashes of all partitions; a missing field is zero. */
export function addSums(parts: readonly RawSums[]): Sums {
  const sum = (field: TotalField): number =>
    parts.reduce((total, part) => total + Number(part[field] ?? 0), 0);
  return Object.fromEntries(
    totalFields.map((field) => [field, sum(field)]),
  ) as Record<TotalField, number>;
}

/** Part of whole as a decimal fraction, four digits; nothing of nothing is 0. */
export function ratioText(part: number, whole: number): string {
  return whole > 0 ? (part / whole).toFixed(4) : "0.0000";
}

export function ageingView(sums: Sums, currency: string): AgeingView {
  const money = (minor: number): string => formatMinor(minor, currency);
  return {
    notDue: money(sums.age0),
    d1to30: money(sums.age1),
    d31to60: money(sums.age31),
    d61to90: money(sums.age61),
    over90: money(sums.age91),
  };
}

const classLetters = ["A", "B", "C", "D", "E"] as const;

export interface TotalsContext {
  readonly currency: string;
  readonly alerts24h: number;
  /** ms */
  readonly watermark: number;
}

export function totalsView(
  sums: Sums,
  context: TotalsContext,
): PortfolioTotals {
  const { currency } = context;
  const money = (minor: number): string => formatMinor(minor, currency);
  const byClass = Object.fromEntries(
    classLetters.map((letter) => [
      letter,
      {
        customers: sums[`class${letter}`],
        exposure: money(sums[`exposure${letter}`]),
      },
    ]),
  ) as Record<RiskClass, { customers: number; exposure: string }>;
  const openAlerts: Record<Severity, number> = {
    info: sums.alertInfo,
    low: sums.alertLow,
    medium: sums.alertMedium,
    high: sums.alertHigh,
    critical: sums.alertCritical,
  };
  return {
    customers: sums.customers,
    currency,
    exposure: money(sums.exposure),
    receivables: money(sums.receivables),
    openOrders: money(sums.openOrders),
    overdue: money(sums.overdue),
    overdueRate: ratioText(sums.overdue, sums.receivables),
    expectedLoss: money(sums.expectedLoss),
    limit: money(sums.limit),
    utilisation: ratioText(sums.limitedExposure, sums.limit),
    ageing: ageingView(sums, currency),
    byClass,
    highRisk: sums.classD + sums.classE,
    openAlerts,
    alerts24h: context.alerts24h,
    loading: sums.loading,
    watermark: new Date(context.watermark).toISOString(),
  };
}
