/**
 * One customer with nothing but open invoices: what an event costs the fold,
 * and what the state weighs (docs/decisions/0005). No server takes part.
 */
import type { Records } from "@riskwall/schemas";
import { encodeState } from "@riskwall/schemas/state";
import { closeCustomer } from "../../processor/src/core/customer.ts";
import { slotOf, type Slot } from "../../processor/src/core/slot.ts";
import { shippedRules } from "../../processor/src/rule-file.ts";
import type { Benchmark } from "./benchmark.ts";
import { roundsOf, type Figure } from "./figure.ts";
import { nowMs } from "./paced.ts";
import { freshFold } from "../support/fresh-fold.ts";

const dayMs = 86_400_000;
const customerId = "C-1";
const payments = 20;

interface OneCustomer {
  /** Folds an event, ms of it. */
  readonly fold: (event: InvoiceOrPayment) => number;
  readonly slot: Slot;
}

type InvoiceOrPayment =
  | {
      readonly name: "InvoiceIssued";
      readonly value: Records["InvoiceIssued"];
    }
  | {
      readonly name: "PaymentReceived";
      readonly value: Records["PaymentReceived"];
    };

function createOne(): OneCustomer {
  const fold = freshFold(0);
  const slot = slotOf(null);
  const slots = new Map([[customerId, slot]]);
  let offset = 0;
  return {
    slot,
    fold: (record) => {
      const { time } = record.value;
      const raw = new Uint8Array(0);
      const item = { offset, appendedAt: time, record, problem: null, raw };
      offset += 1;
      const started = nowMs();
      fold.needs(item);
      fold.fold(item, slots);
      return nowMs() - started;
    },
  };
}

const cents = (i: number): number => 100_000 + (i % 777) * 100;
const idOf = (i: number): string => `I-${String(i).padStart(6, "0")}`;

function measure(items: number): readonly Figure[] {
  const today = Math.floor(Date.now() / dayMs);
  const start = today * dayMs;
  const { fold, slot } = createOne();
  let serial = 0;
  const base = (): Pick<
    Records["InvoiceIssued"],
    "eventId" | "source" | "time" | "historical" | "customerId" | "currency"
  > => {
    serial += 1;
    const eventId = `e-${String(serial)}`;
    const time = start + serial * 1000;
    const by = { source: "bench", historical: false, customerId };
    return { ...by, eventId, time, currency: "CNY" };
  };
  for (let i = 0; i < items; i += 1) {
    const value = {
      ...{ ...base(), invoiceId: idOf(i), amount: cents(i), orderId: null },
      ...{ issueDate: today - 5, dueDate: today + 30, instalments: [] },
      ...{ discount: 0, discountDate: null },
    };
    fold({ name: "InvoiceIssued", value });
  }
  const pay = (invoiceId: string | null): number => {
    const common = base();
    const value = {
      ...{ ...common, paymentId: common.eventId, amount: 123_400 },
      ...{ valueDate: today, invoiceId, orderId: null, allocations: [] },
      ...{ method: null, payerAccount: null, state: "cleared" as const },
    };
    return fold({ name: "PaymentReceived", value });
  };
  const named = Array.from({ length: payments }, (_, i) => pay(idOf(i)));
  const unnamed = Array.from({ length: payments }, () => pay(null));
  const { customer } = slot;
  if (customer === null) throw new Error("nothing was folded");
  const started = nowMs();
  const bytes = encodeState(closeCustomer(customer)).length;
  const encoding = nowMs() - started;
  const of = `${String(items)} open items`;
  return [
    {
      name: `${of}: payment that names its invoice`,
      ...{ ...roundsOf(named), unit: "ms" },
    },
    {
      name: `${of}: payment without a name`,
      ...{ ...roundsOf(unnamed), unit: "ms" },
    },
    { name: `${of}: state`, value: bytes, unit: "B" },
    { name: `${of}: encoding the state`, value: encoding, unit: "ms" },
  ];
}

export const largeLedger: Benchmark = {
  name: "large-ledger",
  run: async () => {
    const { itemMax } = shippedRules().rules.ledger;
    measure(1000);
    const sizes = [256, 1000, 5000, itemMax - 2 * payments];
    return Promise.resolve(sizes.flatMap(measure));
  },
};
