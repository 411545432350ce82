/**
 * May this order be shipped? (domain D2 blocking rules, E4 codes.) Check and
 * reservation are one step of the fold: an allowed order counts in exposure at
 * once, so two orders that each fit and together exceed never both pass (F-36).
 * Evaluation order: manual hold, customer rules, group rules, general rules.
 */
import type { OrderItem, RuleHit } from "@riskwall/schemas";
import { isActive } from "./alerts.ts";
import { dayText, hourMs, localDay } from "./calendar.ts";
import { clearingSentence } from "./clearing-sentence.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import {
  coverRatioWith,
  exposureWith,
  measureExposure,
  orderValue,
  type Exposure,
} from "./exposure.ts";
import { computeFeatures } from "./features.ts";
import { decisionGroup, groupUses, overGroup } from "./group-check.ts";
import type { GroupUse } from "./groups.ts";
import { isReserved, orderAllowed, orderHeld } from "./ledger.ts";
import { effectiveLine, expiredAt } from "./limits.ts";
import { isStretched, termsOf } from "./order-habit-rules.ts";
import { classOf, orderCap } from "./order-rules.ts";
import { isGrave } from "./outside-facts.ts";
import { toBase } from "./rates.ts";
import { scoreFeatures } from "./scorecard.ts";
import { compareText } from "./sorted.ts";
import {
  holdTexts,
  isHoldCode,
  moneyText,
  percentText,
  type HoldCode,
} from "./texts.ts";
import { field, sumDays } from "./tiles.ts";

function hit(code: HoldCode, value: string, threshold: string): RuleHit {
  const text = holdTexts[code];
  return { code, textZh: text.zh, textEn: text.en, value, threshold };
}

/** Every rule that stops an order of `value`, in evaluation order. */
export function holdHits(
  customer: Customer,
  order: OrderItem,
  value: number,
  exposure: Exposure,
  moment: Moment,
): RuleHit[] {
  const { state } = customer;
  const { rules } = moment.env;
  const money = (minor: number): string => moneyText(minor, rules.currency);
  const riskClass = classOf(customer);
  const hits: RuleHit[] = [];
  if (state.hold) hits.push(hit("H10", state.hold.reason, state.hold.kind));
  const days = rules.holds.overdueDays[riskClass];
  const groups = groupUses(customer, exposure.total, moment);
  const unknown = withoutRate(customer, order, groups, moment);
  if (unknown.length > 0) hits.push(hit("H15", unknown.join(", "), "1"));
  const late =
    riskClass === "E" ? exposure.dpdMax > 0 : exposure.dpdMax >= days;
  if (late)
    hits.push(hit("H03", `${String(exposure.dpdMax)} d`, `${String(days)} d`));
  const owed = rules.holds.overdueAmount[riskClass];
  if (owed !== null && exposure.overdue > owed)
    hits.push(hit("H04", money(exposure.overdue), money(owed)));
  const large = state.alerts.find(
    (alert) =>
      alert.ruleId === "ORD-01" &&
      alert.ref === order.id &&
      (isActive(alert) || alert.state === "confirmed") &&
      (alert.severity === "high" || alert.severity === "critical"),
  );
  if (large) hits.push(hit("H06", money(value), large.ruleId));
  const returned = field(
    sumDays(customer.tiles, moment.today, 180),
    "returned",
  );
  if (returned >= 2) hits.push(hit("H09", String(returned), "2"));
  const after = exposureWith(exposure, value);
  if (exposure.limit !== null && after > exposure.limit) {
    hits.push(hit("H01", money(after), money(exposure.limit)));
  }
  const end = expiredAt(state, moment.now);
  if (end !== null) {
    const day = localDay(end, rules.zoneOffsetMinutes);
    hits.push(hit("H02", `${String(moment.today - day)} d`, dayText(day)));
  }
  const added = after - exposure.total;
  const group = overGroup(groups, added);
  if (group) {
    const wanted = money(group.exposure + added);
    hits.push(hit("H11", wanted, money(group.limit)));
  }
  const cap = orderCap(riskClass, exposure.limit, moment);
  if (cap !== null && value > cap)
    hits.push(hit("H05", money(value), money(cap)));
  if (riskClass === "E") hits.push(hit("H07", riskClass, "D"));
  hits.push(...switchedHits(customer, order, value, exposure, moment));
  return hits;
}

