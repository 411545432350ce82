import { describe, expect, it } from "vitest";
import { checkColumns, parseMapping } from "./mapping.ts";
import { createMapRow, type Row } from "./map-row.ts";

const base = `
source: old
timezone: Asia/Shanghai
decimals: 2
`;

function mapOne(yaml: string, row: Row, rowNumber = 7): unknown {
  return createMapRow(parseMapping(base + yaml))(row, rowNumber).map(
    ({ json }) => json,
  );
}

describe("a row becomes events", () => {
  const contract = `
events:
  - type: invoice.issued
    id: "invoice-{row}"
    time: "{ISSUED}"
    data: { customerId: "{CUSTOMER}", invoiceId: "D-{row}", amount: "{AMOUNT}", currency: CNY, issueDate: "{ISSUED}", dueDate: "{DUE}" }
  - type: payment.received
    when: "{PAID}"
    id: "payment-{row}"
    time: "{PAID}"
    data: { customerId: "{CUSTOMER}", paymentId: "P-{row}", invoiceId: "D-{row}", amount: "{AMOUNT}", currency: CNY, valueDate: "{PAID}" }
`;
  const row = {
    CUSTOMER: " C-1 ",
    AMOUNT: "12.340000000000001",
    ISSUED: "2020-01-31",
    DUE: "2020/2/29",
    PAID: "",
  };

  it("the example of the contract, not paid", () => {
    expect(mapOne(contract, row)).toEqual([
      {
        id: "invoice-7",
        source: "old",
        type: "invoice.issued",
        time: "2020-01-30T16:00:00.000Z",
        data: {
          customerId: "C-1",
          invoiceId: "D-7",
          amount: "12.34",
          currency: "CNY",
          issueDate: "2020-01-31",
          dueDate: "2020-02-29",
        },
      },
    ]);
  });

  it("the same, paid", () => {
    const events = mapOne(contract, { ...row, PAID: "2020-03-01 09:30:00" });
    expect(events).toMatchObject([
      { type: "invoice.issued" },
      {
        id: "payment-7",
        time: "2020-03-01T01:30:00.000Z",
        data: { paymentId: "P-7", valueDate: "2020-03-01" },
      },
    ]);
  });

  it("counts amounts that lost digits", () => {
    const map = createMapRow(parseMapping(base + contract));
    expect(map(row, 1).map(({ rounded }) => rounded)).toEqual([1]);
    expect(map({ ...row, AMOUNT: "5.10" }, 1)[0]?.rounded).toBe(0);
  });

  it("leaves what it cannot read to the checks", () => {
    const odd = { ...row, AMOUNT: "n/a", ISSUED: "soon", DUE: "" };
    expect(mapOne(contract, odd)).toMatchObject([
      { time: "soon", data: { amount: "n/a", issueDate: "soon" } },
    ]);
    const [event] = mapOne(contract, odd) as { data: object }[];
    expect(event?.data).not.toHaveProperty("dueDate");
  });

  const cancelled = (map: string): string => `
events:
  - type: order.cancelled
    when: "{STATUS}"
    id: "c-{row}"
    time: "{T}"
    ${map}
    data: { customerId: "{C}", orderId: "{O}", reason: "{STATUS}" }
`;
  const sale = { STATUS: "作废发票", T: "2020-01-01", C: "B1", O: "O1" };
  const words = `map: { STATUS: { 作废发票: voided, 有效发票: "" } }`;

  it("translates values, also for `when`", () => {
    expect(mapOne(cancelled(words), sale)).toMatchObject([
      { data: { reason: "voided" } },
    ]);
    const valid = { ...sale, STATUS: "有效发票" };
    expect(mapOne(cancelled(words), valid)).toEqual([]);
  });

  it("translates by a table of the whole mapping, with a rest", () => {
    const yaml = `map: { STATUS: { "*": other } }\n${cancelled("")}`;
    expect(mapOne(yaml, sale)).toMatchObject([{ data: { reason: "other" } }]);
  });

  it("translates a field by its own table, or by its name", () => {
    const field = cancelled("").replace(
      `reason: "{STATUS}"`,
      `reason: { value: "{STATUS}", map: { 作废发票: void } }`,
    );
    expect(mapOne(field, sale)).toMatchObject([{ data: { reason: "void" } }]);
    const named = cancelled("map: { reason: { 作废发票: gone } }");
    expect(mapOne(named, sale)).toMatchObject([{ data: { reason: "gone" } }]);
  });

  it("gives numbers, flags and lists the type of their field", () => {
    const yaml = `
events:
  - type: payment.received
    id: "p"
    time: "{T}"
    data:
      customerId: "{C}"
      termsDays: "{DAYS}"
      insured: "{YES}"
      amount: 12.5
      tags: ["{C}", "{NONE}"]
      allocations: [{ invoiceId: "{C}", amount: "{A}" }]
      lines: "{LINES}"
`;
    const event = {
      T: "2020-01-01T10:00:00+08:00",
      C: "x",
      DAYS: "30.0",
      YES: "true",
      NONE: null,
      A: 3.145,
      LINES: [1, 2],
    };
    expect(mapOne(yaml, event)).toMatchObject([
      {
        time: "2020-01-01T02:00:00.000Z",
        data: {
          termsDays: 30,
          insured: true,
          amount: "12.50",
          tags: ["x"],
          allocations: [{ invoiceId: "x", amount: "3.15" }],
          lines: [1, 2],
        },
      },
    ]);
  });

  it("reaches into objects of NDJSON", () => {
    const yaml = cancelled("").replace("{C}", "{buyer.id}");
    const nested = { ...sale, buyer: { id: "B-9" } };
    expect(mapOne(yaml, nested)).toMatchObject([
      { data: { customerId: "B-9" } },
    ]);
  });
});

describe("a mapping is refused", () => {
  const events = `events: [{ type: t, id: i, time: "{T}", data: {} }]`;
  it.each([
    ["no YAML", "a: [", /not YAML/],
    ["no events", "source: x", /events/],
    ["an unknown word", `source: x\nevent: []\n${events}`, /event/],
    ["no source", events, /source/],
    ["an unknown zone", `source: x\ntimezone: Mars/Base\n${events}`, /Mars/],
    ["an unknown encoding", `source: x\nencoding: runes\n${events}`, /runes/],
  ])("%s", (_, text, message) => {
    expect(() => parseMapping(text)).toThrow(message);
  });

  it("that names a column which is not there", () => {
    const mapping = parseMapping(`source: x\n${events}`);
    expect(() => {
      checkColumns(mapping, ["A", "B"]);
    }).toThrow(/no column T; it has A, B/);
    checkColumns(mapping, ["T"]);
  });
});
