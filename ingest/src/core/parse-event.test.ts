import { describe, expect, it } from "vitest";
import { shippedTextReader } from "../text-reader.ts";
import { parseEvent, type ParseContext } from "./parse-event.ts";

const now = Date.UTC(2026, 10, 20, 1);
const context: ParseContext = {
  now,
  latest: now + 300_000,
  historical: false,
  readText: shippedTextReader(),
};

const event = (
  type: string,
  data: Readonly<Record<string, unknown>>,
  envelope: Readonly<Record<string, unknown>> = {},
): object => ({
  id: "e1",
  source: "erp",
  type,
  time: "2026-11-20T08:30:00+08:00",
  data: { customerId: "C-1001", ...data },
  ...envelope,
});

const order = (
  data: Readonly<Record<string, unknown>> = {},
  envelope: Readonly<Record<string, unknown>> = {},
): object =>
  event(
    "order.placed",
    { orderId: "SO-1", amount: "125000.00", currency: "CNY", ...data },
    envelope,
  );

function problemOf(input: unknown): [string, string] {
  const parsed = parseEvent(input, context);
  if (parsed.kind !== "problem") throw new Error("was accepted");
  return [parsed.problem.code, parsed.problem.path];
}

function valueOf(input: unknown): unknown {
  const parsed = parseEvent(input, context);
  if (parsed.kind === "problem") {
    throw new Error(`${parsed.problem.code} ${parsed.problem.path}`);
  }
  return parsed.value;
}

