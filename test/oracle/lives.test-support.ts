/** Random lives of a customer, through the product's fold and the oracle. */
import type { Fx, NamedRecord } from "@riskwall/schemas";
import fc from "fast-check";
import { closeCustomer } from "../../processor/src/core/customer.ts";
import { slotOf, type Slot } from "../../processor/src/core/slot.ts";
import { dayMs, event, start, type CaseName } from "./cases.test-support.ts";
import { localDay } from "./calendar.ts";
import { createChronicle, readEntry } from "./chronicle.ts";
import { compareCustomer } from "./compare.ts";
import { check, type Difference } from "./difference.ts";
import { freshFold } from "../support/fresh-fold.ts";

const hourMs = 3_600_000;

/** One event as plain data: `days` are fields that lie so far from today. */
export interface Step {
  readonly hours: number;
  /** How long after its time the event is appended. */
  readonly lateHours: number;
  readonly name: CaseName;
  readonly over: Readonly<Record<string, unknown>>;
  readonly days: Readonly<Record<string, number>>;
}

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;
type Days = Readonly<Record<string, fc.Arbitrary<number>>>;

function steps(
  name: CaseName,
  over: Fields,
  days: Days = {},
): fc.Arbitrary<Step> {
  return fc.record({
    hours: fc.integer({ min: 0, max: 60 }),
    lateHours: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 200 }) },
    ),
    name: fc.constant(name),
    over: fc.record(over),
    days: fc.record(days),
  });
}

const amount = fc.constantFrom(
  ...[90_00, 100_00, 300_00, 299_50, 1000_00, 4000_00],
);
const id = (prefix: string): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: 4 }).map((n) => `${prefix}${String(n)}`);
const dollars = fc.constant("USD");
const past = fc.integer({ min: -3, max: 0 });

/** No rest of a dollar invoice comes near the write-off, which is in yuan. */
const roundAmount = fc.constantFrom(90_00, 100_00, 300_00, 1000_00);

const step: fc.Arbitrary<Step> = fc.oneof(
  steps("OrderPlaced", { orderId: id("O"), amount }),
  steps("OrderAmended", {
    ...{ orderId: id("O"), amount },
    version: fc.integer({ min: 1, max: 3 }),
  }),
  steps("OrderCancelled", { orderId: id("O") }),
  steps(
    "InvoiceIssued",
    { invoiceId: id("I"), amount, orderId: fc.option(id("O")) },
    { issueDate: past, dueDate: fc.integer({ min: 0, max: 40 }) },
  ),
  steps("InvoiceCredited", {
    ...{ invoiceId: id("I"), creditNoteId: id("K"), amount },
  }),
  steps(
    "PaymentReceived",
    {
      ...{
        paymentId: id("P"),
        amount,
        state: fc.constantFrom("cleared", "cleared", "pending"),

        invoiceId: fc.option(id("I")),
      },
      orderId: fc.option(id("O")),
    },
    { valueDate: past },
  ),
  steps("PaymentReturned", { paymentId: id("P") }),
  steps("DeliveryCompleted", { orderId: id("O"), deliveryId: id("D"), amount }),
  steps("OrderReturned", { orderId: id("O"), returnId: id("B"), amount }),
  steps(
    "PaymentRefunded",
    { paymentId: id("P"), refundId: id("R"), amount },
    { valueDate: past },
  ),
  steps("InvoiceWrittenOff", {
    invoiceId: id("I"),
    writeOffId: id("W"),
    amount,
  }),
  steps(
    "InvoiceIssued",
    { invoiceId: id("I"), amount, discount: fc.constant(200) },
    {
      issueDate: past,
      dueDate: fc.integer({ min: 0, max: 40 }),
      discountDate: fc.constant(9),
    },
  ),
  steps(
    "PaymentReceived",
    {
      ...{ paymentId: id("P"), amount: fc.constant(1000_00) },
      allocations: fc
        .record({
          ...{ invoiceId: id("I"), amount },
          discount: fc.constantFrom(0, 50, 2_00),
        })
        .map((one) => [one]),
    },
    { valueDate: past },
  ),
  steps("CoverSet", {
    ...{ coverId: id("V"), amount },
    kind: fc.constantFrom("insurance", "deposit"),
    coverage: fc.constantFrom(333, 900, 1000),
    countsIn: fc.constantFrom("limit", "exposure"),
    validTo: fc.option(
      fc.integer({ min: 5, max: 90 }).map((day) => start + day * dayMs),
    ),
  }),
  steps(
    "MilestoneReported",
    { milestoneId: id("M") },
    { dueDate: fc.integer({ min: -30, max: 20 }) },
  ),
  steps(
    "MilestoneReported",
    { milestoneId: id("M") },
    { dueDate: fc.integer({ min: -30, max: 0 }), doneDate: past },
  ),
  steps(
    "RegisterReported",
    {
      registerId: id("E"),
      kind: fc.constantFrom("court", "execution", "insolvency"),
      status: fc.constantFrom("open", "closed", "closed"),
    },
    { date: past },
  ),
  steps("IndustryRated", { level: fc.integer({ min: 0, max: 3 }) }),
  steps("DunningSent", {
    dunningId: id("L"),
    level: fc.integer({ min: 1, max: 9 }),
    invoiceId: fc.option(id("I")),
  }),
  steps(
    "PaymentPromised",
    {
      ...{ promiseId: id("S"), amount },
      invoiceIds: fc.uniqueArray(id("I"), { maxLength: 2 }),
    },
    { promiseDate: fc.integer({ min: 0, max: 10 }) },
  ),
  steps("ComplaintOpened", {
    ...{ complaintId: id("C"), invoiceId: fc.option(id("I")) },
    disputedAmount: fc.option(amount),
  }),
  steps("ComplaintResolved", {
    complaintId: id("C"),
    outcome: fc.constantFrom("accepted", "partly", "rejected"),
  }),
  // Papers in dollars; each keeps to one currency.
  steps("OrderPlaced", {
    ...{
      orderId: fc.constantFrom("W1", "W2"),
      amount: roundAmount,
      currency: dollars,
    },
  }),
  steps(
    "InvoiceIssued",
    {
      invoiceId: fc.constantFrom("U1", "U2"),
      amount: roundAmount,
      currency: dollars,
    },
    { issueDate: past, dueDate: fc.integer({ min: 0, max: 40 }) },
  ),
  steps(
    "PaymentReceived",
    {
      ...{
        paymentId: fc.constantFrom("V1", "V2"),
        amount: roundAmount,
        currency: dollars,
      },
      invoiceId: fc.option(fc.constantFrom("U1", "U2")),
    },
    { valueDate: past },
  ),
  steps("CustomerLimitSet", {
    amount: amount.map((minor) => minor * 5),
    validTo: fc.constant(null),
  }),
  steps("CustomerLimitSet", {
    amount: amount.map((minor) => minor * 9),
    kind: fc.constant("temporary"),
    validTo: fc.integer({ min: 50, max: 90 }).map((day) => start + day * dayMs),
  }),
  steps("OperatorAction", {
    action: fc.constantFrom("set-limit", "approve-limit", "reject-limit"),
    // The automatic ceiling is 500,000: above it two people decide.
    amount: fc.constantFrom(40_000_00, 600_000_00, 900_000_00),
    actor: fc.constantFrom("li", "wang"),
    kind: fc.constantFrom("standing", "temporary"),
  }),
);

