/**
 * The boundary of the product: one event of contract 2 as unknown JSON becomes
 * a record of the log, or a problem with a stable code and a path. Pure.
 */
import {
  businessTypes,
  type BusinessRecordName,
  type BusinessType,
  type Records,
} from "@riskwall/schemas";
import { parseMinor } from "@riskwall/schemas/money";
import { textFacts } from "./text-facts.ts";

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** Thrown inside this file only; `parseEvent` turns it into a value. */
class Refusal extends Error {
  readonly problem: Problem;
  constructor(code: string, path: string, message: string) {
    super(message);
    this.problem = { code, path, message };
  }
}

export interface ParseContext {
  /** Present, ms. */
  readonly now: number;
  /** `?historical=true` of the request. */
  readonly historical: boolean;
}

export type Parsed =
  | {
      readonly kind: "business";
      readonly name: BusinessRecordName;
      readonly value: Records[BusinessRecordName];
      readonly privileged: boolean;
    }
  | {
      readonly kind: "fx";
      readonly value: Records["Fx"];
      readonly id: string;
      readonly source: string;
    }
  | {
      readonly kind: "problem";
      readonly problem: Problem;
      readonly id: string | null;
    };

export const textMaxChars = 8_000;
export const idMaxChars = 128;
export const futureMs = 300_000;
const oldest = Date.UTC(2000, 0, 1);
/** Zone of plain dates at the door, minutes (rule set's seller zone). */
const zoneMinutes = 480;

const privilegedTypes: ReadonlySet<string> = new Set([
  "customer.limit-set",
  "customer.erased",
  "fx.published",
]);
/** Contract types that come with a later issue. */
const laterTypes: ReadonlySet<string> = new Set([
  "order.returned",
  "delivery.completed",
  "payment.refunded",
  "invoice.written-off",
  "cover.set",
  "milestone.reported",
  "register.reported",
  "industry.rated",
  "dunning.sent",
  "customer.merged",
  "group.set",
  "balance.reported",
]);

type Fields = Readonly<Record<string, unknown>>;

function refuse(code: string, path: string, message: string): never {
  throw new Refusal(code, path, message);
}

function asFields(value: unknown, path: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse("bad_type", path, "must be an object");
  }
  return value as Fields;
}

function text(fields: Fields, name: string, path: string, max = 500): string {
  const value = fields[name];
  if (value === undefined || value === null) {
    refuse("missing_field", `${path}${name}`, `${name} is required`);
  }
  if (typeof value !== "string" || value === "") {
    refuse("bad_type", `${path}${name}`, `${name} must be a non-empty string`);
  }
  if (value.length > max) {
    refuse("too_long", `${path}${name}`, `at most ${String(max)} characters`);
  }
  return value;
}

function optionalText(
  fields: Fields,
  name: string,
  path: string,
  max = 500,
): string | null {
  const value = fields[name];
  return value === undefined || value === null
    ? null
    : text(fields, name, path, max);
}

/** An identifier: no control characters, not starting with `#`. */
function id(fields: Fields, name: string, path: string): string {
  const value = text(fields, name, path, idMaxChars);
  if (/[\u0000-\u001f\u007f]/.test(value) || value.startsWith("#")) {
    refuse(
      "bad_id",
      `${path}${name}`,
      `${name} has characters that ids may not have`,
    );
  }
  return value;
}

function optionalId(fields: Fields, name: string, path: string): string | null {
  const value = fields[name];
  return value === undefined || value === null ? null : id(fields, name, path);
}

const instantPattern =
  /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

function instant(value: unknown, path: string): number {
  if (typeof value !== "string" || !instantPattern.test(value)) {
    refuse("bad_time", path, "must be an RFC 3339 instant with offset");
  }
  const date = value.slice(0, 10);
  const ms = Date.parse(value.replace(" ", "T"));
  if (Number.isNaN(ms) || dayNumber(date) === null) {
    refuse("bad_time", path, "no such instant");
  }
  return ms;
}

/** Days since 1970 of `YYYY-MM-DD`, null when there is no such day. */
export function dayNumber(value: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return null;
  const ms = Date.parse(`${value}T00:00:00Z`);
  if (Number.isNaN(ms)) return null;
  if (new Date(ms).toISOString().slice(0, 10) !== value) return null;
  return Math.floor(ms / 86_400_000);
}