describe("what is taken", () => {
  it("an order, in units of the log", () => {
    expect(valueOf(order({ dueDate: "2026-12-20", lines: [1] }))).toEqual({
      eventId: "e1",
      source: "erp",
      time: Date.UTC(2026, 10, 20, 0, 30),
      historical: false,
      customerId: "C-1001",
      orderId: "SO-1",
      amount: 12_500_000,
      currency: "CNY",
      dueDate: 20_807,
      termsDays: null,
      channel: null,
      shipTo: null,
      buyer: null,
      lines: "[1]",
      insured: false,
    });
  });

  const id = { invoiceId: "I-1" };
  const sum = { amount: "10.00", currency: "CNY" };
  it.each<[string, Record<string, unknown>]>([
    ["order.amended", { orderId: "O", ...sum, version: 2 }],
    ["order.cancelled", { orderId: "O" }],
    [
      "invoice.issued",
      { ...id, ...sum, issueDate: "2026-01-01", dueDate: "2026-02-01" },
    ],
    ["invoice.credited", { ...id, creditNoteId: "N", ...sum }],
    ["payment.received", { paymentId: "P", ...sum, valueDate: "2026-02-28" }],
    ["payment.returned", { paymentId: "P" }],
    [
      "payment.promised",
      { promiseId: "Q", ...sum, promiseDate: "2026-03-01", invoiceIds: ["I"] },
    ],
    ["complaint.opened", { complaintId: "K", text: "拒付", severity: 0.5 }],
    ["complaint.resolved", { complaintId: "K", outcome: "partly" }],
    ["customer.upserted", { name: "远航", currency: "CNY" }],
    [
      "customer.rated",
      { agency: "A", rating: "BB", normalised: 60, ratedAt: "2026-01-01" },
    ],
    ["customer.limit-set", { ...sum, kind: "standing", reason: "r" }],
    ["customer.erased", {}],
    ["order.returned", { returnId: "R", orderId: "O", ...sum }],
    ["delivery.completed", { deliveryId: "D", orderId: "O", ...sum }],
    ["payment.refunded", { refundId: "R", paymentId: "P", ...sum }],
    ["invoice.written-off", { writeOffId: "W", ...id, ...sum }],
    [
      "cover.set",
      {
        ...{ coverId: "V", kind: "insurance", ...sum },
        ...{ coverage: 90, countsIn: "limit" },
      },
    ],
    ["milestone.reported", { milestoneId: "M", dueDate: "2026-03-01" }],
    [
      "register.reported",
      { registerId: "E", kind: "insolvency", date: "2026-03-01" },
    ],
    ["industry.rated", { level: "raised" }],
    ["dunning.sent", { dunningId: "L", level: 2 }],
    ["balance.reported", { asOf: "2026-03-01", ...sum }],
  ])("%s with what it requires", (type, data) => {
    expect(parseEvent(event(type, data), context).kind).toBe("business");
  });

  it.each([
    ["2026-01-01", 20_454],
    ["2026-01-01T15:59:59Z", 20_454],
    ["2026-01-01T16:00:00Z", 20_455],
    ["2026-01-01T23:30:00+08:00", 20_454],
  ])("a rating of %s on the seller's day", (ratedAt, day) => {
    const rated = { agency: "A", rating: "BB", normalised: 60, ratedAt };
    const known = valueOf(event("customer.rated", rated));
    expect(known).toMatchObject({ ratedAt: day });
    const industry = event("industry.rated", { level: 1, ratedAt });
    expect(valueOf(industry)).toMatchObject({ ratedAt: day });
  });

  it.each([
    ["customer.upserted", "creditLimit", {}],
    ["complaint.opened", "disputedAmount", { complaintId: "K" }],
    ["group.set", "limit", { groupId: "G" }],
  ])(
    "%s names a %s that is a number, whatever else lacks",
    (type, field, d) => {
      const parsed = parseEvent(event(type, { ...d, [field]: 5 }), context);
      expect(parsed).toMatchObject({
        problem: { code: "amount_not_string", path: `data.${field}` },
      });
    },
  );

  it("amounts in the exponent of their currency", () => {
    const amounts = [
      ["100", "JPY", 100],
      ["1.5", "KWD", 1500],
      ["0.10", "CNY", 10],
      ["1.500", "CNY", 150],
    ] as const;
    for (const [amount, currency, minor] of amounts) {
      expect(valueOf(order({ amount, currency }))).toMatchObject({
        amount: minor,
      });
    }
  });

  it("plain dates of a limit as whole local days", () => {
    const limit = event("customer.limit-set", {
      amount: "1",
      currency: "CNY",
      kind: "temporary",
      reason: "season",
      validFrom: "2026-11-20",
      validTo: "2026-11-20",
    });
    expect(valueOf(limit)).toMatchObject({
      validFrom: Date.UTC(2026, 10, 19, 16),
      validTo: Date.UTC(2026, 10, 20, 16),
    });
  });

  it("cover in permille, its days whole, and it needs a privilege", () => {
    const cover = event("cover.set", {
      ...{ coverId: "V", kind: "guarantee", amount: "1", currency: "CNY" },
      ...{ coverage: 87.5, countsIn: "exposure", validTo: "2026-11-20" },
    });
    expect(parseEvent(cover, context)).toMatchObject({
      privileged: true,
      value: { coverage: 875, validTo: Date.UTC(2026, 10, 20, 16) },
    });
  });

  it.each([
    [{ level: 3 }, 3],
    [{ level: 1, stage: "letter" }, 1],
    [{ stage: "agency" }, 8],
    [{ level: 4, stage: "court" }, 9],
  ])("dunning %j as level %d", (given, level) => {
    const sent = event("dunning.sent", { dunningId: "L", ...given });
    expect(valueOf(sent)).toMatchObject({ level });
  });

  it("discount terms and the discount that a payment took", () => {
    const issued = event("invoice.issued", {
      ...{ ...id, ...sum, issueDate: "2026-01-01", dueDate: "2026-02-01" },
      ...{ discountPercent: 2.25, discountDate: "2026-01-11" },
    });
    expect(valueOf(issued)).toMatchObject({
      ...{ discount: 225, discountDate: 20_464 },
    });
    const paid = event("payment.received", {
      ...{ paymentId: "P", ...sum, valueDate: "2026-01-09" },
      allocations: [{ invoiceId: "I", amount: "9.80", discount: "0.20" }],
    });
    expect(valueOf(paid)).toMatchObject({
      allocations: [{ invoiceId: "I", amount: 980, discount: 20 }],
    });
  });

  it("history by the event or by the request", () => {
    expect(valueOf(order({ historical: true }))).toMatchObject({
      historical: true,
    });
    const parsed = parseEvent(order(), { ...context, historical: true });
    expect(parsed).toMatchObject({ value: { historical: true } });
  });

  it("rates as a control record, privileged", () => {
    const rates = {
      id: "fx",
      source: "treasury",
      type: "fx.published",
      time: "2026-11-20T00:00:00Z",
      data: { asOf: "2026-11-20", base: "CNY", rates: { USD: "0.1405" } },
    };
    expect(parseEvent(rates, context)).toMatchObject({
      kind: "fx",
      privileged: true,
      value: { version: now, base: "CNY", rates: { USD: "0.1405" } },
    });
  });

  it("unknown fields, and severity as a word", () => {
    expect(valueOf(order({ colour: "red" }))).not.toHaveProperty("colour");
    const opened = event("complaint.opened", {
      complaintId: "K",
      severity: "high",
    });
    expect(valueOf(opened)).toMatchObject({ severity: 800, facts: null });
  });

  it("any time in a simulated namespace", () => {
    const ahead = order({}, { time: "2030-01-01T00:00:00Z" });
    const parsed = parseEvent(ahead, { ...context, latest: null });
    expect(parsed.kind).toBe("business");
  });
});

