/**
 * The subject `#portfolio` of partition 0: it has alerts like a customer, but
 * neither score nor ledger. Folded with every portfolio record.
 */
import type { OperatorAction, Portfolio } from "@riskwall/schemas";
import { countAlerts, isActive, raise, reviewAlerts } from "./alerts.ts";
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { RecordPosition, StepOutcome } from "./customer-step.ts";
import type { Emitter } from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import { measureExposure } from "./exposure.ts";
import { settleRaised } from "./hygiene.ts";
import { isRepeat, remember } from "./identity.ts";
import { operate } from "./operate.ts";
import { watchSources, type SourceWatch } from "./source-watch.ts";

function momentOf(env: Env, at: RecordPosition): Moment {
  return {
    ...{ env, now: at.logTime, appendedAt: at.appendedAt, muted: false },
    today: localDay(at.logTime, env.rules.zoneOffsetMinutes),
    ...{ cause: [], eventTime: at.logTime, corrected: false },
  };
}

/** Judges a portfolio record; what no longer holds ends. */
export function foldPortfolio(
  customer: Customer,
  record: Portfolio,
  watch: SourceWatch,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): void {
  const moment = momentOf(env, at);
  const found = watchSources(watch, record, moment.now, env.rules);
  const exposure = measureExposure(customer, moment);
  customer.state.name = "组合 / Portfolio";
  for (const finding of found.findings) {
    raise(customer, finding, exposure, moment, emitter);
  }
  reviewAlerts(customer, found.holding, moment, emitter);
  settleRaised(customer, emitter);
  customer.state.summary.alerts = countAlerts(customer);
  customer.state.asOf = moment.now;
}

/** What people do about an alert of the portfolio. */
export function actOnPortfolio(
  customer: Customer,
  event: OperatorAction,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome {
  if (isRepeat(customer, event.source, event.eventId)) return "duplicate";
  const moment = momentOf(env, at);
  remember(customer, { ...event, time: at.appendedAt }, at.logTime);
  operate(customer, event, moment, emitter);
  // Between two records nothing is judged anew: what is open stays so.
  const open = customer.state.alerts.filter(isActive);
  const holding = new Set(open.map(({ ruleId, ref }) => `${ruleId}|${ref}`));
  reviewAlerts(customer, holding, moment, emitter);
  settleRaised(customer, emitter);
  customer.state.summary.alerts = countAlerts(customer);
  return "applied";
}
