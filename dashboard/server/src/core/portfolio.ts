/** The wall's portfolio rows from sums and list rows. Pure. */
import type {
  CustomerRow,
  PortfolioRows,
  PortfolioTotals,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { TotalField } from "@riskwall/schemas/names";
import { topRows } from "./directory.ts";

const rankMax = 10;
const mapMax = 400;

function ratio(a: number, b: number): string {
  return b === 0 ? "0.0000" : (a / b).toFixed(4);
}

export function portfolioTotals(
  t: Readonly<Record<TotalField, number>>,
  alerts24h: number,
  currency: string,
  watermarkMs: number,
): PortfolioTotals {
  const money = (minor: number): string => formatMinor(minor, currency);
  const of = (
    customers: number,
    exposure: number,
  ): { customers: number; exposure: string } => ({
    customers,
    exposure: money(exposure),
  });
  return {
    customers: t.customers,
    currency,
    exposure: money(t.exposure),
    receivables: money(t.receivables),
    openOrders: money(t.openOrders),
    overdue: money(t.overdue),
    overdueRate: ratio(t.overdue, t.receivables),
    expectedLoss: money(t.expectedLoss),
    limit: money(t.limit),
    utilisation: ratio(t.limitedExposure, t.limit),
    ageing: {
      notDue: money(t.age0),
      d1to30: money(t.age1),
      d31to60: money(t.age31),
      d61to90: money(t.age61),
      over90: money(t.age91),
    },
    byClass: {
      A: of(t.classA, t.exposureA),
      B: of(t.classB, t.exposureB),
      C: of(t.classC, t.exposureC),
      D: of(t.classD, t.exposureD),
      E: of(t.classE, t.exposureE),
    },
    highRisk: t.classD + t.classE,
    openAlerts: {
      info: t.alertInfo,
      low: t.alertLow,
      medium: t.alertMedium,
      high: t.alertHigh,
      critical: t.alertCritical,
    },
    alerts24h,
    loading: t.loading,
    watermark: new Date(watermarkMs).toISOString(),
  };
}

/** Rankings and the risk map. */
export function rankings(
  rows: readonly CustomerRow[],
): Pick<PortfolioRows, "riskiest" | "utilisation" | "map"> {
  const mapped = topRows(rows, (row) => Number(row.exposure), mapMax);
  return {
    riskiest: topRows(rows, (row) => -row.score, rankMax),
    utilisation: topRows(rows, (row) => Number(row.utilisation ?? 0), rankMax),
    map: mapped.map((row) => [
      row.customerId,
      row.name,
      Number(row.utilisation ?? 0),
      Number(row.pd),
      Number(row.exposure),
      row.class,
    ]),
  };
}
