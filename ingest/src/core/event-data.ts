/** The `data` of each event type of contract 2, as the fields of its record. */
import type { BusinessType } from "@riskwall/schemas";
import { groupSubject } from "@riskwall/schemas/names";
import { readMaxChars, type TextReader } from "./complaint-text/text-facts.ts";
import {
  amountOf,
  asFields,
  date,
  dayOrInstant,
  endOf,
  flag,
  isAbsent,
  list,
  money,
  oneOf,
  percent,
  optional,
  optionalMoney,
  refuse,
  startOf,
  subjectId,
  text,
  textUpTo,
  whole,
  type Fields,
} from "./fields.ts";
import { outsideData } from "./outside-data.ts";

/** UTF-16 units of a complaint's text; a longer one is refused. */
export const textMaxChars = readMaxChars;
const instalmentsMax = 120;
const allocationsMax = 500;
const promisedInvoicesMax = 200;
const termsDays = whole([0, 3650]);
const p = "data.";

const word = optional((d, name, path) => text(d, name, path));
const ref = optional(subjectId);
const day = optional(date);
const days = optional(termsDays);

const severityWords: Readonly<Record<string, number>> = {
  low: 300,
  medium: 500,
  high: 800,
  critical: 1000,
};

/** Thousandths of a number 0..1 or of a word. */
function severity(d: Fields, name: string, path: string): number {
  const value = d[name];
  if (typeof value === "number" && value >= 0 && value <= 1) {
    return Math.round(value * 1000);
  }
  const known =
    typeof value === "string" && Object.hasOwn(severityWords, value);
  const words = Object.keys(severityWords).join(", ");
  return (
    (known ? severityWords[value] : undefined) ??
    refuse("bad_value", path + name, `must be a number 0 to 1, or ${words}`)
  );
}

function instalments(
  d: Fields,
  sum: { amount: number; currency: string },
): { dueDate: number; amount: number }[] {
  const parts = list(d, "instalments", p, instalmentsMax, (entry, path) => {
    const part = asFields(entry, path);
    return {
      dueDate: date(part, "dueDate", `${path}.`),
      amount: amountOf(part["amount"], sum.currency, `${path}.amount`),
    };
  });
  const total = parts.reduce((a, b) => a + b.amount, 0);
  if (parts.length > 0 && total !== sum.amount) {
    refuse(
      "instalments_mismatch",
      "data.instalments",
      "instalments must add up to the amount",
    );
  }
  return parts;
}

function allocations(
  d: Fields,
  sum: { amount: number; currency: string },
): { invoiceId: string; amount: number; discount: number }[] {
  const parts = list(d, "allocations", p, allocationsMax, (entry, path) => {
    const part = asFields(entry, path);
    return {
      invoiceId: subjectId(part, "invoiceId", `${path}.`),
      amount: amountOf(part["amount"], sum.currency, `${path}.amount`),
      discount: isAbsent(part["discount"])
        ? 0
        : amountOf(part["discount"], sum.currency, `${path}.discount`),
    };
  });
  if (parts.reduce((a, b) => a + b.amount, 0) > sum.amount) {
    refuse(
      "allocations_exceed",
      "data.allocations",
      "allocations exceed the payment",
    );
  }
  return parts;
}

/** Terms such as 2 % within ten days (C2): both or neither. */
function discountTerms(d: Fields): {
  discount: number;
  discountDate: number | null;
} {
  const discount = optional(percent(2))(d, "discountPercent", p) ?? 0;
  const discountDate = day(d, "discountDate", p);
  if (discount > 0 !== (discountDate !== null)) {
    const missing = discount > 0 ? "discountDate" : "discountPercent";
    refuse("missing_field", p + missing, "a discount needs percent and date");
  }
  return { discount, discountDate };
}

function complaint(d: Fields, readText: TextReader): object {
  const words = optional(textUpTo(textMaxChars))(d, "text", p);
  const disputed = optionalMoney(d, "disputedAmount", p);
  return {
    complaintId: subjectId(d, "complaintId", p),
    text: words,
    language: optional(textUpTo(20))(d, "language", p),
    category: optional(textUpTo(60))(d, "category", p),
    severity: optional(severity)(d, "severity", p),
    orderId: ref(d, "orderId", p),
    invoiceId: ref(d, "invoiceId", p),
    disputedAmount: disputed.amount,
    currency: disputed.currency,
    facts: words === null ? null : readText(words),
  };
}

function upserted(d: Fields): object {
  const limit = optionalMoney(d, "creditLimit", p);
  return {
    name: optional(textUpTo(200))(d, "name", p),
    segment: optional(textUpTo(60))(d, "segment", p),
    industry: optional(textUpTo(60))(d, "industry", p),
    country: optional(textUpTo(60))(d, "country", p),
    currency: limit.currency,
    termsDays: days(d, "termsDays", p),
    since: day(d, "since", p),
    groupId: ref(d, "groupId", p),
    owner: optional(textUpTo(100))(d, "owner", p),
    creditLimit: limit.amount,
  };
}

function limitSet(d: Fields): object {
  const validFrom = optional(startOf)(d, "validFrom", p);
  const validTo = optional(endOf)(d, "validTo", p);
  if (validFrom !== null && validTo !== null && validTo <= validFrom) {
    refuse("bad_value", "data.validTo", "validTo must be after validFrom");
  }
  return {
    ...money(d, p),
    kind: oneOf(["standing", "temporary"])(d, "kind", p),
    reason: text(d, "reason", p),
    validFrom,
    validTo,
  };
}

