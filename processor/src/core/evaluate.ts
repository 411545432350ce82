/** Measures and scores a customer, and asks every rule on its state. Pure. */
import { countAlerts, raise, reviewAlerts } from "./alerts.ts";
import type { Customer } from "./customer.ts";
import { recheckHolds } from "./decide.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import { measureExposure, type Exposure } from "./exposure.ts";
import { forecastGauges } from "./forecast/forecast-rules.ts";
import { unstableScore } from "./profile-rules.ts";
import { rescore, type Rescored } from "./scoring.ts";
import { customerProposal, followProposal } from "./limit-book.ts";
import { askReview, planReview } from "./limit-review.ts";
import { checkGauges, classDowngrade, scoreDrop } from "./state-rules.ts";
import { addToTile } from "./tiles.ts";
import { refreshWake } from "./wake.ts";

/** Measures, scores, applies the state's rules, and plans the next wake. */
export function evaluate(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  const exposure = measureExposure(customer, moment);
  noteExposure(customer, exposure, moment);
  const ruled = state.rulesetVersion !== moment.env.rules.version;
  const rescored = rescore(customer, exposure, moment, emitter);
  const { features, move, scored } = rescored;
  const sold = state.summary.receivables !== exposure.receivables;
  summarise(customer, exposure, scored.pd, moment);
  if (state.loading === null) {
    planReview(customer, moment);
    const gauges = checkGauges(customer, exposure, moment);
    const foretold = forecastGauges(customer, exposure, features, moment);
    const holding = new Set([...gauges.holding, ...foretold.holding]);
    const findings = [
      ...gauges.findings,
      ...foretold.findings,
      ...(move === null
        ? []
        : [
            scoreDrop(move, customer, moment),
            unstableScore(customer, moment),
            classDowngrade(move, customer, moment),
          ]),
    ];
    for (const finding of findings) {
      if (finding) raise(customer, finding, exposure, moment, emitter);
    }
    reviewAlerts(customer, holding, moment, emitter);
    askReview(customer, moment);
    const isNewDay = state.limits?.proposalDay !== moment.today;
    if (sold || ruled || isNewDay || move !== null) {
      const changed = propose(customer, exposure, rescored, moment, emitter);
      if (changed) return;
    }
  }
  state.summary.alerts = countAlerts(customer);
  state.asOf = moment.now;
  refreshWake(customer, moment.env);
}

/**
 * Proposes a limit; true when the rails took it over, held orders were checked
 * and the customer was evaluated again (once: one automatic change a day).
 */
function propose(
  customer: Customer,
  exposure: Exposure,
  { features, scored }: Rescored,
  moment: Moment,
  emitter: Emitter,
): boolean {
  const seen = { exposure, features, pd: scored.pd };
  const proposal = customerProposal(customer, seen, moment);
  const { dpdMax } = exposure;
  const followed = followProposal(customer, proposal, dpdMax, moment, emitter);
  if (!followed.changed) return false;
  recheckHolds(customer, "L02", false, moment, emitter);
  evaluate(customer, moment, emitter);
  return true;
}

function noteExposure(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): void {
  const { limit, utilisation, receivables, overdue } = exposure;
  const mark = {
    day: moment.today,
    exposure: Math.max(0, exposure.total),
    utilisation:
      limit === null || utilisation === null
        ? -1
        : Math.min(9999, Math.round(utilisation * 1000)),
    overdueShare:
      receivables === 0 ? 0 : Math.round((overdue * 1000) / receivables),
  };
  const list = customer.exposureDays;
  const last = list.at(-1);
  if (last && last.day >= mark.day) {
    list[list.length - 1] = { ...mark, day: last.day };
  } else if (
    !last ||
    last.exposure !== mark.exposure ||
    last.utilisation !== mark.utilisation ||
    last.overdueShare !== mark.overdueShare
  ) {
    list.push(mark);
  }
  if (exposure.dpdMax > 0) {
    addToTile(
      customer.tiles,
      moment.today,
      moment.today,
      "dpdMax",
      exposure.dpdMax,
    );
  }
}

function summarise(
  customer: Customer,
  exposure: Exposure,
  pd: number,
  moment: Moment,
): void {
  const { lgd, ccf } = moment.env.rules.loss;
  const { limit, total } = exposure;
  // Without a limit nothing more can be drawn, whatever we owe the customer.
  const unused = limit === null ? 0 : Math.max(0, limit - total);
  // Loss is on the uncovered part (C1).
  const drawn = Math.max(0, exposure.total) + ccf * unused;
  const atDefault = Math.max(0, drawn - exposure.limitCover);
  const [age0, age1, age31, age61, age91] = exposure.ageing;
  customer.state.summary = {
    exposure: exposure.total,
    receivables: exposure.receivables,
    openOrders: exposure.openOrders,
    unallocated: exposure.unallocated,
    overdue: exposure.overdue,
    age0,
    age1,
    age31,
    age61,
    age91,
    dpdMax: exposure.dpdMax,
    limit: exposure.limit ?? -1,
    expectedLoss: Math.round(pd * lgd * atDefault),
    alerts: customer.state.summary.alerts,
  };
}
