/**
 * The fold of one customer: a record or a timer changes the state and says
 * what to tell the world. Pure; the order inside a step is: identity and time,
 * loading, day roll, the fact, allocation, order decision, score, rules.
 */
import type {
  BusinessRecord,
  CustomerState,
  NamedRecord,
  Orphan,
  OperatorAction,
  OrderItem,
} from "@riskwall/schemas";
import { contractType } from "@riskwall/schemas";
import { nextFloorDay } from "./class-floor.ts";
import { countAlerts, raise, reviewAlerts } from "./alerts.ts";
import { dayMs, dayStart, hourMs, localDay, minuteMs } from "./calendar.ts";
import { pruneCovers, setCover } from "./cover.ts";
import type { Customer } from "./customer.ts";
import {
  decideOrder,
  recheckHolds,
  repeatDecision,
  type DecisionCause,
} from "./decide.ts";
import { stateFull } from "./data-quality.ts";
import type { Emitter } from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import {
  exposureWith,
  measureExposure,
  orderValue,
  type Exposure,
} from "./exposure.ts";
import { announceFact, notePayer } from "./fact-alerts.ts";
import { noteRecent, noteSeen } from "./first-seen.ts";
import { forecastGauges } from "./forecast/forecast-rules.ts";
import { deliveryMove, returnMove } from "./goods.ts";
import { settleRaised } from "./hygiene.ts";
import { hash32 } from "./hash.ts";
import { dropSealed, isRepeat, remember } from "./identity.ts";
import { applyMaster, applyRating, forgetMasterTimes } from "./master-data.ts";
import * as ledger from "./ledger.ts";
import { operate } from "./operate.ts";
import { termsOf } from "./order-habit-rules.ts";
import { checkOrderRules } from "./order-rules.ts";
import { unstableScore } from "./profile-rules.ts";
import { keptExposures } from "./rings.ts";
import { envFor } from "./rule-overrides.ts";
import { nextTenureDay } from "./scorecard.ts";
import { rescore, type Rescored } from "./scoring.ts";
import { promiseBroken, settle } from "./settle.ts";
import {
  customerProposal,
  expireLimits,
  followProposal,
  tellLimit,
} from "./limit-book.ts";
import { askReview, nextLimitWake, planReview } from "./limit-review.ts";
import { beginLimit, hasBegun, putStanding, temporaryDays } from "./limits.ts";
import {
  pruneOutside,
  rateIndustry,
  reportMilestone,
  reportRegister,
  sendDunning,
} from "./outside-facts.ts";
import { refundPayment } from "./refunds.ts";
import { writeOffInvoice } from "./write-offs.ts";
import { findById } from "./sorted.ts";
import {
  brokenPromises,
  checkGauges,
  classDowngrade,
  scoreDrop,
} from "./state-rules.ts";
import { compactTallies } from "./tallies.ts";
import { countTests } from "./tally.ts";
import { addToTile, compactTiles, dropOldHours, tilesEmpty } from "./tiles.ts";

export const futureMs = 5 * minuteMs;
export const latenessMs = 7 * dayMs;
export const loadingMs = 10 * minuteMs;
/** Day rolls are spread over this span after local midnight. */
export const rollSpreadMs = 1_800_000;

/** First day on which an outside rating counts no more (E2 XT1). */
const ratingFreshDays = 181;

/** Statistical rules that an order is put to: ORD-03, ORD-04. */
const orderTests = 2;

/** What became of a record; a metric label. */
export type StepOutcome =
  "applied" | "duplicate" | "late" | "rejected" | "timer" | "forwarded";

export interface RecordPosition {
  readonly appendedAt: number;
  /** Log time after this record. */
  readonly logTime: number;
  readonly raw: Uint8Array;
}

