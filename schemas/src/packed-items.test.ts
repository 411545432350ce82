import fc from "fast-check";
import { expect, test } from "vitest";
import {
  packInvoices,
  packOrders,
  packPayments,
  unpackInvoices,
  unpackOrders,
  unpackPayments,
} from "./packed-items.ts";
import { createReader, packed, putText } from "./packing.ts";
import type { InvoiceItem, OrderItem, PaymentItem } from "./records.ts";

const amount = fc.oneof(
  fc.constantFrom(0, 1, -1, 100),
  fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
);
const day = fc.integer({ min: 0, max: 40_000 });
const orZero = (of: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof(fc.constant(0), of);
const text = fc.oneof(
  fc.constantFrom("", "SO-1", "SO-12", "订单-1", "订单-2", "a😀", "a😁"),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const maybeText = fc.option(text, { nil: null });
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
const currency = fc.constantFrom("CNY", "USD", "JPY");

const order: fc.Arbitrary<OrderItem> = fc.record({
  ...{ id: text, eventId: text, source: text, currency },
  ...{ placed: instant, amount, base: amount, frozen: orZero(amount) },
  ...{ open: orZero(amount), due: fc.option(day, { nil: null }) },
  ...{ version: fc.nat(9), status: fc.nat(5), changed: day },
  ...{ recheck: orZero(instant), expires: orZero(instant) },
  decision: fc.option(
    fc.record({
      outcome: fc.constantFrom("allow", "hold", "reject"),
      codes: fc.array(fc.constantFrom("H01", "H03", "H15"), { maxLength: 3 }),
      ...{ score: fc.nat(850), class: fc.constantFrom("A", "E") },
      ...{ before: amount, after: amount, ruleset: fc.nat(99), at: instant },
      limit: fc.option(amount, { nil: null }),
    }),
    { nil: null },
  ),
  goods: fc.option(
    fc.record({
      unbilled: amount,
      moves: fc.array(fc.record({ id: text, amount, currency }), {
        maxLength: 3,
      }),
    }),
    { nil: null },
  ),
});
const invoice: fc.Arbitrary<InvoiceItem> = fc.record({
  ...{ id: text, orderId: maybeText, issue: day, due: day, amount, currency },
  ...{ base: amount, frozen: orZero(amount), frozenDay: orZero(day) },
  ...{ credited: orZero(amount), open: orZero(amount) },
  ...{ disputed: orZero(amount), disputedDay: orZero(day) },
  ...{ settledDay: orZero(day), marks: fc.nat(90) },
  parts: fc.array(fc.record({ due: day, amount, paid: orZero(day) }), {
    maxLength: 3,
  }),
});
const payment: fc.Arbitrary<PaymentItem> = fc.record({
  ...{ id: text, day, amount, currency, base: amount, free: orZero(amount) },
  ...{ invoiceId: maybeText, orderId: maybeText, status: fc.nat(2) },
  allocations: fc.array(
    fc.record({ invoiceId: text, amount, discount: amount }),
    {
      maxLength: 3,
    },
  ),
});

/** The whole amount open is told by a bit, so it must occur. */
function wholeOpen<T extends { amount: number }>(
  of: fc.Arbitrary<T>,
  field: "open" | "free",
): fc.Arbitrary<T[]> {
  const opened = fc
    .tuple(of, fc.boolean())
    .map(([item, whole]) => (whole ? { ...item, [field]: item.amount } : item));
  return fc.array(opened, { maxLength: 6 });
}

test("orders come back as they were", () => {
  fc.assert(
    fc.property(wholeOpen(order, "open"), (list) => {
      expect(unpackOrders(packOrders(list))).toEqual(list);
    }),
  );
});

test("invoices come back as they were", () => {
  fc.assert(
    fc.property(wholeOpen(invoice, "open"), (list) => {
      expect(unpackInvoices(packInvoices(list))).toEqual(list);
    }),
  );
});

test("payments come back as they were", () => {
  fc.assert(
    fc.property(wholeOpen(payment, "free"), (list) => {
      expect(unpackPayments(packPayments(list))).toEqual(list);
    }),
  );
});

test("texts of any script lean on the one before, and long ones grow", () => {
  const values = [
    "",
    "订单-1",
    "订单-2",
    "a😀",
    "a😁",
    "x".repeat(70_000),
    "é",
  ];
  const bytes = packed(() => {
    values.forEach((value, i) => {
      putText(value, values[i - 1] ?? "");
    });
  });
  const r = createReader(bytes);
  const read: string[] = [];
  while (r.more()) read.push(r.text(read.at(-1) ?? ""));
  expect(read).toEqual(values);
  const cut = createReader(bytes.subarray(0, bytes.length - 1));
  expect(() => {
    let last = "";
    while (cut.more()) last = cut.text(last);
  }).toThrow("truncated");
});