/**
 * The state forgets an order that is done after eight days: later words about
 * it, and its id used again, are out of this comparison.
 */
const changeableDays = 6;

/** Types whose first record under an id makes the paper. */
const creating: ReadonlySet<string> = new Set([
  "OrderPlaced",
  "InvoiceIssued",
  "PaymentReceived",
  "PaymentPromised",
  "ComplaintOpened",
]);

/** Types that speak of a thing for as long as it is there. */
const lasting: ReadonlySet<string> = new Set([
  "CoverSet",
  "MilestoneReported",
  "RegisterReported",
  "DunningSent",
]);

const rates: Fx = {
  ...{ version: 1, effectiveAt: 0, asOf: 20_514, base: "CNY" },
  rates: { USD: "0.1405" },
};

export interface Life {
  readonly steps: readonly Step[];
  /** Days that pass after the last step. */
  readonly quietDays: number;
}

/** About a month of events, then silence: ageing goes on by itself (F-30). */
export const life: fc.Arbitrary<Life> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 22, size: "max" }),
  quietDays: fc.integer({ min: 0, max: 120 }),
});

/** Folds the steps with the product and with the oracle; what differs. */
export function differences({ steps: all, quietDays }: Life): Difference[] {
  const fold = freshFold(0);
  const slots = new Map<string, Slot>();
  const chronicle = createChronicle();
  const append = (appendedAt: number, record: NamedRecord): void => {
    const offset = chronicle.next;
    const item = { offset, appendedAt, record };
    const raw = new Uint8Array(0);
    const entry = { ...item, problem: null, raw };
    for (const subject of fold.needs(entry)) {
      if (slots.has(subject)) continue;
      slots.set(subject, slotOf(null));
    }
    fold.fold(entry, slots);
    readEntry(chronicle, item);
  };
  let now = start;
  append(now, { name: "Fx", value: rates });
  /** A tick a day, as the product's owner appends them. */
  const pass = (hours: number): void => {
    for (let left = hours; left > 0; left -= 24) {
      now += Math.min(24, left) * hourMs;
      append(now, { name: "Tick", value: {} });
    }
  };
  const made = new Map<string, number>();
  for (const { hours, lateHours, name, over, days } of all) {
    pass(hours);
    const today = localDay(now, 480);
    const dates = Object.entries(days).map(
      ([field, from]) => [field, today + from] as const,
    );
    const [[idField = "", paper] = []] = Object.entries(over);
    const key = `${idField} ${String(paper)}`;
    const age = today - (made.get(key) ?? today);
    const isLost = !lasting.has(name) && age > changeableDays;
    if (creating.has(name) ? made.has(key) : isLost) continue;
    if (creating.has(name)) made.set(key, today);
    const record = event(name, { ...over, ...Object.fromEntries(dates) });
    const value = { time: now - lateHours * hourMs, ...record.value };
    append(now, { ...record, value } as NamedRecord);
  }
  pass(quietDays * 24);
  const customer = slots.get("C-1")?.customer;
  const dossier = chronicle.customers.get("C-1");
  if (!customer || !dossier || dossier.events.length === 0) {
    const applied = dossier?.events.length ?? 0;
    const found: Difference[] = [];
    check(found, "customer", applied > 0, Boolean(customer));
    return found;
  }
  return compareCustomer(dossier, closeCustomer(customer), chronicle);
}
