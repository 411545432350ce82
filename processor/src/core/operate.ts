/**
 * What people decide, folded like any other record (architecture 6). An action
 * that cannot be applied is refused with the target as it stands; the rest
 * answers with a new snapshot of its target or an `applied` outcome.
 */
import type { OpenAlert, OperatorAction } from "@riskwall/schemas";
import { closeAlert, emitAlert } from "./alerts.ts";
import {
  limitRefusals,
  operateLimit,
  type LimitAnswer,
} from "./limit-actions.ts";
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import { emitDecision, holdHits, recheckHolds } from "./decide.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import { measureExposure, orderValue } from "./exposure.ts";
import { markOf, orderHeld, orderRejected, orderReleased } from "./ledger.ts";
import { anomaliesMax, anomalyDays } from "./season.ts";
import { findById } from "./sorted.ts";

function answer(
  event: OperatorAction,
  outcome: "applied" | "refused",
  code: string,
  message: string,
  current: unknown,
  moment: Moment,
  emitter: Emitter,
): void {
  emitter.outcome({
    appendedAt: moment.appendedAt,
    actionId: event.actionId,
    customerId: event.customerId,
    target: event.target,
    targetId: event.targetId,
    outcome,
    code,
    message,
    current: JSON.stringify(current),
  });
}

/** Refuses an action whose target there is not. */
export function answerAction(
  event: OperatorAction,
  code: string,
  message: string,
  moment: Moment,
  emitter: Emitter,
): void {
  answer(event, "refused", code, message, null, moment, emitter);
}

/** Applies an operator's action to its customer. */
export function operate(
  customer: Customer,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): void {
  if (event.target === "alert") operateAlert(customer, event, moment, emitter);
  else if (event.target === "order")
    operateOrder(customer, event, moment, emitter);
  else operateCustomer(customer, event, moment, emitter);
}

const alertStates: Readonly<Record<string, string>> = {
  acknowledge: "acknowledged",
  snooze: "snoozed",
  confirm: "confirmed",
};

function operateAlert(
  customer: Customer,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): void {
  const alert = customer.state.alerts.find(
    (item) => item.alertId === event.targetId,
  );
  if (!alert) {
    answer(
      event,
      "refused",
      "NOT_OPEN",
      "the alert is not open",
      null,
      moment,
      emitter,
    );
    return;
  }
  if (event.expected !== null && event.expected !== alert.actionVersion) {
    const { actionVersion, version, state, assignee, actions } = alert;
    const current = { actionVersion, version, state, assignee, actions };
    answer(
      event,
      "refused",
      "STALE",
      "somebody acted before you",
      current,
      moment,
      emitter,
    );
    return;
  }
  const by = { actor: event.actor, note: event.reason ?? event.note ?? "" };
  if (event.action === "dismiss" || event.action === "resolve") {
    const end = event.action === "dismiss" ? "dismissed" : "resolved";
    closeAlert(customer, alert, end, by, moment, emitter, event.actionId);
    const code = event.action === "dismiss" ? "L07" : "L04";
    recheckHolds(customer, code, false, moment, emitter);
    return;
  }
  changeAlert(alert, event, by, moment);
  if (event.action === "confirm") noteAnomaly(customer, alert, moment);
  emitAlert(alert, moment, emitter, event.actionId);
}

/** What people confirm as an anomaly trains no baseline (F-29). */
function noteAnomaly(
  customer: Customer,
  alert: OpenAlert,
  moment: Moment,
): void {
  const { state } = customer;
  const order = findById(state.orders, alert.orderId ?? "");
  const episode = state.episodes.find(
    (item) => item.ruleId === alert.ruleId && item.ref === alert.ref,
  );
  const day = localDay(alert.openedAt, moment.env.rules.zoneOffsetMinutes);
  const found =
    alert.ruleId === "ORD-01" && order
      ? { ...markOf(order, moment), orders: 0 }
      : alert.ruleId === "ORD-03" && episode
        ? { day, amount: 0, orders: episode.value }
        : null;
  if (found === null) return;
  const kept = state.anomalies.filter(
    (item) => item.day > moment.today - anomalyDays,
  );
  state.anomalies = [...kept, found].slice(-anomaliesMax);
}