/** The present of a subject, as its fold sees it. */
export function momentOf(
  customer: Customer,
  env: Env,
  now: number,
  at: RecordPosition,
  over: Partial<Moment>,
): Moment {
  const today = localDay(now, env.rules.zoneOffsetMinutes);
  return {
    env: envFor(env, customer.state, today),
    now,
    today,
    appendedAt: at.appendedAt,
    muted: customer.state.loading !== null,
    cause: [],
    eventTime: now,
    corrected: false,
    ...over,
  };
}

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

/** Future and late records are judged against their own append time. */
export function refuseByTime(
  customer: Customer,
  record: BusinessRecord,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome | null {
  const { value: event } = record;
  if (event.time > at.appendedAt + futureMs) {
    emitter.deadLetter(deadLetterOf(record, "FUTURE", at, emitter));
    return "rejected";
  }
  const sealedAt = env.sealed.get(event.source);
  // The ids of a sealed source are gone: what is not above its floor may be a
  // repeat, whether it comes as history or live.
  const reason =
    sealedAt !== undefined && event.time <= sealedAt
      ? "sealed"
      : event.historical
        ? null
        : event.time < at.appendedAt - latenessMs
          ? "beyond-window"
          : event.time <= customer.state.floor
            ? "below-floor"
            : null;
  if (reason === null) return null;
  emitter.late({
    reason,
    eventId: event.eventId,
    source: event.source,
    type: contractType(record.name),
    customerId: event.customerId,
    time: event.time,
    appendedAt: at.appendedAt,
    raw: at.raw,
  });
  return "late";
}

export function deadLetterOf(
  record: BusinessRecord,
  code: string,
  at: RecordPosition,
  emitter: Emitter,
): Parameters<Emitter["deadLetter"]>[0] {
  const { value } = record;
  return {
    id: `fold-${String(emitter.partition)}-${String(emitter.offset)}`,
    at: at.appendedAt,
    stage: "fold",
    source: value.source,
    eventId: value.eventId,
    customerId: value.customerId,
    type: contractType(record.name),
    code,
    path: null,
    message: `the fold refused the record: ${code}`,
    raw: at.raw,
    topic: null,
    partition: emitter.partition,
    offset: emitter.offset,
  };
}

const orphanTypes: Readonly<Record<string, string>> = {
  amend: "order.amended",
  cancel: "order.cancelled",
  return: "payment.returned",
  goods: "delivery.completed",
  refund: "payment.refunded",
  resolve: "complaint.resolved",
};

/** What waited in vain for the fact it speaks of is not lost without a word. */
function expiredOrphan(
  customer: Customer,
  orphan: Orphan,
  moment: Moment,
  emitter: Emitter,
): Parameters<Emitter["deadLetter"]>[0] {
  const type = orphanTypes[orphan.kind] ?? orphan.kind;
  const days = moment.env.rules.ledger.orphanDays;
  return {
    id: `fold-${emitter.nextId()}`,
    at: moment.now,
    stage: "fold",
    source: null,
    eventId: null,
    customerId: customer.state.id,
    type,
    code: "ORPHAN_EXPIRED",
    path: null,
    message: `${type} waited ${String(days)} days for ${orphan.ref}, which is not known or is closed`,
    raw: new Uint8Array(0),
    topic: null,
    partition: emitter.partition,
    offset: emitter.offset,
  };
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

/** Everything that a new local day changes; at most once per day. */
export function roll(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  dropSealed(customer, moment.env.sealed);
  dropOldHours(customer.tiles, Math.floor(moment.now / hourMs));
  beginLimits(customer, moment, emitter);
  if (moment.today <= state.day) return;
  state.day = moment.today;
  compactTiles(customer.tiles, moment.today);
  customer.tallies = compactTallies(customer.tallies, moment.today);
  expireOrders(customer, moment, emitter);
  const broken = brokenIds(customer);
  const settlement = settle(customer, moment);
  for (const orphan of ledger.prune(customer, settlement, moment)) {
    emitter.deadLetter(expiredOrphan(customer, orphan, moment, emitter));
  }
  settle(customer, moment);
  raiseBroken(customer, broken, moment, emitter);
  expireLimits(customer, moment, emitter);
  forgetMasterTimes(customer, moment.now);
  pruneCovers(customer, moment.now);
  pruneOutside(customer, moment.today);
  if ((customer.exposureDays[1]?.day ?? Infinity) < moment.today - 88) {
    customer.exposureDays = keptExposures(customer.exposureDays, moment.today);
  }
}

/**
 * Limits that begin by their date (C9.5): a standing one takes the place of the
 * one before. Either is a change of the limit, so holds are checked again.
 */
function beginLimits(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  if (state.coming === null && state.temporary === null) return;
  const { now } = moment;
  const begun = beginLimit(state, now);
  if (begun !== null) {
    const { amount: after, currency, to: validTo } = begun.line;
    const before =
      begun.before?.currency === currency ? begun.before.amount : null;
    const told = { kind: "began", limitKind: "standing", before, after };
    const reason = begun.line.reason;
    const whole = { ...told, currency, validTo, reason };
    tellLimit(customer, whole, moment, emitter);
  }
  if (state.loading !== null || state.asOf === 0) return;
  const temporary = hasBegun(state.temporary, state.asOf, now);
  const code = temporary ? "L03" : begun === null ? null : "L02";
  if (code !== null) recheckHolds(customer, code, false, moment, emitter);
}

/** A reservation ends after 90 days; a dated release when its date passes. */
function expireOrders(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { reservationDays } = moment.env.rules.ledger;
  const oldest = moment.now - reservationDays * dayMs;
  for (const order of customer.state.orders) {
    const old = order.placed < oldest && order.status !== ledger.orderExpired;
    const ended = order.expires > 0 && order.expires <= moment.now;
    if (order.status === ledger.orderReleased && ended && !old) {
      const cause = causeOf(order, "recheck");
      decideOrder(customer, order, cause, moment, emitter);
      order.expires = 0;
    } else if (old && order.status !== ledger.orderCancelled) {
      order.status = ledger.orderExpired;
    }
  }
}

const none: ReadonlySet<string> = new Set();

function brokenIds(customer: Customer): ReadonlySet<string> {
  if (customer.state.promises.length === 0) return none;
  return new Set(
    customer.state.promises
      .filter((item) => item.status === promiseBroken)
      .map((item) => item.id),
  );
}

function raiseBroken(
  customer: Customer,
  before: ReadonlySet<string>,
  moment: Moment,
  emitter: Emitter,
): void {
  const { loading, promises } = customer.state;
  if (loading !== null || promises.length === 0) return;
  const findings = brokenPromises(customer, before, moment);
  if (findings.length === 0) return;
  const exposure = measureExposure(customer, moment);
  for (const finding of findings) {
    raise(customer, finding, exposure, moment, emitter);
  }
}

function causeOf(
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

/** Applies the fact, allocates money and decides orders it touches. */
function applyFact(
  customer: Customer,
  record: BusinessRecord,
  moment: Moment,
  emitter: Emitter,
): string | null {
  if (record.name === "OrderPlaced") {
    return applyOrder(customer, record, moment, emitter);
  }
  const broken = brokenIds(customer);
  const ratingBefore = customer.state.rating?.normalised ?? null;
  const industryBefore = customer.state.outside?.industry?.level ?? null;
  const problem = applyOther(customer, record, moment);
  if (problem !== null) return problem;
  const isNewPayer = notePayer(customer, record);
  const settlement = settle(customer, moment);
  raiseBroken(customer, broken, moment, emitter);
  if (customer.state.loading === null) {
    announceFact(
      customer,
      record,
      { isNewPayer, ratingBefore, industryBefore, settlement },
      moment,
      emitter,
    );
  }
  const code = recheckCode(record.name);
  if (code !== null && customer.state.loading === null) {
    recheckHolds(customer, code, false, moment, emitter);
  }
  return null;
}

/** Release code of the re-check that a fact causes; null = none. */
function recheckCode(name: NamedRecord["name"]): string | null {
  switch (name) {
    case "PaymentReceived":
      return "L01";
    case "InvoiceCredited":
    case "InvoiceWrittenOff":
      return "L08";
    case "CoverSet":
      return "L06";
    case "RegisterReported":
      return "L04";
    case "CustomerLimitSet":
    case "CustomerUpserted":
      return "L02";
    case "OrderCancelled":
    case "OrderAmended":
    case "OrderReturned":
      return "L05";
    default:
      return null;
  }
}

function applyOther(
  customer: Customer,
  record: Exclude<BusinessRecord, { name: "OrderPlaced" }>,
  moment: Moment,
): string | null {
  switch (record.name) {
    case "OrderAmended":
      return ledger.amendOrder(customer, record.value, moment);
    case "OrderCancelled":
      return ledger.cancelOrder(customer, record.value, moment);
    case "InvoiceIssued":
      return ledger.issueInvoice(customer, record.value, moment);
    case "InvoiceCredited":
      return ledger.creditInvoice(customer, record.value, moment);
    case "PaymentReceived":
      return ledger.receivePayment(customer, record.value, moment);
    case "PaymentReturned":
      return ledger.returnPayment(customer, record.value, moment);
    case "PaymentPromised":
      return ledger.promisePayment(customer, record.value, moment);
    case "ComplaintOpened":
      return ledger.openComplaint(customer, record.value, moment);
    case "ComplaintResolved":
      return ledger.resolveComplaint(customer, record.value, moment);
    case "CustomerUpserted":
      return applyMaster(customer, record.value, moment);
    case "CustomerRated":
      return applyRating(customer, record.value);
    case "CustomerLimitSet":
      return applyLimit(customer, record.value, moment);
    case "OrderReturned":
      return ledger.moveGoods(customer, returnMove(record.value), moment);
    case "DeliveryCompleted":
      return ledger.moveGoods(customer, deliveryMove(record.value), moment);
    case "PaymentRefunded":
      return refundPayment(customer, record.value, moment);
    case "InvoiceWrittenOff":
      return writeOffInvoice(customer, record.value, moment);
    case "CoverSet":
      return setCover(customer, record.value, moment);
    case "MilestoneReported":
      return reportMilestone(customer, record.value);
    case "RegisterReported":
      return reportRegister(customer, record.value);
    case "IndustryRated":
      return rateIndustry(customer, record.value, moment);
    case "DunningSent":
      return sendDunning(customer, record.value, moment);
    case "BalanceReported":
      // Compared after allocation, and not kept (DQ-04).
      return null;
    case "CustomerErased":
    case "CustomerMerged":
    case "GroupSet":
      // The partition takes them before they come here.
      return null;
  }
}

function applyLimit(
  customer: Customer,
  event: Extract<BusinessRecord, { name: "CustomerLimitSet" }>["value"],
  moment: Moment,
): null {
  const { state } = customer;
  const temporary = event.kind === "temporary";
  const before = temporary ? state.temporary : state.standing;
  if (before !== null && event.time < before.setAt) return null;
  const from = event.validFrom ?? Math.min(event.time, moment.now);
  const line = {
    amount: event.amount,
    currency: event.currency,
    from,
    to: event.validTo ?? (temporary ? from + temporaryDays * dayMs : null),
    reason: event.reason,
    setAt: event.time,
    // When history was reviewed is not known; what comes live is a decision.
    reviewed: event.historical ? 0 : event.time,
    by: "",
    second: "",
  };
  if (temporary) state.temporary = line;
  else putStanding(state, line, moment.now);
  return null;
}

function applyOrder(
  customer: Customer,
  record: Extract<BusinessRecord, { name: "OrderPlaced" }>,
  moment: Moment,
  emitter: Emitter,
): string | null {
  const live = customer.state.loading === null;
  const status = live ? ledger.orderHeld : ledger.orderAllowed;
  const placed = ledger.placeOrder(customer, record.value, status, moment);
  if (typeof placed === "string") return placed;
  const { shipTo, time } = record.value;
  const { state } = customer;
  noteRecent(state, record.value, moment);
  if (shipTo !== null) {
    const day = localDay(time, moment.env.rules.zoneOffsetMinutes);
    state.places = noteSeen(state.places, shipTo, day).bytes;
  }
  settle(customer, moment);
  if (!live || placed.status === ledger.orderCancelled) return null;
  const exposure = measureExposure(customer, moment);
  const value = orderValue(placed, moment.env);
  const view = {
    order: placed,
    value,
    before: exposure.total,
    after: exposureWith(exposure, value),
    termsDays: termsOf(placed, moment),
  };
  countTests(emitter.tally, moment.today, orderTests);
  for (const finding of checkOrderRules(customer, view, exposure, moment)) {
    raise(customer, finding, exposure, moment, emitter);
  }
  decideOrder(customer, placed, causeOf(placed, "order"), moment, emitter);
  return null;
}

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

/** True while a coming day can change anything of the customer. */
function movesByDay(customer: Customer): boolean {
  const { state } = customer;
  return (
    !tilesEmpty(customer.tiles) ||
    state.orders.length > 0 ||
    state.invoices.length > 0 ||
    state.payments.length > 0 ||
    state.promises.length > 0 ||
    state.alerts.length > 0 ||
    state.orphans.length > 0 ||
    state.refunds.length > 0 ||
    state.covers.length > 0 ||
    state.outside !== null ||
    customer.tallies.length > 0
  );
}

function windowEnds(env: Env, after: number): number[] {
  return env.rules.alerts.maintenance
    .map((window) => window.until)
    .filter((until) => until > after);
}

/**
 * The next day that changes a customer whom no coming day moves otherwise: its
 * rating grows stale, its tenure reaches an edge, an exception begins or ends.
 */
function nextChangeDay(state: CustomerState, { rules }: Env): number | null {
  const stale =
    state.rating === null ? null : state.rating.day + ratingFreshDays;
  const days = [
    stale !== null && stale > state.day ? stale : null,
    nextTenureDay(state.since, state.day, rules),
    nextFloorDay(rules, state, state.day),
  ].filter((day) => day !== null);
  return days.length === 0 ? null : Math.min(...days);
}

/** Earliest instant at which something of the customer is due; 0 = never. */
function refreshWake(customer: Customer, env: Env): void {
  const { state } = customer;
  if (state.loading !== null) {
    state.wake = state.loading.until;
    return;
  }
  const due: number[] = [];
  const spread = hash32(state.id) % rollSpreadMs;
  const day = movesByDay(customer) ? state.day + 1 : nextChangeDay(state, env);
  if (day !== null) {
    due.push(dayStart(day, env.rules.zoneOffsetMinutes) + spread);
  }
  for (const order of state.orders) {
    if (order.status === ledger.orderHeld && order.recheck > 0) {
      due.push(order.recheck);
    }
  }
  for (const alert of state.alerts) {
    if (alert.state === "snoozed" && alert.snoozedUntil !== null) {
      due.push(alert.snoozedUntil);
    }
    // Windows end rarely; which one holds an alert is asked again then.
    if (alert.quiet === "maintenance") due.push(...windowEnds(env, state.asOf));
  }
  for (const { from, to } of state.covers) {
    if (to !== null && to > state.asOf) due.push(to);
    if (from > state.asOf) due.push(from);
  }
  for (const line of [state.temporary, state.standing, state.coming]) {
    if (line?.to != null && line.to > state.asOf) due.push(line.to);
    if (line && line.from > state.asOf) due.push(line.from);
  }
  const limitWake = nextLimitWake(customer, env, spread);
  if (limitWake !== null) due.push(limitWake);
  state.wake = due.length === 0 ? 0 : Math.min(...due);
}
