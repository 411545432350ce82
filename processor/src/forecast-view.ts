/** Forecasts as the JSON that people and the dashboard read. */
import type {
  CashBandView,
  CashStepView,
  CustomerForecastView,
  ItemForecastView,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { dayText } from "./core/calendar.ts";
import type { Customer } from "./core/customer.ts";
import type { Env, Moment } from "./core/env.ts";
import { measureExposure } from "./core/exposure.ts";
import { computeFeatures } from "./core/features.ts";
import { cashSteps } from "./core/forecast/cash-steps.ts";
import {
  createCashSum,
  type CashBand,
  type CashForecast,
} from "./core/forecast/cash-sum.ts";
import {
  expectedCash,
  forecastCustomer,
  type LateForecast,
} from "./core/forecast/customer-forecast.ts";
import { usualHabit } from "./core/forecast/forecast-rules.ts";
import { factorText } from "./core/forecast/late-texts.ts";
import { customerMoment, payExpectedDays } from "./view.ts";

/** Items of one customer that are shown at most. */
export const itemsShown = 200;
const weeksShown = 12;

const round = (chance: number): number => Math.round(chance * 10_000) / 10_000;
const dayOrNull = (day: number | null): string | null =>
  day === null ? null : dayText(day);

function bandView(band: CashBand, currency: string): CashBandView {
  const money = (minor: number): string => formatMinor(minor, currency);
  return {
    ...{ expected: money(band.expected), p10: money(band.p10) },
    ...{ p50: money(band.p50), p90: money(band.p90) },
  };
}

/** Steps and total of a sum, in the reporting currency. */
export function cashView(
  { steps, total }: CashForecast,
  currency: string,
): { readonly total: CashBandView; readonly steps: readonly CashStepView[] } {
  return {
    total: bandView(total, currency),
    steps: steps.map((step) => ({
      ...{ from: dayText(step.from), to: dayText(step.to) },
      ...bandView(step, currency),
    })),
  };
}

/** Forecasts of a customer's open items as it stands. */
export function customerItems(
  customer: Customer,
  moment: Moment,
): LateForecast[] {
  const exposure = measureExposure(customer, moment);
  if (exposure.parts.length === 0) return [];
  const features = computeFeatures(customer, exposure, moment);
  return forecastCustomer(customer, exposure, features, moment);
}

function itemView(item: LateForecast): ItemForecastView {
  const { part, late } = item;
  const { currency } = part.invoice;
  return {
    invoiceId: part.invoice.id,
    open: formatMinor(part.open, currency),
    currency,
    dueDate: dayText(part.due),
    daysPastDue: part.dpd,
    expectedDate: dayOrNull(item.expected),
    earliestDate: dayOrNull(item.earliest),
    latestDate: dayOrNull(item.latest),
    paid: round(item.paid),
    late1: round(late.late1),
    late5: round(late.late5),
    late15: round(late.late15),
    factors: item.factors.map((factor) => {
      const { zh, en } = factorText(factor);
      return { input: factor.input, textZh: zh, textEn: en };
    }),
  };
}

/** What one customer is expected to pay, at `now` (log time, ms). */
export function customerForecastView(
  customer: Customer,
  env: Env,
  now: number,
): CustomerForecastView {
  const { state } = customer;
  const moment = customerMoment(customer, env, state.loading?.clock ?? now);
  const { today } = moment;
  const { currency, forecast, version } = env.rules;
  const { id } = state;
  const items = customerItems(customer, moment);
  const steps = cashSteps(today, today + 7 * weeksShown - 1, "week");
  const sum = createCashSum({ steps, today, common: forecast.common });
  sum.add(id, items);
  const habit = usualHabit(customer, moment);
  const largest = items.toSorted((a, b) => b.part.value - a.part.value);
  return {
    customerId: id,
    currency,
    asOf: dayText(today),
    rulesetVersion: version,
    payExpected14d: formatMinor(expectedCash(items, payExpectedDays), currency),
    usualDelay: round(habit.delay),
    delaySpread: round(habit.spread),
    delayN: habit.n,
    items: largest.slice(0, itemsShown).map(itemView),
    itemsTotal: items.length,
    weeks: cashView(sum.result(), currency).steps,
  };
}