function groupSet(d: Fields): object {
  const groupId = subjectId(d, "groupId", p);
  const parent = ref(d, "parent", p);
  if (parent === groupId) {
    refuse("bad_value", "data.parent", "a group is not its own parent");
  }
  const limit = optionalMoney(d, "limit", p);
  return {
    customerId: groupSubject(groupId),
    groupId,
    name: optional(textUpTo(200))(d, "name", p),
    parent,
    limit: limit.amount,
    currency: limit.currency,
  };
}

function merged(d: Fields): object {
  const into = subjectId(d, "into", p);
  if (into === d["customerId"]) {
    refuse("bad_value", "data.into", "a customer is not merged into itself");
  }
  return { into };
}

/** Fields of the record of each type; throws `Refusal`. */
export const eventData: Readonly<
  Record<BusinessType, (d: Fields, readText: TextReader) => object>
> = {
  "order.placed": (d) => ({
    orderId: subjectId(d, "orderId", p),
    ...money(d, p),
    dueDate: day(d, "dueDate", p),
    termsDays: days(d, "termsDays", p),
    channel: word(d, "channel", p),
    shipTo: word(d, "shipTo", p),
    buyer: word(d, "buyer", p),
    lines: isAbsent(d["lines"]) ? null : JSON.stringify(d["lines"]),
    insured: flag(d, "insured", p),
  }),
  "order.amended": (d) => ({
    orderId: subjectId(d, "orderId", p),
    ...money(d, p),
    version: whole([0, 1_000_000_000])(d, "version", p),
    dueDate: day(d, "dueDate", p),
  }),
  "order.cancelled": (d) => ({
    orderId: subjectId(d, "orderId", p),
    reason: word(d, "reason", p),
  }),
  "invoice.issued": (d) => {
    const sum = money(d, p);
    return {
      invoiceId: subjectId(d, "invoiceId", p),
      ...sum,
      issueDate: date(d, "issueDate", p),
      dueDate: date(d, "dueDate", p),
      orderId: ref(d, "orderId", p),
      instalments: instalments(d, sum),
      ...discountTerms(d),
    };
  },
  "invoice.credited": (d) => ({
    invoiceId: subjectId(d, "invoiceId", p),
    creditNoteId: subjectId(d, "creditNoteId", p),
    ...money(d, p),
    reason: word(d, "reason", p),
  }),
  "payment.received": (d) => {
    const sum = money(d, p);
    return {
      paymentId: subjectId(d, "paymentId", p),
      ...sum,
      valueDate: date(d, "valueDate", p),
      invoiceId: ref(d, "invoiceId", p),
      orderId: ref(d, "orderId", p),
      allocations: allocations(d, sum),
      method: word(d, "method", p),
      payerAccount: word(d, "payerAccount", p),
      state:
        optional(oneOf(["cleared", "pending"]))(d, "state", p) ?? "cleared",
    };
  },
  "payment.returned": (d) => ({
    paymentId: subjectId(d, "paymentId", p),
    reason: word(d, "reason", p),
  }),
  "payment.promised": (d) => ({
    promiseId: subjectId(d, "promiseId", p),
    ...money(d, p),
    promiseDate: date(d, "promiseDate", p),
    invoiceIds: list(d, "invoiceIds", p, promisedInvoicesMax, (entry, path) =>
      subjectId({ [path]: entry }, path, ""),
    ),
  }),
  "complaint.opened": complaint,
  "complaint.resolved": (d) => ({
    complaintId: subjectId(d, "complaintId", p),
    outcome: oneOf(["accepted", "partly", "rejected"])(d, "outcome", p),
    note: optional(textUpTo(2000))(d, "note", p),
  }),
  "customer.upserted": upserted,
  "customer.rated": (d) => ({
    agency: text(d, "agency", p),
    rating: text(d, "rating", p, 40),
    normalised: whole([0, 100])(d, "normalised", p),
    ratedAt: dayOrInstant(d, "ratedAt", p),
  }),
  "customer.limit-set": limitSet,
  "customer.merged": merged,
  "group.set": groupSet,
  "customer.erased": (d) => ({ reason: word(d, "reason", p) }),
  "order.returned": (d) => ({
    returnId: subjectId(d, "returnId", p),
    orderId: subjectId(d, "orderId", p),
    ...money(d, p),
    reason: word(d, "reason", p),
  }),
  "delivery.completed": (d) => ({
    deliveryId: subjectId(d, "deliveryId", p),
    orderId: subjectId(d, "orderId", p),
    ...money(d, p),
  }),
  "payment.refunded": (d) => ({
    refundId: subjectId(d, "refundId", p),
    paymentId: subjectId(d, "paymentId", p),
    ...money(d, p),
    valueDate: day(d, "valueDate", p),
    reason: word(d, "reason", p),
  }),
  "invoice.written-off": (d) => ({
    writeOffId: subjectId(d, "writeOffId", p),
    invoiceId: subjectId(d, "invoiceId", p),
    ...money(d, p),
    reason: word(d, "reason", p),
  }),
  ...outsideData,
};
