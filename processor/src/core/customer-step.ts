/**
 * The fold of one customer: a record or a timer changes the state and says
 * what to tell the world. Pure; the order inside a step is: identity and time,
 * loading, day roll, the fact, allocation, order decision, score, rules.
 */
import type { BusinessRecord, OperatorAction } from "@riskwall/schemas";
import { raise } from "./alerts.ts";
import { dayMs, minuteMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import { recheckHolds, repeatDecision } from "./decide.ts";
import { stateFull } from "./data-quality.ts";
import type { Emitter } from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import { measureExposure } from "./exposure.ts";
import { settleRaised } from "./hygiene.ts";
import { isRepeat, remember } from "./identity.ts";
import { operate } from "./operate.ts";
import { findById } from "./sorted.ts";
import { applyFact } from "./apply-fact.ts";
import { roll } from "./day-roll.ts";
import { evaluate } from "./evaluate.ts";
import { type RecordPosition, momentOf } from "./moment.ts";
import { type StepOutcome, refuseByTime, deadLetterOf } from "./record-time.ts";
import { refreshWake } from "./wake.ts";

/** History is loading until so long after its last record. */
const loadingMs = 10 * minuteMs;

/** Folds a business record. */
export function foldBusiness(
  customer: Customer,
  record: BusinessRecord,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome {
  const { value: event } = record;
  const { state } = customer;
  if (isRepeat(customer, event.source, event.eventId)) {
    repeatOrder(customer, record, env, at, emitter);
    return "duplicate";
  }
  const refused = refuseByTime(customer, record, env, at, emitter);
  if (refused !== null) return refused;
  const loading = event.historical;
  if (loading) {
    const clock = Math.max(state.loading?.clock ?? state.asOf, event.time);
    state.loading = { clock, until: at.appendedAt + loadingMs };
  } else if (state.loading !== null) {
    catchUp(customer, env, at, emitter);
  }
  const now = state.loading?.clock ?? at.logTime;
  const moment = momentOf(customer, env, now, at, {
    cause: [event.eventId],
    eventTime: event.time,
    corrected: !loading && event.time < state.clock - dayMs,
  });
  if (state.loading !== null) rollHistory(customer, moment, emitter);
  roll(customer, moment, emitter);
  remember(customer, event, at.logTime, env.sealed);
  state.clock = Math.max(state.clock, event.time);
  const problem = applyFact(customer, record, moment, emitter);
  if (problem !== null) {
    emitter.deadLetter(deadLetterOf(record, problem, at, emitter));
    raiseFull(customer, problem, moment, emitter);
  }
  evaluate(customer, moment, emitter);
  endStep(customer, env, emitter);
  return problem === null ? "applied" : "rejected";
}

function raiseFull(
  customer: Customer,
  problem: string,
  moment: Moment,
  emitter: Emitter,
): void {
  if (customer.state.loading !== null) return;
  const finding = stateFull(customer, problem, moment);
  if (finding === null) return;
  const exposure = measureExposure(customer, moment);
  raise(customer, finding, exposure, moment, emitter);
}

function repeatOrder(
  customer: Customer,
  record: BusinessRecord,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): void {
  if (record.name !== "OrderPlaced" || record.value.historical) return;
  const order = findById(customer.state.orders, record.value.orderId);
  if (!order || order.eventId !== record.value.eventId) return;
  const now = customer.state.loading?.clock ?? at.logTime;
  const moment = momentOf(customer, env, now, at, {});
  repeatDecision(customer, order, moment, emitter);
}

/** Folds what a person decided. A repeat of an action is dropped. */
export function foldAction(
  customer: Customer,
  event: OperatorAction,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome {
  if (isRepeat(customer, event.source, event.eventId)) return "duplicate";
  if (customer.state.loading !== null) catchUp(customer, env, at, emitter);
  const moment = momentOf(customer, env, at.logTime, at, {
    cause: [event.eventId],
    eventTime: event.time,
  });
  roll(customer, moment, emitter);
  const stamped = { ...event, time: at.appendedAt };
  remember(customer, stamped, at.logTime);
  operate(customer, event, moment, emitter);
  evaluate(customer, moment, emitter);
  endStep(customer, env, emitter);
  return "applied";
}

/** Fires what is due of a customer at or before `logTime`. */
export function foldTimer(
  customer: Customer,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): void {
  const { state } = customer;
  if (state.loading !== null) {
    if (state.loading.until > at.logTime) {
      refreshWake(customer, env);
      return;
    }
    catchUp(customer, env, at, emitter);
    return;
  }
  const moment = momentOf(customer, env, at.logTime, at, {});
  roll(customer, moment, emitter);
  recheckHolds(customer, "L04", true, moment, emitter);
  evaluate(customer, moment, emitter);
  endStep(customer, env, emitter);
}

/** Re-evaluates a customer under a new rule set or new rates (sweep). */
export function foldSweep(
  customer: Customer,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): void {
  const now = customer.state.loading?.clock ?? at.logTime;
  const moment = momentOf(customer, env, now, at, {});
  roll(customer, moment, emitter);
  if (customer.state.loading === null) {
    recheckHolds(customer, "L04", false, moment, emitter);
  }
  evaluate(customer, moment, emitter);
  endStep(customer, env, emitter);
}

/** Judges what the step raised; a window that keeps some quiet ends later. */
export function endStep(customer: Customer, env: Env, emitter: Emitter): void {
  if (emitter.raised.length === 0) return;
  settleRaised(customer, emitter);
  refreshWake(customer, env);
}

/** Loading ends: the clock jumps to log time, muted (architecture 4). */
export function catchUp(
  customer: Customer,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): void {
  customer.state.loading = null;
  const moment = momentOf(customer, env, at.logTime, at, { muted: true });
  roll(customer, moment, emitter);
  evaluate(customer, moment, emitter);
  endStep(customer, env, emitter);
}

/**
 * A loading customer's timers fire up to its clock: what became due or left a
 * window since its last record is scored before the next one is, so that the
 * score standing at a fact is the one of that day.
 */
function rollHistory(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  if (state.score === 0 || moment.today <= state.day) return;
  const timer = { ...moment, cause: [], eventTime: moment.now };
  roll(customer, timer, emitter);
  evaluate(customer, timer, emitter);
}