function date(fields: Fields, name: string, path: string): number {
  const value = text(fields, name, path, 10);
  return (
    dayNumber(value) ??
    refuse("bad_date", `${path}${name}`, "must be a date YYYY-MM-DD")
  );
}

function optionalDate(
  fields: Fields,
  name: string,
  path: string,
): number | null {
  const value = fields[name];
  return value === undefined || value === null
    ? null
    : date(fields, name, path);
}

/** An instant or a plain date; a plain `end` date means its last instant. */
function instantOrDate(
  fields: Fields,
  name: string,
  path: string,
  end: boolean,
): number | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value === "string") {
    const day = dayNumber(value);
    if (day !== null) {
      const start = day * 86_400_000 - zoneMinutes * 60_000;
      return end ? start + 86_400_000 : start;
    }
  }
  return instant(value, `${path}${name}`);
}

function currency(fields: Fields, path: string): string {
  const value = text(fields, "currency", path, 3);
  if (parseMinor("0", value) === "currency_unknown") {
    refuse("currency_unknown", `${path}currency`, `${value} is not known`);
  }
  return value;
}

function amountOf(value: unknown, code: string, path: string): number {
  if (value === undefined || value === null) {
    refuse("missing_field", path, "an amount is required");
  }
  const minor = parseMinor(value, code);
  if (typeof minor === "string") {
    refuse(
      minor,
      path,
      `not an amount in ${code}: ${minor.replaceAll("_", " ")}`,
    );
  }
  return minor;
}

function money(
  fields: Fields,
  path: string,
): { amount: number; currency: string } {
  const amount = fields["amount"];
  if (amount !== undefined && typeof amount !== "string") {
    refuse("amount_not_string", `${path}amount`, "amounts are decimal strings");
  }
  const code = currency(fields, path);
  return { amount: amountOf(amount, code, `${path}amount`), currency: code };
}

function whole(
  fields: Fields,
  name: string,
  path: string,
  range: readonly [number, number],
): number {
  const value = fields[name];
  if (value === undefined || value === null) {
    refuse("missing_field", `${path}${name}`, `${name} is required`);
  }
  if (typeof value !== "number" || !Number.isInteger(value)) {
    refuse("bad_type", `${path}${name}`, `${name} must be a whole number`);
  }
  if (value < range[0] || value > range[1]) {
    refuse(
      "out_of_range",
      `${path}${name}`,
      `${name} must be in ${String(range[0])}..${String(range[1])}`,
    );
  }
  return value;
}

function optionalWhole(
  fields: Fields,
  name: string,
  path: string,
  range: readonly [number, number],
): number | null {
  const value = fields[name];
  return value === undefined || value === null
    ? null
    : whole(fields, name, path, range);
}

function oneOf<T extends string>(
  fields: Fields,
  name: string,
  path: string,
  values: readonly T[],
): T {
  const value = text(fields, name, path, 40);
  const found = values.find((item) => item === value);
  return (
    found ??
    refuse("bad_value", `${path}${name}`, `must be one of ${values.join(", ")}`)
  );
}

function list(
  fields: Fields,
  name: string,
  path: string,
  max: number,
): readonly unknown[] {
  const value = fields[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    refuse("bad_type", `${path}${name}`, `${name} must be an array`);
  }
  if (value.length > max) {
    refuse("too_long", `${path}${name}`, `at most ${String(max)} entries`);
  }
  return value as readonly unknown[];
}

const severityWords: Readonly<Record<string, number>> = {
  low: 300,
  medium: 500,
  high: 800,
  critical: 1000,
};

function severity(fields: Fields, path: string): number | null {
  const value = fields["severity"];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && value >= 0 && value <= 1) {
    return Math.round(value * 1000);
  }
  const word = typeof value === "string" ? severityWords[value] : undefined;
  return (
    word ??
    refuse(
      "bad_value",
      `${path}severity`,
      "must be 0..1 or low, medium, high, critical",
    )
  );
}

interface Envelope {
  readonly eventId: string;
  readonly source: string;
  readonly time: number;
  readonly historical: boolean;
  readonly customerId: string;
}

type Builder = (data: Fields, envelope: Envelope) => object;
const p = "data.";

