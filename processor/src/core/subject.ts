/**
 * Subjects that are no customers, `#group:<id>` and `#portfolio`: they have
 * alerts that people handle like any other, but no ledger and no score.
 */
import type { OperatorAction } from "@riskwall/schemas";
import { countAlerts, raise, reviewAlerts, type Finding } from "./alerts.ts";
import { dayStart } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import { momentOf, type RecordPosition } from "./moment.ts";
import { type StepOutcome } from "./record-time.ts";
import type { Emitter } from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import { utilisationOf, type Exposure } from "./exposure.ts";
import { hash32 } from "./hash.ts";
import { settleRaised } from "./hygiene.ts";
import { isRepeat, remember } from "./identity.ts";
import { answerAction, operate } from "./operate.ts";
import { materiality } from "./rule-set.ts";

/** Day rolls are spread over this span after local midnight. */
const spreadMs = 1_800_000;

/** The money picture of a subject without items of its own. */
export function plainExposure(
  total: number,
  limit: number | null,
  moment: Moment,
): Exposure {
  return {
    ...{ total, receivables: 0, refunded: 0, delivered: 0, openOrders: 0 },
    ...{ unallocated: 0, cover: 0, coverLeft: 0, limitCover: 0 },
    isInsured: false,
    ageing: [0, 0, 0, 0, 0],
    ...{ overdue: 0, overdueCount: 0, dpdMax: 0, dpdWeighted: 0 },
    limit,
    utilisation: utilisationOf(total, limit),
    parts: [],
    materiality: materiality(moment.env.rules, limit),
    unvalued: 0,
  };
}

/** What the rules of a subject say now; `holding` keeps gauges open. */
export interface SubjectView {
  readonly exposure: Exposure;
  readonly findings: readonly Finding[];
  /** Rule and ref of each condition that holds. */
  readonly holding: ReadonlySet<string>;
}

/** Raises and resolves alerts, and plans the next wake. */
export function settleSubject(
  customer: Customer,
  view: SubjectView,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  const { exposure } = view;
  for (const finding of view.findings) {
    raise(customer, finding, exposure, moment, emitter);
  }
  reviewAlerts(customer, view.holding, moment, emitter);
  settleRaised(customer, emitter);
  state.day = moment.today;
  state.rulesetVersion = moment.env.rules.version;
  state.summary = {
    ...state.summary,
    exposure: exposure.total,
    limit: exposure.limit ?? -1,
    alerts: countAlerts(customer),
  };
  state.asOf = moment.now;
  const due: number[] = [];
  if (state.alerts.length + state.episodes.length > 0) {
    const { zoneOffsetMinutes } = moment.env.rules;
    const spread = hash32(state.id) % spreadMs;
    due.push(dayStart(moment.today + 1, zoneOffsetMinutes) + spread);
  }
  for (const alert of state.alerts) {
    if (alert.state === "snoozed" && alert.snoozedUntil !== null) {
      due.push(alert.snoozedUntil);
    }
  }
  state.wake = due.length === 0 ? 0 : Math.min(...due);
}

/** Folds what a person did with an alert of a subject. */
export function actOnSubject(
  customer: Customer,
  event: OperatorAction,
  view: (moment: Moment) => SubjectView,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome {
  if (isRepeat(customer, event.source, event.eventId)) return "duplicate";
  const moment = momentOf(customer, env, at.logTime, at, {
    cause: [event.eventId],
    eventTime: event.time,
  });
  remember(customer, { ...event, time: at.appendedAt }, at.logTime);
  if (event.target === "alert") operate(customer, event, moment, emitter);
  else {
    const message = "only alerts of it can be acted on";
    answerAction(event, "NO_CUSTOMER", message, moment, emitter);
  }
  settleSubject(customer, view(moment), moment, emitter);
  return "applied";
}
