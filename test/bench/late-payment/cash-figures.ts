/** Cash by week against what came in (domain C8): error and cover of the band. */
import { measureExposure } from "../../../processor/src/core/exposure.ts";
import { computeFeatures } from "../../../processor/src/core/features.ts";
import { cashSteps } from "../../../processor/src/core/forecast/cash-steps.ts";
import { createCashSum } from "../../../processor/src/core/forecast/cash-sum.ts";
import { forecastCustomer } from "../../../processor/src/core/forecast/customer-forecast.ts";
import type { RuleSet } from "../../../processor/src/core/rule-set.ts";
import type { Figure } from "../figure.ts";
import { dataEnd, type History } from "./datarisk-records.ts";
import { foldHistory } from "./fold-history.ts";
import { meanOf } from "./judge.ts";
import { monthEnds } from "./month-ends.ts";
import { splitDay } from "./split-day.ts";

const weeks = 6;

interface Week {
  readonly expected: number;
  readonly naive: number;
  readonly real: number;
  readonly covered: boolean;
}

export function cashFigures(history: History, rules: RuleSet): Figure[] {
  const seen: Week[] = [];
  const ends = monthEnds(splitDay - 1, dataEnd - 7 * weeks);
  foldHistory(history.records, rules, {
    // Every second month: the weeks of two forecasts then seldom overlap.
    days: ends.filter((_, i) => i % 2 === 0),
    seeAll: (customers, moment) => {
      // What is paid on the day itself is known already.
      const today = moment.today + 1;
      const steps = cashSteps(today, today + 7 * weeks - 1, "week");
      const { common } = rules.forecast;
      const cash = createCashSum({ steps, today: moment.today, common });
      const real = steps.map(() => 0);
      const naive = steps.map(() => 0);
      const add = (sums: number[], day: number, value: number): void => {
        const at = steps.findIndex((s) => s.from <= day && day <= s.to);
        if (at >= 0) sums[at] = (sums[at] ?? 0) + value;
      };
      for (const customer of customers) {
        const exposure = measureExposure(customer, moment);
        const features = computeFeatures(customer, exposure, moment);
        const items = forecastCustomer(customer, exposure, features, moment);
        cash.add(customer.state.id, items);
        for (const { part } of items) {
          const paid = history.outcomes.get(part.invoice.id)?.paid ?? null;
          if (paid !== null) add(real, paid, part.value);
          add(naive, part.due, part.value);
        }
      }
      cash.result().steps.forEach((step, i) => {
        const value = real[i] ?? 0;
        const covered = step.p10 <= value && value <= step.p90;
        const { expected } = step;
        seen.push({ expected, naive: naive[i] ?? 0, real: value, covered });
      });
    },
  });
  const total = seen.reduce((sum, week) => sum + week.real, 0);
  const wape = (of: (week: Week) => number): number =>
    seen.reduce((sum, week) => sum + Math.abs(of(week) - week.real), 0) / total;
  const samples = seen.length;
  return [
    {
      name: "cash by week of what is open: WAPE",
      ...{ value: 100 * wape((week) => week.expected), unit: "%", samples },
      limit: { what: "% by due day", value: 100 * wape((week) => week.naive) },
    },
    {
      name: "weeks inside the 80 % band",
      value: 100 * meanOf(seen.map((week) => (week.covered ? 1 : 0))),
      ...{ unit: "%", samples },
    },
  ];
}