const builders: Readonly<Record<BusinessType, Builder>> = {
  "order.placed": (d) => ({
    orderId: id(d, "orderId", p),
    ...money(d, p),
    dueDate: optionalDate(d, "dueDate", p),
    termsDays: optionalWhole(d, "termsDays", p, [0, 3650]),
    channel: optionalText(d, "channel", p),
    shipTo: optionalText(d, "shipTo", p),
    lines:
      d["lines"] === undefined
        ? null
        : JSON.stringify(d["lines"]).slice(0, 16_000),
    insured: d["insured"] === true,
  }),
  "order.amended": (d) => ({
    orderId: id(d, "orderId", p),
    ...money(d, p),
    version: whole(d, "version", p, [1, 1_000_000]),
    dueDate: optionalDate(d, "dueDate", p),
  }),
  "order.cancelled": (d) => ({
    orderId: id(d, "orderId", p),
    reason: optionalText(d, "reason", p),
  }),
  "invoice.issued": (d) => {
    const sum = money(d, p);
    const instalments = list(d, "instalments", p, 120).map((item, i) => {
      const path = `data.instalments[${String(i)}].`;
      const part = asFields(item, path.slice(0, -1));
      return {
        dueDate: date(part, "dueDate", path),
        amount: amountOf(part["amount"], sum.currency, `${path}amount`),
      };
    });
    const total = instalments.reduce((a, b) => a + b.amount, 0);
    if (instalments.length > 0 && total !== sum.amount) {
      refuse(
        "instalments_mismatch",
        "data.instalments",
        "instalments must add up to the amount",
      );
    }
    return {
      invoiceId: id(d, "invoiceId", p),
      ...sum,
      issueDate: date(d, "issueDate", p),
      dueDate: date(d, "dueDate", p),
      orderId: optionalId(d, "orderId", p),
      instalments,
    };
  },
  "invoice.credited": (d) => ({
    invoiceId: id(d, "invoiceId", p),
    creditNoteId: id(d, "creditNoteId", p),
    ...money(d, p),
    reason: optionalText(d, "reason", p),
  }),
  "payment.received": (d) => {
    const sum = money(d, p);
    const allocations = list(d, "allocations", p, 500).map((item, i) => {
      const path = `data.allocations[${String(i)}].`;
      const part = asFields(item, path.slice(0, -1));
      return {
        invoiceId: id(part, "invoiceId", path),
        amount: amountOf(part["amount"], sum.currency, `${path}amount`),
      };
    });
    const total = allocations.reduce((a, b) => a + b.amount, 0);
    if (total > sum.amount) {
      refuse(
        "allocations_exceed",
        "data.allocations",
        "allocations exceed the payment",
      );
    }
    return {
      paymentId: id(d, "paymentId", p),
      ...sum,
      valueDate: date(d, "valueDate", p),
      invoiceId: optionalId(d, "invoiceId", p),
      orderId: optionalId(d, "orderId", p),
      allocations,
      method: optionalText(d, "method", p),
      payerAccount: optionalText(d, "payerAccount", p),
      state:
        d["state"] === undefined
          ? "cleared"
          : oneOf(d, "state", p, ["cleared", "pending"]),
    };
  },
  "payment.returned": (d) => ({
    paymentId: id(d, "paymentId", p),
    reason: optionalText(d, "reason", p),
  }),
  "payment.promised": (d) => ({
    promiseId: id(d, "promiseId", p),
    ...money(d, p),
    promiseDate: date(d, "promiseDate", p),
    invoiceIds: list(d, "invoiceIds", p, 200).map((item, i) =>
      id({ item }, "item", `data.invoiceIds[${String(i)}].`),
    ),
  }),
  "complaint.opened": (d) => {
    const words = optionalText(d, "text", p, textMaxChars);
    const disputed = d["disputedAmount"];
    const code = disputed === undefined ? null : currency(d, p);
    return {
      complaintId: id(d, "complaintId", p),
      text: words,
      language: optionalText(d, "language", p, 20),
      category: optionalText(d, "category", p, 60),
      severity: severity(d, p),
      orderId: optionalId(d, "orderId", p),
      invoiceId: optionalId(d, "invoiceId", p),
      disputedAmount:
        code === null ? null : amountOf(disputed, code, "data.disputedAmount"),
      currency: code,
      facts: words === null ? null : textFacts(words),
    };
  },
  "complaint.resolved": (d) => ({
    complaintId: id(d, "complaintId", p),
    outcome: oneOf(d, "outcome", p, ["accepted", "partly", "rejected"]),
    note: optionalText(d, "note", p, 2000),
  }),
  "customer.upserted": (d) => {
    const limit = d["creditLimit"];
    const code =
      d["currency"] === undefined && limit === undefined
        ? null
        : currency(d, p);
    return {
      name: optionalText(d, "name", p, 200),
      segment: optionalText(d, "segment", p, 60),
      industry: optionalText(d, "industry", p, 60),
      country: optionalText(d, "country", p, 60),
      currency: code,
      termsDays: optionalWhole(d, "termsDays", p, [0, 3650]),
      since: optionalDate(d, "since", p),
      groupId: optionalId(d, "groupId", p),
      owner: optionalText(d, "owner", p, 100),
      creditLimit:
        limit === undefined || code === null
          ? null
          : amountOf(limit, code, "data.creditLimit"),
    };
  },
  "customer.rated": (d) => ({
    agency: text(d, "agency", p),
    rating: text(d, "rating", p, 40),
    normalised: whole(d, "normalised", p, [0, 100]),
    ratedAt: date(d, "ratedAt", p),
  }),
  "customer.limit-set": (d) => {
    const validFrom = instantOrDate(d, "validFrom", p, false);
    const validTo = instantOrDate(d, "validTo", p, true);
    if (validFrom !== null && validTo !== null && validTo <= validFrom) {
      refuse("bad_value", "data.validTo", "validTo must be after validFrom");
    }
    return {
      ...money(d, p),
      kind: oneOf(d, "kind", p, ["standing", "temporary"]),
      reason: text(d, "reason", p),
      validFrom,
      validTo,
    };
  },
  "customer.erased": (d) => ({ reason: optionalText(d, "reason", p) }),
};

