import { expect, test } from "vitest";
import { toContract } from "./contract-json.ts";

const envelope = {
  eventId: "e1",
  source: "erp",
  time: Date.UTC(2026, 10, 20),
  historical: false,
  customerId: "C-1",
};

test("a complaint: money in its currency, severity as a fraction", () => {
  const json = toContract({
    name: "ComplaintOpened",
    value: {
      ...envelope,
      complaintId: "K-1",
      text: null,
      language: "zh",
      category: null,
      severity: 750,
      orderId: null,
      invoiceId: "INV-1",
      disputedAmount: 1000,
      currency: "JPY",
      facts: null,
    },
  });
  expect(json).toEqual({
    id: "e1",
    source: "erp",
    type: "complaint.opened",
    time: "2026-11-20T00:00:00.000Z",
    data: {
      customerId: "C-1",
      historical: false,
      complaintId: "K-1",
      language: "zh",
      severity: 0.75,
      invoiceId: "INV-1",
      disputedAmount: "1000",
      currency: "JPY",
    },
  });
});

test("a payment's allocations carry the payment's currency", () => {
  const json = toContract({
    name: "PaymentReceived",
    value: {
      ...envelope,
      paymentId: "P-1",
      amount: 12_345,
      currency: "KWD",
      valueDate: 20_777,
      invoiceId: null,
      orderId: null,
      allocations: [{ invoiceId: "INV-1", amount: 12_345, discount: 5 }],
      method: null,
      payerAccount: null,
      state: "cleared",
    },
  });
  expect(json).toMatchObject({
    data: {
      amount: "12.345",
      valueDate: "2026-11-20",
      allocations: [
        { invoiceId: "INV-1", amount: "12.345", discount: "0.005" },
      ],
    },
  });
});
