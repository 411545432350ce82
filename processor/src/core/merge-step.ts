/**
 * A merge in the fold, both sides (decision 0013). The old id's subject hands
 * over its state as a record of the log and becomes another name: what comes
 * for it later goes to the new id by the log, too. The new id takes each merge
 * once, whoever sends it again.
 */
import type {
  CustomerMerged,
  CustomerMoved,
  CustomerState,
  OpenAlert,
} from "@riskwall/schemas";
import { emitAlert, isActive, isGauge } from "./alerts.ts";
import {
  closeCustomer,
  newCustomer,
  openCustomer,
  type Customer,
} from "./customer.ts";
import { catchUp, endStep } from "./customer-step.ts";
import { roll } from "./day-roll.ts";
import { evaluate } from "./evaluate.ts";
import { momentOf, type RecordPosition } from "./moment.ts";
import { deadLetterOf, refuseByTime, type StepOutcome } from "./record-time.ts";
import { recheckHolds } from "./decide.ts";
import type { Emitter, Forwarded } from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import { hashHex } from "./hash.ts";
import { adoptWaiting } from "./ledger.ts";
import { isRepeat, remember } from "./identity.ts";
import { absorb } from "./merge.ts";
import { settle } from "./settle.ts";

/** How often a handed-over state is passed on before it stays where it is. */
export const hopsMax = 8;

/**
 * Items of a customer that can still be handed over: its state has to fit into
 * one record of the log (1 MiB).
 */
export const mergeItemsMax = 4000;

function itemsOf({ state }: Customer): number {
  const { orders, invoices, payments, credits, promises, complaints } = state;
  return [
    ...[orders, invoices, payments, credits, promises, complaints],
    ...[state.refunds, state.writeOffs, state.covers],
  ].reduce((sum, list) => sum + list.length, 0);
}

/** The customer that an id became another name of; null = none. */
export function mergedInto(customer: Customer | null): string | null {
  return customer?.state.across?.mergedInto ?? null;
}

/** What a merge made of the old id: null = nothing changed. */
export interface MergeOutcome {
  readonly outcome: StepOutcome;
  readonly stub: Customer | null;
}

/** Folds the merge at the id that ends. */
export function foldMerged(
  customer: Customer,
  event: CustomerMerged,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): MergeOutcome {
  const { state } = customer;
  const { into } = event;
  const record = { name: "CustomerMerged", value: event } as const;
  const isSaid = mergedInto(customer) === into;
  if (isSaid || isRepeat(customer, event.source, event.eventId)) {
    return { outcome: "duplicate", stub: null };
  }
  const refused = refuseByTime(customer, record, env, at, emitter);
  if (refused !== null) return { outcome: refused, stub: null };
  const names = state.across?.aliases ?? [];
  const isCycle = into === state.id || names.some(({ id }) => id === into);
  if (isCycle || itemsOf(customer) > mergeItemsMax) {
    const code = isCycle ? "MERGE_CYCLE" : "MERGE_TOO_LARGE";
    emitter.deadLetter(deadLetterOf(record, code, at, emitter));
    return { outcome: "rejected", stub: null };
  }
  const moment = momentOf(customer, env, at.logTime, at, {
    cause: [event.eventId],
    eventTime: event.time,
  });
  const alerts = state.alerts;
  endAlerts(customer, into, moment, emitter);
  state.alerts = alerts;
  emitter.moved({
    customerId: into,
    mergeId: `${String(emitter.partition)}-${String(emitter.offset)}`,
    from: state.id,
    hops: 0,
    time: at.logTime,
    eventId: event.eventId,
    state: closeCustomer(customer),
  });
  const stub = newCustomer(state.id, env.rules.currency);
  stub.state.name = state.name;
  stub.state.clock = event.time;
  stub.state.asOf = at.logTime;
  stub.state.across = {
    ...{ mergedInto: into, mergedAt: at.logTime, aliases: [], portfolio: null },
  };
  // Its group and its large exposure end with the first count.
  stub.counted = customer.counted;
  remember(stub, event, at.logTime);
  return { outcome: "applied", stub };
}

/** Alerts end at the old id; the new one opens those that still matter. */
function endAlerts(
  { state }: Customer,
  into: string,
  moment: Moment,
  emitter: Emitter,
): void {
  const note = `并入 ${into} / merged into ${into}`;
  for (const alert of state.alerts) {
    if (!isActive(alert)) continue;
    const action = {
      ...{ at: moment.now, actor: "riskwall", action: "resolved", note },
    };
    const ended: OpenAlert = {
      ...alert,
      state: "resolved",
      version: alert.version + 1,
      updatedAt: moment.now,
      actions: [...alert.actions, action],
    };
    emitAlert(ended, moment, emitter, null);
  }
}

/** Passes on what came for another name of a customer. */
export function forward(
  record: Forwarded,
  into: string,
  emitter: Emitter,
): StepOutcome {
  const value = { ...record.value, customerId: into };
  // The same record, for another subject.
  emitter.forward({ ...record, value } as Forwarded);
  return "forwarded";
}

/**
 * Folds what a merged customer was at the id that stays. Where that has become
 * another name meanwhile, it is passed on, and stays at last where two names
 * point at each other: nothing is ever dropped.
 */
export function foldMoved(
  customer: Customer,
  moved: CustomerMoved,
  from: CustomerState,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome {
  const { state } = customer;
  const into = mergedInto(customer);
  if (into !== null) {
    const mutual = into === moved.from && state.id < moved.from;
    if (!mutual && moved.hops < hopsMax) {
      const { mergeId, time, eventId } = moved;
      emitter.moved({
        ...{ customerId: into, mergeId, from: moved.from, time, eventId },
        ...{ hops: moved.hops + 1, state: from },
      });
      return "forwarded";
    }
    state.across = null;
  }
  const known = state.across?.aliases ?? [];
  if (known.some(({ mergeId }) => mergeId === moved.mergeId)) {
    return "duplicate";
  }
  if (state.loading !== null) catchUp(customer, env, at, emitter);
  const moment = momentOf(customer, env, at.logTime, at, {
    cause: [moved.eventId],
  });
  roll(customer, moment, emitter);
  const { mergeId, time } = moved;
  absorb(customer, openCustomer(from), { id: moved.from, from: time, mergeId });
  adoptWaiting(customer, moment);
  settle(customer, moment);
  takeAlerts(customer, from, moment, emitter);
  recheckHolds(customer, "L04", false, moment, emitter);
  evaluate(customer, moment, emitter);
  endStep(customer, env, emitter);
  return "applied";
}

/** Alerts of facts go on under the new name; gauges are judged anew. */
function takeAlerts(
  { state }: Customer,
  from: CustomerState,
  moment: Moment,
  emitter: Emitter,
): void {
  const { max } = moment.env.rules.alerts;
  for (const alert of from.alerts) {
    if (isGauge(alert.ruleId) || state.alerts.length >= max) continue;
    const moved: OpenAlert = {
      ...alert,
      alertId: hashHex(`${alert.alertId}|${state.id}`),
      ...{ customerId: state.id, customerName: state.name },
      ...{ version: 1, actionVersion: 0, updatedAt: moment.now },
    };
    state.alerts.push(moved);
    emitAlert(moved, moment, emitter, null);
  }
  const key = (item: { ruleId: string; ref: string }): string =>
    `${item.ruleId}|${item.ref}`;
  const known = new Set(state.episodes.map(key));
  state.episodes.push(
    ...from.episodes.filter(
      (item) => !isGauge(item.ruleId) && !known.has(key(item)),
    ),
  );
}
