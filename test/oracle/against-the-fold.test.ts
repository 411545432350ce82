import fc from "fast-check";
import { expect, test } from "vitest";
import { differences, life, type Step } from "./lives.test-support.ts";

/** Each folds some months of a life twice; the machine may be busy. */
const patienceMs = 120_000;
/** The same lives in every run; `RISKWALL_SEED=$RANDOM` looks for others. */
const seed = Number(process.env["RISKWALL_SEED"] ?? "20261127");

test(
  "the product's fold and the oracle agree on random lives",
  { timeout: patienceMs },
  () => {
    fc.assert(
      fc.property(life, (one) => {
        expect(differences(one)).toEqual([]);
      }),
      { numRuns: 200, seed },
    );
  },
);

const step = (
  name: Step["name"],
  over: Step["over"],
  days: Step["days"] = {},
  lateHours = 0,
): Step => ({ hours: 1, lateHours, name, over, days });
const invoice = (over: Step["over"]): Step =>
  step("InvoiceIssued", over, { issueDate: -1, dueDate: 10 });
const payment = (over: Step["over"]): Step =>
  step("PaymentReceived", over, { valueDate: 0 });
const returned = step("PaymentReturned", { paymentId: "P" });
const amount = 300_00;

test.each([
  {
    title: "the same number of another currency is no exact amount (F-16)",
    steps: [
      invoice({ invoiceId: "I", amount }),
      invoice({ invoiceId: "U", amount: 90_00, currency: "USD" }),
      payment({ paymentId: "P", amount, currency: "USD" }),
    ],
  },
  {
    title: "a return before its pending payment holds, and counts once (F-9)",
    steps: [
      returned,
      payment({ paymentId: "P", amount, state: "pending" }),
      returned,
      payment({ paymentId: "P", amount, state: "cleared" }),
    ],
  },
  {
    title: "a credit balance without a limit is no expected loss (C1)",
    steps: [payment({ paymentId: "P", amount })],
  },
  {
    title: "settled invoices make a need, and a limit of it (C9)",
    steps: [1, 2, 3, 4].flatMap((n) => {
      const invoiceId = `I${String(n)}`;
      const issued = { invoiceId, amount: n * 1_000_000_00 };
      const paid = { paymentId: `P${String(n)}`, amount: n * 1_000_000_00 };
      return [invoice(issued), payment({ ...paid, invoiceId })];
    }),
  },
  {
    title: "whose only event is late is no customer (F-8)",
    steps: [step("OrderPlaced", { orderId: "O", amount }, {}, 169)],
  },
])("$title", ({ steps }) => {
  expect(differences({ steps, quietDays: 1 })).toEqual([]);
});

test(
  "and on what is decided about a last order",
  { timeout: patienceMs },
  () => {
    const lastAmount = fc.constantFrom(1_00, 500_00, 5000_00);
    fc.assert(
      fc.property(life, lastAmount, ({ steps }, value) => {
        const last = step("OrderPlaced", { orderId: "Z", amount: value });
        expect(differences({ steps: [...steps, last], quietDays: 0 })).toEqual(
          [],
        );
      }),
      { numRuns: 100, seed },
    );
  },
);