function isBusinessType(type: string): type is BusinessType {
  return Object.hasOwn(businessTypes, type);
}

/** Checks one event; never throws. */
export function parseEvent(input: unknown, context: ParseContext): Parsed {
  try {
    return parse(input, context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const given =
      typeof input === "object" && input !== null && "id" in input
        ? input.id
        : null;
    return {
      kind: "problem",
      problem: error.problem,
      id: typeof given === "string" ? given : null,
    };
  }
}

function parse(input: unknown, context: ParseContext): Parsed {
  const event = asFields(input, "$");
  if (event["specversion"] !== undefined && event["specversion"] !== "1.0") {
    refuse("bad_value", "specversion", "only CloudEvents 1.0");
  }
  const eventId = id(event, "id", "");
  const source = id(event, "source", "");
  const type = text(event, "type", "", 60);
  if (event["time"] === undefined) {
    refuse("missing_field", "time", "time is required");
  }
  const time = instant(event["time"], "time");
  if (time > context.now + futureMs) {
    refuse("time_in_future", "time", "more than 5 minutes ahead");
  }
  if (time < oldest) refuse("too_old", "time", "before the year 2000");
  if (laterTypes.has(type)) {
    refuse("type_not_supported", "type", `${type} is not taken yet`);
  }
  const data = asFields(event["data"], "data");
  if (type === "fx.published") {
    const value = parseFx(data, context.now);
    return { kind: "fx", value, id: eventId, source };
  }
  if (!isBusinessType(type)) {
    refuse("unknown_type", "type", `${type} is not an event type`);
  }
  const envelope: Envelope = {
    eventId,
    source,
    time,
    historical: context.historical || data["historical"] === true,
    customerId: id(data, "customerId", p),
  };
  const value = { ...envelope, ...builders[type](data, envelope) };
  return {
    kind: "business",
    name: businessTypes[type],
    // The builder of a type makes the fields of its record.
    value: value as Records[BusinessRecordName],
    privileged: privilegedTypes.has(type),
  };
}

function parseFx(data: Fields, now: number): Records["Fx"] {
  const base = currency({ currency: data["base"] }, "data.");
  const rates = asFields(data["rates"], "data.rates");
  const out: Record<string, string> = {};
  for (const [code, rate] of Object.entries(rates)) {
    if (
      typeof rate !== "string" ||
      !/^\d{1,12}(\.\d{1,12})?$/.test(rate) ||
      Number(rate) === 0
    ) {
      refuse(
        "bad_rate",
        `data.rates.${code}`,
        "a rate is a positive decimal string",
      );
    }
    currency({ currency: code }, `data.rates.${code}.`);
    out[code] = rate;
  }
  return {
    version: now,
    effectiveAt: 0,
    asOf: date(data, "asOf", p),
    base,
    rates: out,
  };
}