/** H08, H12, H13 and H14: most of them only where the rule set says so. */
function switchedHits(
  customer: Customer,
  order: OrderItem,
  value: number,
  exposure: Exposure,
  moment: Moment,
): RuleHit[] {
  const { state } = customer;
  const { rules } = moment.env;
  const hits: RuleHit[] = [];
  const terms = termsOf(order, moment);
  if (rules.holds.stretchedTerms && isStretched(customer, terms, moment)) {
    const most = state.termsDays + rules.rules.ord07.days;
    hits.push(hit("H08", `${String(terms)} d`, `< ${String(most)} d`));
  }
  const grave = state.outside?.registers.find(isGrave);
  if (grave) hits.push(hit("H12", grave.kind, dayText(grave.day)));
  const wanted = rules.holds.coverShare[classOf(customer)];
  if (wanted !== null) {
    const ratio = coverRatioWith(exposure, value);
    if (ratio < wanted)
      hits.push(hit("H13", percentText(ratio), percentText(wanted)));
  }
  const split =
    rules.holds.splitOrders &&
    state.alerts.find(
      (alert) =>
        alert.ruleId === "ORD-04" &&
        (isActive(alert) || alert.state === "confirmed") &&
        (alert.orderId === order.id || order.placed >= alert.eventTime),
    );
  if (split)
    hits.push(
      hit("H14", moneyText(split.moneyAtRisk, rules.currency), split.ruleId),
    );
  return hits;
}

/**
 * Currencies of the order, of what the customer owes and of its limit and its
 * groups' for which no rate is known: the check cannot be made, so nothing may
 * ship (F-3).
 */
function withoutRate(
  customer: Customer,
  order: OrderItem,
  groups: readonly GroupUse[],
  moment: Moment,
): string[] {
  const { rates } = moment.env;
  const { orders, invoices } = customer.state;
  const owed = [
    order,
    ...orders.filter((item) => isReserved(item) && item.open > 0),
    ...invoices.filter((item) => item.open > 0),
  ];
  const line = effectiveLine(customer.state, moment.now);
  const missing = [...owed, ...(line ? [line] : [])]
    .map((item) => item.currency)
    .filter((currency) => toBase(1, currency, rates) === null);
  const ofGroups = groups.flatMap(({ unknown }) => unknown ?? []);
  return [...new Set([...missing, ...ofGroups])].sort();
}

export interface DecisionCause {
  readonly eventId: string;
  readonly source: string;
  readonly trigger: "order" | "recheck" | "person";
  readonly releaseCode: string | null;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly actionId: string | null;
}

/** The score in force; of a customer's first order, that of its thin file. */
function scoreNow(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): number {
  const { score } = customer.state;
  if (score !== 0) return score;
  const features = computeFeatures(customer, exposure, moment);
  return scoreFeatures(customer, features, exposure, moment.env).score;
}

/** An order decided by itself: no person, no action. */
export function orderCause(
  order: OrderItem,
  trigger: DecisionCause["trigger"],
): DecisionCause {
  return {
    eventId: order.eventId,
    source: order.source,
    trigger,
    releaseCode: null,
    actor: null,
    reason: null,
    actionId: null,
  };
}