const cover = {
  ...{ coverId: "V", kind: "insurance", amount: "1", currency: "CNY" },
  countsIn: "limit",
};
const issued = {
  ...{ invoiceId: "I", amount: "10.00", currency: "CNY" },
  ...{ issueDate: "2026-01-01", dueDate: "2026-02-01" },
};

describe("what is refused, with code and path", () => {
  const long = "x".repeat(129);
  it.each<[string, unknown, string, string]>([
    ["a number", 7, "bad_type", "$"],
    ["null", null, "missing_field", "$"],
    ["an array", [], "bad_type", "$"],
    ["no id", order({}, { id: undefined }), "missing_field", "id"],
    ["an empty id", order({}, { id: "" }), "bad_type", "id"],
    ["a long id", order({}, { id: long }), "id_too_long", "id"],
    ["a control character", order({}, { id: "a\nb" }), "bad_id", "id"],
    ["half a surrogate pair", order({}, { id: "\ud800" }), "bad_id", "id"],
    ["no source", order({}, { source: null }), "missing_field", "source"],
    ["no type", order({}, { type: undefined }), "missing_field", "type"],
    ["a foreign type", order({}, { type: "x.y" }), "unknown_type", "type"],
    ["a prototype", order({}, { type: "toString" }), "unknown_type", "type"],
    [
      "a coverage beyond all",
      event("cover.set", { ...cover, coverage: 101 }),
      "out_of_range",
      "data.coverage",
    ],
    [
      "a coverage too fine",
      event("cover.set", { ...cover, coverage: 33.33 }),
      "bad_value",
      "data.coverage",
    ],
    [
      "a coverage as text",
      event("cover.set", { ...cover, coverage: "90" }),
      "bad_type",
      "data.coverage",
    ],
    [
      "a cover that ends before it begins",
      event("cover.set", {
        ...{ ...cover, coverage: 90 },
        ...{ validFrom: "2026-02-01", validTo: "2026-01-01" },
      }),
      "bad_value",
      "data.validTo",
    ],
    [
      "a cover of an unknown kind",
      event("cover.set", { ...cover, coverage: 90, kind: "hope" }),
      "bad_value",
      "data.kind",
    ],
    [
      "an unknown register",
      event("register.reported", {
        ...{ registerId: "E", kind: "rumour", date: "2026-03-01" },
      }),
      "bad_value",
      "data.kind",
    ],
    [
      "an industry level that does not exist",
      event("industry.rated", { level: 4 }),
      "bad_value",
      "data.level",
    ],
    [
      "no industry level",
      event("industry.rated", {}),
      "missing_field",
      "data.level",
    ],
    [
      "dunning without a level",
      event("dunning.sent", { dunningId: "L" }),
      "missing_field",
      "data.level",
    ],
    [
      "an agency by its number",
      event("dunning.sent", { dunningId: "L", level: 8 }),
      "out_of_range",
      "data.level",
    ],
    [
      "a refund with a negative amount",
      event("payment.refunded", {
        ...{ refundId: "R", paymentId: "P", amount: "-1", currency: "CNY" },
      }),
      "amount_negative",
      "data.amount",
    ],
    [
      "a balance in a number",
      event("balance.reported", {
        ...{ asOf: "2026-03-01", amount: 12, currency: "CNY" },
      }),
      "amount_not_string",
      "data.amount",
    ],
    [
      "a discount without its date",
      event("invoice.issued", { ...issued, discountPercent: 2 }),
      "missing_field",
      "data.discountDate",
    ],
    [
      "a discount's date without its percent",
      event("invoice.issued", { ...issued, discountDate: "2026-01-11" }),
      "missing_field",
      "data.discountPercent",
    ],
    [
      "another spec",
      order({}, { specversion: "0.3" }),
      "bad_value",
      "specversion",
    ],
    ["no time", order({}, { time: undefined }), "missing_field", "time"],
    ["a time in numbers", order({}, { time: 5 }), "bad_type", "time"],
    [
      "a time without offset",
      order({}, { time: "2026-11-20T08:30:00" }),
      "bad_time",
      "time",
    ],
    [
      "a day that does not exist",
      order({}, { time: "2026-02-30T08:30:00Z" }),
      "bad_time",
      "time",
    ],
    [
      "an hour that does not exist",
      order({}, { time: "2026-02-20T25:30:00Z" }),
      "bad_time",
      "time",
    ],
    [
      "the future",
      order({}, { time: "2026-11-20T01:05:01Z" }),
      "time_in_future",
      "time",
    ],
    [
      "before 2000",
      order({}, { time: "1999-12-31T23:59:59Z" }),
      "too_old",
      "time",
    ],
    ["no data", order({}, { data: undefined }), "missing_field", "data"],
    ["data that is a list", order({}, { data: [] }), "bad_type", "data"],
    [
      "no customer",
      order({ customerId: undefined }),
      "missing_field",
      "data.customerId",
    ],
    [
      "a subject of the log",
      order({ customerId: "#x" }),
      "bad_id",
      "data.customerId",
    ],
    ["a number as id", order({ orderId: 5 }), "bad_type", "data.orderId"],
    [
      "a number as amount",
      order({ amount: 12.5 }),
      "amount_not_string",
      "data.amount",
    ],
    ["a negative", order({ amount: "-1" }), "amount_negative", "data.amount"],
    ["NaN", order({ amount: "NaN" }), "amount_malformed", "data.amount"],
    [
      "an exponent",
      order({ amount: "1e5" }),
      "amount_malformed",
      "data.amount",
    ],
    [
      "a comma",
      order({ amount: "1,000.00" }),
      "amount_malformed",
      "data.amount",
    ],
    [
      "too many decimals",
      order({ amount: "1.005" }),
      "amount_too_precise",
      "data.amount",
    ],
    [
      "decimals of the yen",
      order({ amount: "1.5", currency: "JPY" }),
      "amount_too_precise",
      "data.amount",
    ],
    [
      "more than fits",
      order({ amount: "9999999999999" }),
      "amount_too_large",
      "data.amount",
    ],
    ["no amount", order({ amount: undefined }), "missing_field", "data.amount"],
    [
      "no currency",
      order({ currency: undefined }),
      "missing_field",
      "data.currency",
    ],
    ["a coin", order({ currency: "XYZ" }), "currency_unknown", "data.currency"],
    [
      "small letters",
      order({ currency: "cny" }),
      "currency_unknown",
      "data.currency",
    ],
    [
      "a date of nowhere",
      order({ dueDate: "2026-13-01" }),
      "bad_date",
      "data.dueDate",
    ],
    [
      "a date with time",
      order({ dueDate: "2026-12-01T00:00:00Z" }),
      "bad_date",
      "data.dueDate",
    ],
    [
      "terms in words",
      order({ termsDays: "30" }),
      "bad_type",
      "data.termsDays",
    ],
    [
      "endless terms",
      order({ termsDays: 4000 }),
      "out_of_range",
      "data.termsDays",
    ],
    [
      "a word as flag",
      order({ historical: "yes" }),
      "bad_type",
      "data.historical",
    ],
    [
      "a long text",
      event("complaint.opened", { complaintId: "K", text: "x".repeat(8001) }),
      "text_too_long",
      "data.text",
    ],
    [
      "an unknown outcome",
      event("complaint.resolved", { complaintId: "K", outcome: "maybe" }),
      "bad_value",
      "data.outcome",
    ],
    [
      "too heavy",
      event("complaint.opened", { complaintId: "K", severity: 2 }),
      "bad_value",
      "data.severity",
    ],
    [
      "disputed money of no currency",
      event("complaint.opened", { complaintId: "K", disputedAmount: "1" }),
      "missing_field",
      "data.currency",
    ],
    [
      "instalments that do not add up",
      event("invoice.issued", {
        invoiceId: "I",
        amount: "10.00",
        currency: "CNY",
        issueDate: "2026-01-01",
        dueDate: "2026-01-31",
        instalments: [{ dueDate: "2026-01-15", amount: "4.00" }],
      }),
      "instalments_mismatch",
      "data.instalments",
    ],
    [
      "allocations beyond the payment",
      event("payment.received", {
        paymentId: "P",
        amount: "10.00",
        currency: "CNY",
        valueDate: "2026-01-01",
        allocations: [{ invoiceId: "I", amount: "10.01" }],
      }),
      "allocations_exceed",
      "data.allocations",
    ],
    [
      "a bad entry of a list",
      event("payment.received", {
        paymentId: "P",
        amount: "10.00",
        currency: "CNY",
        valueDate: "2026-01-01",
        allocations: [{ invoiceId: "I", amount: 5 }],
      }),
      "amount_not_string",
      "data.allocations[0].amount",
    ],
    [
      "a limit that ends before it begins",
      event("customer.limit-set", {
        amount: "1",
        currency: "CNY",
        kind: "temporary",
        reason: "r",
        validFrom: "2026-11-21",
        validTo: "2026-11-20",
      }),
      "bad_value",
      "data.validTo",
    ],
  ])("%s", (_, input, code, path) => {
    expect(problemOf(input)).toEqual([code, path]);
  });

  it.each([
    ["0", "data.rates.USD"],
    ["-1", "data.rates.USD"],
    [0.14, "data.rates.USD"],
  ])("a rate of %s", (rate, path) => {
    const rates = event("fx.published", {
      asOf: "2026-11-20",
      base: "CNY",
      rates: { USD: rate },
    });
    expect(problemOf(rates)).toEqual(["bad_rate", path]);
  });

  it("keeps the id of what it refuses", () => {
    const parsed = parseEvent(order({ amount: 1 }), context);
    expect(parsed).toMatchObject({ kind: "problem", id: "e1" });
  });
});

