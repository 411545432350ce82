/** What the gate does to a record of an inbox: JSON and back loses nothing. */
import { toContract, type NamedRecord } from "@riskwall/schemas";
import { expect, test } from "vitest";
import { parseEvent } from "./parse-event.ts";

const now = Date.UTC(2026, 10, 20, 1);
const sum = { amount: "10.50", currency: "CNY" };
const rows: [string, Record<string, unknown>][] = [
  ["order.returned", { returnId: "R", orderId: "O", ...sum, reason: "torn" }],
  ["delivery.completed", { deliveryId: "D", orderId: "O", ...sum }],
  [
    "payment.refunded",
    { refundId: "R", paymentId: "P", ...sum, valueDate: "2026-03-01" },
  ],
  ["invoice.written-off", { writeOffId: "W", invoiceId: "I", ...sum }],
  [
    "cover.set",
    {
      ...{ coverId: "V", kind: "deposit", ...sum, coverage: 87.5 },
      ...{
        countsIn: "exposure",
        validFrom: "2026-03-01",
        validTo: "2027-03-01",
      },
      ...{ issuer: "bank", policy: "P-1" },
    },
  ],
  [
    "milestone.reported",
    {
      ...{ milestoneId: "M", contractId: "K", dueDate: "2026-03-01" },
      doneDate: "2026-03-04",
    },
  ],
  [
    "register.reported",
    {
      ...{ registerId: "E", kind: "court", date: "2026-03-01" },
      ...{ status: "closed", authority: "沪高院" },
    },
  ],
  ["industry.rated", { industry: "steel", level: 2, ratedAt: "2026-03-01" }],
  ["dunning.sent", { dunningId: "L", level: 2, invoiceId: "I" }],
  ["dunning.sent", { dunningId: "L", stage: "court", result: "filed" }],
  ["balance.reported", { asOf: "2026-03-01", ...sum }],
  [
    "invoice.issued",
    {
      ...{ invoiceId: "I", ...sum, issueDate: "2026-01-01" },
      ...{ dueDate: "2026-02-01", discountPercent: 1.75 },
      discountDate: "2026-01-11",
    },
  ],
  [
    "payment.received",
    {
      ...{ paymentId: "P", ...sum, valueDate: "2026-01-09" },
      allocations: [{ invoiceId: "I", amount: "10.30", discount: "0.20" }],
    },
  ],
];

test.each(rows)("%s %j", (type, data) => {
  const context = { now, latest: null, historical: false };
  const event = {
    ...{ id: "e1", source: "erp", type, time: "2026-11-20T08:30:00+08:00" },
    data: { customerId: "C-1", ...data },
  };
  const first = parseEvent(event, context);
  if (first.kind !== "business") throw new Error(JSON.stringify(first));
  const { name, value } = first;
  // Name and value belong together by `Records`.
  const json: unknown = JSON.parse(
    JSON.stringify(toContract({ name, value } as NamedRecord)),
  );
  expect(parseEvent(json, context)).toEqual(first);
});
