/**
 * Questions about a customer, answered by the fold on a copy: nothing is
 * written, and no second code path decides (architecture 7).
 */
import type {
  Decision,
  NamedRecord,
  OperatorAction,
  OrderPlaced,
} from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import {
  foldAction,
  foldBusiness,
  foldSweep,
  foldTimer,
} from "./customer-step.ts";
import { type RecordPosition } from "./moment.ts";
import { createEmitter, type Emitter, type Output } from "./emit.ts";
import type { Env } from "./env.ts";
import { orderHeld } from "./ledger.ts";
import { findById } from "./sorted.ts";

/** A new order of so much, in minor units of its currency. */
export interface WantedOrder {
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
}

export type Question =
  | { readonly kind: "place"; readonly order: WantedOrder }
  | { readonly kind: "release"; readonly orderId: string }
  | { readonly kind: "paid"; readonly invoiceId: string }
  | {
      readonly kind: "unpaid";
      readonly invoiceId: string;
      /** Days from today for which nothing is paid on it. */
      readonly days: number;
    };

export type QuestionProblem =
  "order_known" | "order_not_held" | "invoice_not_open";

export interface Foreseen {
  readonly customer: Customer;
  readonly outputs: readonly Output[];
  /** Instant at which the copy stands, ms. */
  readonly now: number;
}

const source = "what-if";

function position(now: number): RecordPosition {
  return { appendedAt: now, logTime: now, raw: new Uint8Array(0) };
}

/** The copy brought to now, as any touch does; a loading one is caught up. */
export function bringToNow(copy: Customer, env: Env, now: number): number {
  const { loading } = copy.state;
  if (loading === null) {
    foldSweep(copy, env, position(now), createEmitter(0, 0));
    return now;
  }
  const at = Math.max(now, loading.until);
  foldTimer(copy, env, position(at), createEmitter(0, 0));
  return at;
}

function placed(
  customerId: string,
  order: WantedOrder,
  now: number,
): { readonly name: "OrderPlaced"; readonly value: OrderPlaced } {
  return {
    name: "OrderPlaced",
    value: {
      ...order,
      ...{ eventId: source, source, time: now, historical: false, customerId },
      ...{ dueDate: null, termsDays: null, channel: null, shipTo: null },
      ...{ lines: null, insured: false, buyer: null },
    },
  };
}

/** The decision that an order would get now; the copy is used up. */
export function decisionOf(
  copy: Customer,
  order: WantedOrder,
  env: Env,
  now: number,
): Decision | null {
  const emitter = createEmitter(0, 0);
  const record = placed(copy.state.id, order, now);
  foldBusiness(copy, record, env, position(now), emitter);
  const made = emitter.outputs.find(
    (output) =>
      output.name === "Decision" && output.value.orderId === order.orderId,
  );
  return made?.name === "Decision" ? made.value : null;
}

function release(customerId: string, orderId: string): OperatorAction {
  return {
    ...{ eventId: source, source, time: 0, historical: false, customerId },
    ...{ actionId: source, actor: source, target: "order", targetId: orderId },
    ...{ action: "release", expected: null, reason: source, note: null },
    ...{ amount: null, currency: null, kind: null, until: null },
    ...{ assignee: null, secondActor: null },
  };
}

function ask(
  copy: Customer,
  question: Question,
  env: Env,
  now: number,
  emitter: Emitter,
): QuestionProblem | null {
  const { state } = copy;
  const at = position(now);
  const fold = (record: Parameters<typeof foldBusiness>[1]): void => {
    foldBusiness(copy, record, env, at, emitter);
  };
  if (question.kind === "place") {
    const { order } = question;
    if (findById(state.orders, order.orderId)) return "order_known";
    fold(placed(state.id, order, now));
    return null;
  }
  if (question.kind === "release") {
    const order = findById(state.orders, question.orderId);
    if (order?.status !== orderHeld) return "order_not_held";
    foldAction(copy, release(state.id, order.id), env, at, emitter);
    return null;
  }
  const invoice = findById(state.invoices, question.invoiceId);
  if (!invoice || invoice.open === 0) return "invoice_not_open";
  if (question.kind === "paid") {
    const valueDate = localDay(now, env.rules.zoneOffsetMinutes);
    const paid: Extract<NamedRecord, { name: "PaymentReceived" }> = {
      name: "PaymentReceived",
      value: {
        ...{ eventId: source, source, time: now, historical: false },
        ...{ customerId: state.id, paymentId: source, valueDate },
        ...{ amount: invoice.open, currency: invoice.currency },
        ...{ invoiceId: invoice.id, orderId: null, allocations: [] },
        ...{ method: null, payerAccount: null, state: "cleared" },
      },
    };
    fold(paid);
    return null;
  }
  // All else as it stands today: the one invoice is so many days older.
  invoice.due -= question.days;
  invoice.parts = invoice.parts.map((part) => ({
    ...part,
    due: part.due - question.days,
  }));
  foldSweep(copy, env, at, emitter);
  return null;
}

/** How a copy stands after the question, or why it cannot be asked. */
export function foresee(
  copy: Customer,
  question: Question,
  env: Env,
  now: number,
): Foreseen | QuestionProblem {
  const at = bringToNow(copy, env, now);
  const emitter = createEmitter(0, 0);
  const problem = ask(copy, question, env, at, emitter);
  return problem ?? { customer: copy, outputs: emitter.outputs, now: at };
}
