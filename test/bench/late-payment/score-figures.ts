/**
 * The customer score at month end against "any of what falls due in the next
 * 60 days is at least 5 days late".
 */
import { measureExposure } from "../../../processor/src/core/exposure.ts";
import { computeFeatures } from "../../../processor/src/core/features.ts";
import { forecastCustomer } from "../../../processor/src/core/forecast/customer-forecast.ts";
import type { RuleSet } from "../../../processor/src/core/rule-set.ts";
import { scoreFeatures } from "../../../processor/src/core/scorecard.ts";
import type { Figure } from "../figure.ts";
import { dataEnd, type History, type Outcome } from "./datarisk-records.ts";
import { foldHistory } from "./fold-history.ts";
import { aucOf, type Judged } from "./judge.ts";
import { wasLate } from "./late-rows.ts";
import { monthEnds } from "./month-ends.ts";
import { splitDay } from "./split-day.ts";

const windowDays = 60;
const lateDays = 5;

/** True when any is late, false when none is, null when nothing falls due. */
function anyLate(invoices: readonly Outcome[], day: number): boolean | null {
  const due = invoices.filter(
    (item) =>
      item.due > day &&
      item.due <= day + windowDays &&
      (item.paid === null || item.paid > day),
  );
  if (due.length === 0) return null;
  return due.some((item) => wasLate(item, "late5") === true);
}

export function scoreFigures(history: History, rules: RuleSet): Figure[] {
  const invoices = Map.groupBy(
    history.outcomes.values(),
    (item) => item.customerId,
  );
  const byScore: Judged[] = [];
  const byRatio: Judged[] = [];
  const byModel: Judged[] = [];
  foldHistory(history.records, rules, {
    days: monthEnds(splitDay - 1, dataEnd - windowDays - lateDays),
    seeAll: (customers, moment) => {
      for (const customer of customers) {
        const { id } = customer.state;
        const late = anyLate(invoices.get(id) ?? [], moment.today);
        if (late === null) continue;
        const exposure = measureExposure(customer, moment);
        const features = computeFeatures(customer, exposure, moment);
        const { env } = moment;
        const { score } = scoreFeatures(customer, features, exposure, env);
        const items = forecastCustomer(customer, exposure, features, moment);
        const onTime = items
          .filter((item) => item.part.dpd === 0)
          .reduce((chance, item) => chance * (1 - item.late.late5), 1);
        byScore.push({ score: -score, late });
        byRatio.push({ score: features.lateRatio180d, late });
        byModel.push({ score: 1 - onTime, late });
      }
    },
  });
  const limit = { what: "past late ratio", value: aucOf(byRatio) };
  const samples = byScore.length;
  return [
    {
      name: "score at month end, any of the next 60 days ≥ 5 days late: AUC",
      ...{ value: aucOf(byScore), unit: "", samples },
      target: { atLeast: 0.8 },
      limit,
    },
    {
      name: "the same by the forecast of the open items: AUC",
      ...{ value: aucOf(byModel), unit: "", samples, limit },
    },
  ];
}
