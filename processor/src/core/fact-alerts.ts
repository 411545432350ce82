/** Alerts that speak of a fact itself, right after it was applied. */
import type { BusinessRecord } from "@riskwall/schemas";
import { raise, type Finding } from "./alerts.ts";
import { checkComplaint } from "./complaint-rules.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import { measureExposure } from "./exposure.ts";
import { noteSeen } from "./first-seen.ts";
import { closeOrderAlerts } from "./operate.ts";
import { cancelledMore } from "./order-habit-rules.ts";
import { checkPayment } from "./payment-rules.ts";
import {
  checkBalance,
  closeRegister,
  industryRose,
  registerEntry,
} from "./outside-rules.ts";
import { ratingFell } from "./profile-rules.ts";
import { returned, type Settlement } from "./settle.ts";
import { findById } from "./sorted.ts";
import { complaintBurst, returnedPayment } from "./state-rules.ts";
import { countTests } from "./tally.ts";

/** True when a payment comes from an account that was not seen before. */
export function notePayer(customer: Customer, record: BusinessRecord): boolean {
  if (record.name !== "PaymentReceived") return false;
  const { payerAccount, valueDate } = record.value;
  if (payerAccount === null) return false;
  const { state } = customer;
  const { bytes, isNew } = noteSeen(state.payers, payerAccount, valueDate);
  state.payers = bytes;
  return isNew;
}

/** What the state said before the fact. */
export interface Before {
  readonly isNewPayer: boolean;
  readonly ratingBefore: number | null;
  readonly industryBefore: number | null;
  /** How money was allocated with the fact. */
  readonly settlement: Settlement;
}

/** Alerts that speak of the fact itself. */
export function announceFact(
  customer: Customer,
  record: BusinessRecord,
  before: Before,
  moment: Moment,
  emitter: Emitter,
): void {
  const { name, value } = record;
  if (name === "OrderCancelled") {
    closeOrderAlerts(
      customer,
      value.orderId,
      "cancelled",
      "riskwall",
      moment,
      emitter,
    );
  }
  if (name === "RegisterReported") {
    closeRegister(customer, value, moment, emitter);
  }
  const tests = testsOf(record);
  if (tests > 0) countTests(emitter.tally, moment.today, tests);
  const findings = findingsOf(customer, record, before, moment, emitter);
  if (findings.length === 0) return;
  const exposure = measureExposure(customer, moment);
  for (const finding of findings) {
    raise(customer, finding, exposure, moment, emitter);
  }
}

/** Statistical rules that a fact is put to: ORD-10; CMP-01, DSP-01. */
function testsOf({ name, value }: BusinessRecord): number {
  if (name === "OrderCancelled") return 1;
  if (name !== "ComplaintOpened") return 0;
  return value.disputedAmount === null ? 1 : 2;
}

function findingsOf(
  customer: Customer,
  record: BusinessRecord,
  { isNewPayer, ratingBefore, industryBefore, settlement }: Before,
  moment: Moment,
  emitter: Emitter,
): Finding[] {
  const some = (finding: Finding | null): Finding[] =>
    finding === null ? [] : [finding];
  switch (record.name) {
    case "PaymentReceived": {
      const { paymentId } = record.value;
      const { payments } = customer.state;
      // Its return came first and waited for it (F-9).
      return findById(payments, paymentId)?.status === returned
        ? some(returnedPayment(customer, paymentId, null, moment))
        : checkPayment(customer, paymentId, isNewPayer, moment);
    }
    case "PaymentReturned": {
      const { paymentId, reason } = record.value;
      return some(returnedPayment(customer, paymentId, reason, moment));
    }
    case "ComplaintOpened":
      return [
        ...some(complaintBurst(customer, record.value.complaintId, moment)),
        ...checkComplaint(customer, record.value, moment),
      ];
    case "CustomerRated": {
      // A rating that came late and is not the newest one says nothing new.
      const isTaken = customer.state.rating?.day === record.value.ratedAt;
      if (!isTaken) return [];
      return some(ratingFell(customer, record.value, ratingBefore, moment));
    }
    case "RegisterReported":
      return some(registerEntry(customer, record.value, moment));
    case "IndustryRated":
      return some(industryRose(customer, record.value, industryBefore));
    case "BalanceReported": {
      const { value } = record;
      return some(checkBalance(customer, value, settlement, moment, emitter));
    }
    case "OrderReturned":
    case "OrderCancelled":
      return some(cancelledMore(customer, moment));
    default:
      return [];
  }
}
