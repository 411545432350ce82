import type { NamedRecord } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { projectLog, timeText, type Row } from "./log-rows.ts";

const at = Date.UTC(2026, 10, 20, 3, 4, 5, 678);
const dayMs = 86_400_000;
const envelope = {
  eventId: "e1",
  source: "erp",
  time: at,
  historical: false,
  customerId: "C-1",
};

function rowsOf(record: NamedRecord | null): Map<string, Row> {
  const value = Buffer.from([0, 1, 255]);
  const rows = projectLog(
    { partition: 0, offset: 9, appendedAt: at, key: "C-1", value, record },
    at,
  );
  return new Map(rows.map(({ table, row }) => [table, row]));
}

function cancelled(over: Partial<typeof envelope>): NamedRecord {
  const value = { ...envelope, orderId: "SO-1", reason: null, ...over };
  return { name: "OrderCancelled", value };
}

test("writes an instant as ClickHouse reads it", () => {
  expect(timeText(at)).toBe("2026-11-20 03:04:05.678");
  const instants = fc.date({
    min: new Date("1960-01-01"),
    max: new Date("2200-01-01"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, (date) => {
      expect(timeText(date.getTime())).toBe(
        date.toISOString().replace("T", " ").replace("Z", ""),
      );
    }),
  );
});

describe("rows of the log", () => {
  test("an invoice: amounts as decimals, days as dates", () => {
    const rows = rowsOf({
      name: "InvoiceIssued",
      value: {
        ...envelope,
        invoiceId: "INV-1",
        amount: 125_050,
        currency: "CNY",
        issueDate: 20_770,
        dueDate: 20_800,
        orderId: null,
        discount: 0,
        discountDate: null,
        instalments: [{ dueDate: 20_780, amount: 50 }],
      },
    });
    const event = rows.get("events");
    expect(event).toMatchObject({
      event_id: "e1",
      source: "erp",
      type: "invoice.issued",
      customer_id: "C-1",
      occurred_at: "2026-11-20 03:04:05.678",
      amount: "1250.50",
      currency: "CNY",
      partition: 0,
      offset: 9,
    });
    expect(JSON.parse(String(event?.["data"]))).toMatchObject({
      customerId: "C-1",
      invoiceId: "INV-1",
      amount: "1250.50",
      issueDate: "2026-11-13",
      dueDate: "2026-12-13",
      instalments: [{ dueDate: "2026-11-23", amount: "0.50" }],
    });
  });

  test("a complaint keeps the facts of its text, as decimals", () => {
    const facts = {
      ...{ version: 2, language: "zh", categories: ["refusal"] },
      ...{ meaning: "refusal", severity: 753, spans: ["拒付"] },
      ...{ sentiment: -12, topics: ["refusal"] },
      marks: [{ start: 2, end: 4, topic: "refusal" }],
      amount: { amount: 120_050, currency: null },
    };
    const complaint = (over: object): NamedRecord => ({
      name: "ComplaintOpened",
      value: {
        ...envelope,
        ...{ complaintId: "K", text: "我们拒付", language: null },
        ...{ category: null, severity: null, orderId: null, invoiceId: null },
        ...{ disputedAmount: null, currency: null, facts },
        ...over,
      },
    });
    const dataOf = (record: NamedRecord): unknown =>
      JSON.parse(String(rowsOf(record).get("events")?.["data"]));
    expect(dataOf(complaint({}))).toMatchObject({
      text: "我们拒付",
      facts: {
        ...{ severity: 0.753, sentiment: -0.012, marks: facts.marks },
        amount: { amount: "1200.50" },
      },
    });
    const inYen = { amount: 5000, currency: "JPY" };
    expect(
      dataOf(complaint({ facts: { ...facts, amount: inYen } })),
    ).toHaveProperty("facts.amount", { amount: "5000", currency: "JPY" });
    expect(dataOf(complaint({ facts: null }))).not.toHaveProperty("facts");
    expect(
      dataOf(complaint({ facts: { ...facts, amount: null } })),
    ).not.toHaveProperty("facts.amount");
  });

  test.each([
    ["JPY", 1500, "1500"],
    ["JPY", 99_999_999_999_999, "99999999999999"],
    // The greatest amount of all has no room in Decimal(18, 4).
    ["JPY", 100_000_000_000_000, null],
    ["CNY", 100_000_000_000_000, "1000000000000.00"],
    ["KWD", 1500, "1.500"],
    ["USD", 1500, "15.00"],
  ])("%s %i", (currency, amount, text) => {
    const value = {
      ...envelope,
      orderId: "SO-1",
      version: 2,
      amount,
      currency,
      dueDate: null,
    };
    const rows = rowsOf({ name: "OrderAmended", value });
    const event = rows.get("events");
    expect(event).toMatchObject({ amount: text, currency });
    expect(event?.["data"]).toContain(formatMinor(amount, currency));
  });

  test("an event without an amount has none", () => {
    const event = rowsOf(cancelled({})).get("events");
    expect(event).toMatchObject({ amount: null, currency: "" });
  });

  test.each([
    ["seven days back", { time: at - 7 * dayMs }, true],
    ["longer back", { time: at - 7 * dayMs - 1 }, false],
    [
      "longer back, historical",
      { time: at - 900 * dayMs, historical: true },
      true,
    ],
    ["five minutes ahead", { time: at + 300_000 }, true],
    ["further ahead", { time: at + 300_001 }, false],
    [
      "further ahead, historical",
      { time: at + 300_001, historical: true },
      false,
    ],
  ])("%s", (_, over, kept) => {
    const rows = rowsOf(cancelled(over));
    expect(rows.has("events")).toBe(kept);
    expect(rows.has("log")).toBe(true);
  });

  test.each<[string, NamedRecord | null]>([
    ["a tick", { name: "Tick", value: {} }],
    ["what cannot be decoded", null],
    [
      "a sealed source",
      { name: "HistorySealed", value: { source: "old", floor: 1 } },
    ],
  ])("%s is in the log alone", (_, record) => {
    const rows = rowsOf(record);
    expect([...rows.keys()]).toEqual(["log"]);
    expect(rows.get("log")).toMatchObject({
      customer_id: "",
      value64: "AAH/",
      name: record?.name ?? "",
    });
  });

  test("portfolio totals are a snapshot, once", () => {
    const record: NamedRecord = {
      name: "Portfolio",
      value: {
        ...{ seq: 4, at, cut: [], totals: { exposure: 5 }, segments: {} },
        tally: { day: 0, tests: 0, tails: [], ranks: [] },
        ...{ sources: [], deadLetters: 0 },
        ...{ id: "", basis: "", groups: [], top: [], scores: [] },
        ...{ settled: 0, settledLate: 0, received: 0, labels: [], bad: [] },
        ...{ expected: null, overdueTop: [] },
      },
    };
    expect(rowsOf(record).get("portfolio_snapshots")).toMatchObject({
      seq: 4,
      totals: { exposure: 5 },
    });
    const value = Buffer.alloc(0);
    const elsewhere = projectLog(
      { partition: 3, offset: 0, appendedAt: at, key: "", value, record },
      at,
    );
    expect(elsewhere.map(({ table }) => table)).toEqual(["log"]);
  });
});
