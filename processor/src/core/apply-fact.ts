/**
 * One business fact: it changes the ledger, money is allocated, and the orders
 * it touches are decided. Pure.
 */
import type { BusinessRecord, NamedRecord } from "@riskwall/schemas";
import { raise } from "./alerts.ts";
import { dayMs, localDay } from "./calendar.ts";
import { setCover } from "./cover.ts";
import type { Customer } from "./customer.ts";
import { decideOrder, orderCause, recheckHolds } from "./decide.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import { exposureWith, measureExposure, orderValue } from "./exposure.ts";
import { announceFact, notePayer } from "./fact-alerts.ts";
import { noteRecent, noteSeen } from "./first-seen.ts";
import { deliveryMove, returnMove } from "./goods.ts";
import { applyMaster, applyRating } from "./master-data.ts";
import * as ledger from "./ledger.ts";
import { termsOf } from "./order-habit-rules.ts";
import { checkOrderRules } from "./order-rules.ts";
import { settle } from "./settle.ts";
import { putStanding, temporaryDays } from "./limits.ts";
import {
  rateIndustry,
  reportMilestone,
  reportRegister,
  sendDunning,
} from "./outside-facts.ts";
import { refundPayment } from "./refunds.ts";
import { writeOffInvoice } from "./write-offs.ts";
import { countTests } from "./tally.ts";
import { brokenIds, raiseBroken } from "./broken-promises.ts";

/** Statistical rules that an order is put to: ORD-03, ORD-04. */
const orderTests = 2;

/** Applies the fact, allocates money and decides orders it touches. */
export function applyFact(
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
  decideOrder(customer, placed, orderCause(placed, "order"), moment, emitter);
  return null;
}