function changeAlert(
  alert: OpenAlert,
  event: OperatorAction,
  by: { readonly actor: string; readonly note: string },
  moment: Moment,
): void {
  alert.state = alertStates[event.action] ?? alert.state;
  if (event.action === "acknowledge") alert.assignee ??= event.actor;
  if (event.action === "assign") alert.assignee = event.assignee ?? event.actor;
  // A comment on a snoozed alert does not wake it.
  const kept = alert.state === "snoozed" ? alert.snoozedUntil : null;
  alert.snoozedUntil = event.action === "snooze" ? event.until : kept;
  alert.version += 1;
  alert.actionVersion += 1;
  alert.updatedAt = moment.now;
  alert.actions = [
    ...alert.actions,
    { at: moment.now, actor: by.actor, action: event.action, note: by.note },
  ].slice(-50);
}

function operateOrder(
  customer: Customer,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): void {
  const order = findById(customer.state.orders, event.targetId);
  if (!order || order.status !== orderHeld) {
    const current = order
      ? { status: order.status, decision: order.decision }
      : null;
    answer(
      event,
      "refused",
      "NOT_HELD",
      "the order is not held",
      current,
      moment,
      emitter,
    );
    return;
  }
  const release = event.action === "release";
  const exposure = measureExposure(customer, moment);
  const value = orderValue(order, moment.env);
  const hits = holdHits(customer, order, value, exposure, moment);
  order.status = release ? orderReleased : orderRejected;
  order.expires = release ? (event.until ?? 0) : 0;
  order.recheck = 0;
  order.changed = Math.max(order.changed, moment.today);
  emitDecision(
    customer,
    order,
    release ? "allow" : "reject",
    hits,
    exposure,
    value,
    {
      eventId: order.eventId,
      source: order.source,
      trigger: "person",
      releaseCode: release ? "L04" : null,
      actor: event.actor,
      reason: event.reason,
      actionId: event.actionId,
    },
    moment,
    emitter,
  );
  closeOrderAlerts(
    customer,
    order.id,
    event.action,
    event.actor,
    moment,
    emitter,
  );
  recheckHolds(customer, "L05", false, moment, emitter);
}

/** Alerts about one order end when the order's question is settled. */
export function closeOrderAlerts(
  customer: Customer,
  orderId: string,
  note: string,
  actor: string,
  moment: Moment,
  emitter: Emitter,
): void {
  for (const alert of [...customer.state.alerts]) {
    const about = alert.ref === orderId && alert.orderId === orderId;
    if (!about || alert.state === "confirmed") continue;
    closeAlert(
      customer,
      alert,
      "resolved",
      { actor, note },
      moment,
      emitter,
      null,
    );
  }
}

function operateCustomer(
  customer: Customer,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  if (limitActions.has(event.action)) {
    const told = operateLimit(customer, event, moment, emitter);
    answerLimit(customer, event, told, moment, emitter);
    if (told.changed === null) return;
    const released = told.changed === "temporary" ? "L03" : "L02";
    recheckHolds(customer, released, false, moment, emitter);
    return;
  }
  if (event.action === "hold") {
    const kind = event.kind ?? "manual";
    state.hold = { kind, reason: event.reason ?? "", at: moment.now };
  } else if (event.action === "unhold") {
    state.hold = null;
  } else if (event.action === "watch" || event.action === "unwatch") {
    state.watch = event.action === "watch";
  }
  const { standing, temporary, hold, watch } = state;
  const current = { standing, temporary, hold, watch };
  answer(event, "applied", "OK", event.action, current, moment, emitter);
  recheckHolds(customer, "L04", false, moment, emitter);
}

const limitActions: ReadonlySet<string> = new Set([
  "set-limit",
  "approve-limit",
  "reject-limit",
]);

function answerLimit(
  customer: Customer,
  event: OperatorAction,
  { refusal, waits }: LimitAnswer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { standing, temporary, limits } = customer.state;
  const current = { standing, temporary, request: limits?.request ?? null };
  if (refusal !== null) {
    const message = limitRefusals[refusal];
    answer(event, "refused", refusal, message, current, moment, emitter);
    return;
  }
  const code = waits ? "SECOND_PERSON" : "OK";
  answer(event, "applied", code, event.action, current, moment, emitter);
}