describe("groups and merges", () => {
  const group = (data: Readonly<Record<string, unknown>>): object => ({
    ...event("group.set", {}),
    data: { groupId: "G-1", ...data },
  });
  it("a group is its own subject, and needs the scope of limits", () => {
    const limited = group({ limit: "1000.00", currency: "CNY", parent: "G-0" });
    expect(valueOf(limited)).toMatchObject({
      ...{ customerId: "#group:G-1", groupId: "G-1", parent: "G-0" },
      ...{ limit: 100_000, currency: "CNY", name: null },
    });
    expect(parseEvent(limited, context)).toMatchObject({ privileged: true });
  });
  it.each([
    [group({ limit: "1000.00" }), "data.currency"],
    [group({ limit: 1000, currency: "CNY" }), "data.limit"],
    [group({ parent: "G-1" }), "data.parent"],
    [group({ groupId: "#G" }), "data.groupId"],
    [event("customer.merged", {}), "data.into"],
    [event("customer.merged", { into: "C-1001" }), "data.into"],
    [event("customer.merged", { into: "#portfolio" }), "data.into"],
  ])("refuses what does not fit (%#)", (input, path) => {
    expect(problemOf(input)[1]).toBe(path);
  });
  it("a merge names the id that stays", () => {
    const merge = event("customer.merged", { into: "C-2" });
    expect(valueOf(merge)).toMatchObject({ customerId: "C-1001", into: "C-2" });
  });
});
