/** Small logs made by hand for the tests of the oracle. */
import type { NamedRecord, RecordName, Records } from "@riskwall/schemas";
import { dayOf } from "./calendar.ts";
import { createChronicle, readEntry, type Chronicle } from "./chronicle.ts";

/** 2026-03-02, a Monday, at 09:00 in Shanghai. */
export const start = Date.UTC(2026, 2, 2, 1);
export const dayMs = 86_400_000;

export const day = (date: string): number => dayOf(date);

const common = {
  source: "test-erp",
  historical: false,
  customerId: "C-1",
  currency: "CNY",
};

/** Fields that the cases do not care about. */
const defaults = {
  OrderPlaced: {
    ...{ dueDate: null, termsDays: 30, channel: null, shipTo: null },
    ...{ lines: null, insured: false, buyer: null },
  },
  OrderAmended: { dueDate: null },
  OrderCancelled: { reason: null },
  InvoiceIssued: {
    ...{ orderId: null, instalments: [], discount: 0, discountDate: null },
  },
  InvoiceCredited: { reason: null },
  PaymentReceived: {
    ...{ invoiceId: null, orderId: null, allocations: [], method: null },
    ...{ payerAccount: null, state: "cleared" },
  },
  PaymentReturned: { reason: null },
  PaymentPromised: { invoiceIds: [] },
  ComplaintOpened: {
    ...{ text: null, language: null, category: null, severity: null },
    ...{ orderId: null, invoiceId: null, disputedAmount: null, facts: null },
  },
  ComplaintResolved: { note: null },
  CustomerLimitSet: { kind: "standing", reason: "", validFrom: null },
  CustomerErased: { reason: null },
  OrderReturned: { reason: null },
  DeliveryCompleted: {},
  PaymentRefunded: { valueDate: null, reason: null },
  InvoiceWrittenOff: { reason: null },
  CoverSet: {
    ...{ kind: "insurance", coverage: 900, countsIn: "exposure" },
    ...{ validFrom: null, validTo: null, issuer: null, policy: null },
  },
  MilestoneReported: { contractId: null, doneDate: null },
  RegisterReported: { kind: "court", status: "open", authority: null },
  IndustryRated: { industry: null, ratedAt: null },
  DunningSent: { invoiceId: null, channel: null, result: null },
  BalanceReported: {},
  OperatorAction: {
    ...{ actionId: "", target: "customer", targetId: "C-1", expected: null },
    ...{ reason: "", note: null, until: null, assignee: null },
    secondActor: null,
  },
} as const;
export type CaseName = keyof typeof defaults & RecordName;

let eventCount = 0;

/** An event of the case's customer; its time is the append time. */
export function event<Name extends CaseName>(
  name: Name,
  over: Partial<Records[Name]>,
): NamedRecord {
  eventCount += 1;
  const eventId = `e-${String(eventCount)}`;
  // Name and value belong together by `Records`.
  return {
    name,
    value: { ...common, eventId, ...defaults[name], ...over },
  } as NamedRecord;
}

export interface Line {
  /** Days after `start` at which the record is appended. */
  readonly on: number;
  readonly record: NamedRecord;
}

/** Reads lines as the log of one partition; `time` is filled in. */
export function readLines(
  lines: readonly Line[],
  chronicle: Chronicle = createChronicle(),
): Chronicle {
  for (const { on, record } of lines) {
    const appendedAt = start + on * dayMs;
    const value = { time: appendedAt, ...record.value };
    readEntry(chronicle, {
      offset: chronicle.next,
      appendedAt,
      record: { ...record, value } as NamedRecord,
    });
  }
  return chronicle;
}