/** Emits a decision and keeps it with the order while it is open or held. */
export function emitDecision(
  customer: Customer,
  order: OrderItem,
  outcome: "allow" | "hold" | "reject",
  hits: readonly RuleHit[],
  exposure: Exposure,
  value: number,
  cause: DecisionCause,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  const before = exposure.total;
  const after = outcome === "allow" ? exposureWith(exposure, value) : before;
  const codes = hits.map((item) => item.code);
  const clears = clearingSentence(customer, hits, value, exposure, moment);
  const score = scoreNow(customer, exposure, moment);
  order.decision = {
    outcome,
    codes,
    score,
    class: state.class,
    before,
    after,
    limit: exposure.limit,
    ruleset: moment.env.rules.version,
    at: moment.now,
  };
  emitter.decision({
    eventId: cause.eventId,
    source: cause.source,
    actionId: cause.actionId,
    appendedAt: moment.appendedAt,
    orderId: order.id,
    customerId: state.id,
    name: state.name,
    amount: order.amount,
    currency: order.currency,
    amountBase: value,
    outcome,
    codes,
    hits: [...hits],
    trigger: cause.trigger,
    releaseCode: cause.releaseCode,
    score,
    class: state.class,
    exposureBefore: before,
    exposureAfter: after,
    limit: exposure.limit,
    reportingCurrency: moment.env.rules.currency,
    clearsZh: clears.zh,
    clearsEn: clears.en,
    actor: cause.actor,
    reason: cause.reason,
    muted: moment.muted,
    rulesetVersion: moment.env.rules.version,
    decidedAt: moment.now,
    group: decisionGroup(customer, before, after, moment),
  });
}

/** What a stored decision still knows of its hits: which rule, not the figures. */
function keptHits(codes: readonly string[]): RuleHit[] {
  return codes.filter(isHoldCode).map((code) => hit(code, "", ""));
}

/** Re-emits the stored decision of a repeated `order.placed`. */
export function repeatDecision(
  customer: Customer,
  order: OrderItem,
  moment: Moment,
  emitter: Emitter,
): void {
  const kept = order.decision;
  if (!kept) return;
  const { state } = customer;
  emitter.decision({
    eventId: order.eventId,
    source: order.source,
    actionId: null,
    appendedAt: moment.appendedAt,
    orderId: order.id,
    customerId: state.id,
    name: state.name,
    amount: order.amount,
    currency: order.currency,
    amountBase: orderValue(order, moment.env),
    outcome: kept.outcome,
    codes: [...kept.codes],
    hits: keptHits(kept.codes),
    trigger: "order",
    releaseCode: null,
    score: kept.score,
    class: kept.class,
    exposureBefore: kept.before,
    exposureAfter: kept.after,
    limit: kept.limit,
    reportingCurrency: moment.env.rules.currency,
    clearsZh: "",
    clearsEn: "",
    actor: null,
    reason: null,
    muted: moment.muted,
    rulesetVersion: kept.ruleset,
    decidedAt: kept.at,
    group: null,
  });
}

/** Decides one order that is not reserved yet; true when it was allowed. */
export function decideOrder(
  customer: Customer,
  order: OrderItem,
  cause: DecisionCause,
  moment: Moment,
  emitter: Emitter,
): boolean {
  order.status = orderHeld;
  const exposure = measureExposure(customer, moment);
  const value = orderValue(order, moment.env);
  const hits = holdHits(customer, order, value, exposure, moment);
  const allowed = hits.length === 0;
  const sameHold =
    cause.trigger === "recheck" &&
    order.decision?.outcome === "hold" &&
    order.decision.codes.join() === hits.map((item) => item.code).join();
  if (allowed) {
    order.status = orderAllowed;
    order.recheck = 0;
    order.changed = Math.max(order.changed, moment.today);
  } else {
    order.recheck = moment.now + moment.env.rules.holds.recheckHours * hourMs;
  }
  if (allowed || !sameHold) {
    const outcome = allowed ? "allow" : "hold";
    emitDecision(
      customer,
      order,
      outcome,
      hits,
      exposure,
      value,
      cause,
      moment,
      emitter,
    );
  }
  return allowed;
}

/**
 * Checks held orders again in placing order, each seeing the reservations
 * before it (architecture 6). `dueOnly`: only those whose 24 h are over.
 */
export function recheckHolds(
  customer: Customer,
  releaseCode: string,
  dueOnly: boolean,
  moment: Moment,
  emitter: Emitter,
): void {
  const held = customer.state.orders
    .filter((order) => order.status === orderHeld)
    .filter((order) => !dueOnly || order.recheck <= moment.now)
    .sort((a, b) => a.placed - b.placed || compareText(a.id, b.id));
  for (const order of held) {
    const cause: DecisionCause = {
      eventId: order.eventId,
      source: order.source,
      trigger: "recheck",
      releaseCode,
      actor: null,
      reason: null,
      actionId: null,
    };
    decideOrder(customer, order, cause, moment, emitter);
  }
}
