/** One event of each type as senders write it: the door takes every one. */
import type { BusinessType } from "./records.ts";

type Data = Readonly<Record<string, unknown>>;

const customerId = "C-1001";
const sum = { amount: "125000.00", currency: "CNY" } as const;
const part = { amount: "25000.00", currency: "CNY" } as const;

/** What stands in `data`; fields that may be absent are shown, too. */
export const exampleData: Readonly<Record<BusinessType, Data>> = {
  "order.placed": {
    ...{ customerId, orderId: "SO-1001", ...sum, dueDate: "2026-12-20" },
    ...{ channel: "web", shipTo: "Suzhou", buyer: "Li Wei" },
  },
  "order.amended": { customerId, orderId: "SO-1001", ...sum, version: 2 },
  "order.cancelled": { customerId, orderId: "SO-1001", reason: "duplicate" },
  "order.returned": {
    ...{ customerId, returnId: "RT-7", orderId: "SO-1001", ...part },
    reason: "damaged",
  },
  "delivery.completed": {
    ...{ customerId, deliveryId: "DN-88", orderId: "SO-1001", ...sum },
  },
  "invoice.issued": {
    ...{ customerId, invoiceId: "INV-501", ...sum, orderId: "SO-1001" },
    ...{ issueDate: "2026-11-20", dueDate: "2026-12-20" },
    ...{ discountPercent: 2, discountDate: "2026-11-30" },
  },
  "invoice.credited": {
    ...{ customerId, invoiceId: "INV-501", creditNoteId: "CN-3", ...part },
    reason: "price correction",
  },
  "invoice.written-off": {
    ...{ customerId, writeOffId: "WO-2", invoiceId: "INV-501", ...part },
    reason: "insolvency",
  },
  "payment.received": {
    ...{ customerId, paymentId: "PAY-9001", ...part },
    ...{ valueDate: "2026-12-18", invoiceId: "INV-501", method: "transfer" },
  },
  "payment.returned": {
    ...{ customerId, paymentId: "PAY-9001", reason: "insufficient funds" },
  },
  "payment.refunded": {
    ...{ customerId, refundId: "RF-1", paymentId: "PAY-9001", ...part },
    valueDate: "2026-12-21",
  },
  "payment.promised": {
    ...{ customerId, promiseId: "PR-12", ...part },
    ...{ promiseDate: "2027-01-15", invoiceIds: ["INV-501"] },
  },
  "complaint.opened": {
    ...{ customerId, complaintId: "CMP-4", orderId: "SO-1001" },
    ...{ text: "三台电机到货破损，要求换货", severity: "high" },
    ...{ disputedAmount: "25000.00", currency: "CNY" },
  },
  "complaint.resolved": {
    ...{ customerId, complaintId: "CMP-4", outcome: "accepted" },
    note: "replaced",
  },
  "customer.upserted": {
    ...{ customerId, name: "恒远机电设备有限公司", segment: "distributor" },
    ...{ industry: "machinery", country: "CN", termsDays: 30 },
    ...{ since: "2019-04-01", owner: "Wu Min" },
    ...{ creditLimit: "800000.00", currency: "CNY" },
  },
  "customer.rated": {
    ...{ customerId, agency: "CCX", rating: "A+", normalised: 72 },
    ratedAt: "2026-11-01",
  },
  "customer.limit-set": {
    ...{ customerId, amount: "800000.00", currency: "CNY", kind: "standing" },
    reason: "yearly review",
  },
  "customer.merged": { customerId, into: "C-2002" },
  "customer.erased": { customerId, reason: "request of the person" },
  "group.set": {
    ...{ groupId: "G-7", name: "Hengyuan Group" },
    ...{ limit: "5000000.00", currency: "CNY" },
  },
  "cover.set": {
    ...{ customerId, coverId: "CV-1", kind: "insurance", ...sum },
    ...{ coverage: 90, countsIn: "exposure", validTo: "2027-06-30" },
    issuer: "Sinosure",
  },
  "milestone.reported": {
    ...{ customerId, milestoneId: "MS-2", contractId: "CT-5" },
    dueDate: "2026-12-31",
  },
  "register.reported": {
    ...{ customerId, registerId: "EX-31", kind: "execution" },
    ...{ date: "2026-11-12", authority: "Suzhou court" },
  },
  "industry.rated": { customerId, industry: "machinery", level: "raised" },
  "dunning.sent": {
    ...{ customerId, dunningId: "DU-6", level: 2, invoiceId: "INV-501" },
    channel: "mail",
  },
  "balance.reported": { customerId, asOf: "2026-11-30", ...sum },
};

/** The whole event; its id and time are whoever shows it's to choose. */
export function exampleEvent(type: BusinessType): {
  readonly id: string;
  readonly source: string;
  readonly type: BusinessType;
  readonly time: string;
  readonly data: Data;
} {
  const data = exampleData[type];
  const id = `${type.replace(/[^a-z]/g, "-")}-1`;
  return { id, source: "erp", type, time: "2026-11-20T08:30:00+08:00", data };
}
