import { expect, test } from "vitest";
import { createChronicle } from "./chronicle.ts";
import {
  day,
  event,
  readLines,
  start,
  type Line,
} from "./cases.test-support.ts";
import { exposureOf, type Exposure } from "./exposure.ts";
import { limitsOf } from "./limits.ts";
import { ledgerOf, type Ledger } from "./ledger.ts";
import { papersOf } from "./papers.ts";
import type { Rates } from "./rates.ts";

const usd: Rates = { base: "CNY", rates: { USD: "0.125" } };

interface Answer {
  readonly ledger: Ledger;
  readonly exposure: Exposure;
  readonly open: Readonly<Record<string, bigint>>;
  readonly free: Readonly<Record<string, bigint>>;
}

/** The ledger of all records at a date. */
function on(date: string, records: readonly Line["record"][]): Answer {
  const chronicle = createChronicle();
  readLines(
    records.map((record) => ({ on: 0, record })),
    chronicle,
  );
  const events = chronicle.customers.get("C-1")?.events ?? [];
  const papers = papersOf(events);
  const question = { today: day(date), rules: chronicle.rules, rates: usd };
  const ledger = ledgerOf(papers, question);
  const exposure = exposureOf(papers, ledger, {
    ...question,
    now: Date.parse(`${date}T04:00:00Z`),
    limits: limitsOf(events),
    isReserved: () => true,
    cover: { inExposure: 0n, inLimit: 0n },
  });
  return {
    ledger,
    exposure,
    open: Object.fromEntries(
      [...ledger.invoices].map(([id, item]) => [id, item.open]),
    ),
    free: Object.fromEntries(ledger.free),
  };
}

const invoice = (
  invoiceId: string,
  amount: number,
  dueDate: string,
  over: object = {},
): Line["record"] =>
  event("InvoiceIssued", {
    ...{ invoiceId, amount, issueDate: day("2026-02-02") },
    ...{ dueDate: day(dueDate), ...over },
  });
const payment = (
  paymentId: string,
  amount: number,
  over: object = {},
): Line["record"] =>
  event("PaymentReceived", {
    ...{ paymentId, amount, valueDate: day("2026-03-02"), ...over },
  });

/** Every order of the records gives the same answer (F-9). */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  );
}

test("money goes by advice, then exact amount, then the oldest due", () => {
  const records = [
    invoice("A", 1000_00, "2026-02-10"),
    invoice("B", 300_00, "2026-02-20"),
    invoice("C", 500_00, "2026-02-25"),
    payment("P1", 300_00),
    payment("P2", 400_00),
    payment("P3", 600_00, { invoiceId: "C" }),
  ];
  for (const order of permutations(records)) {
    const { open, free } = on("2026-03-02", order);
    expect(open).toEqual({ A: 600_00n, B: 0n, C: 0n });
    expect(free).toEqual({ P1: 0n, P2: 0n, P3: 100_00n });
  }
});

test("a promised invoice goes before an older one", () => {
  const { open, ledger } = on("2026-03-02", [
    invoice("A", 1000_00, "2026-02-10"),
    invoice("B", 800_00, "2026-02-20"),
    event("PaymentPromised", {
      ...{ promiseId: "PP", amount: 500_00, invoiceIds: ["B"] },
      promiseDate: day("2026-03-03"),
    }),
    payment("P", 500_00),
  ]);
  expect(open).toEqual({ A: 1000_00n, B: 300_00n });
  expect(ledger.promises.get("PP")?.state).toBe("kept");
});

test("a returned payment reopens what it settled, in any order", () => {
  const records = [
    invoice("A", 100_00, "2026-02-27"),
    payment("P", 100_00, { state: "pending" }),
    payment("P", 100_00),
    event("PaymentReturned", { paymentId: "P" }),
  ];
  for (const order of permutations(records)) {
    const { open, exposure } = on("2026-03-02", order);
    expect(open).toEqual({ A: 100_00n });
    expect(exposure.dpdMax).toBe(3);
  }
});

test.each([
  { title: "a cent", paid: 99_99, open: 0n },
  { title: "one per cent", paid: 99_00, open: 0n },
  { title: "a cent more", paid: 98_99, open: 1_01n },
])("a residual of $title", ({ paid, open }) => {
  const records = [invoice("A", 100_00, "2026-02-27"), payment("P", paid)];
  expect(on("2026-03-02", records).open).toEqual({ A: open });
});

test("ageing goes by instalment, the earliest is paid first", () => {
  const { exposure } = on("2026-03-31", [
    invoice("A", 300_00, "2026-04-30", {
      instalments: [
        { dueDate: day("2026-04-30"), amount: 100_00 },
        { dueDate: day("2026-01-30"), amount: 100_00 },
        { dueDate: day("2026-03-27"), amount: 100_00 },
      ],
    }),
    payment("P", 150_00, { invoiceId: "A" }),
  ]);
  expect(exposure.ageing).toEqual([100_00n, 50_00n, 0n, 0n, 0n]);
  expect(exposure.overdue).toBe(50_00n);
  // Below the materiality of 100.00.
  expect(exposure.dpdMax).toBe(0);
});

test("a due date on a Sunday is not late on the Monday", () => {
  const records = [invoice("A", 500_00, "2026-03-15")];
  expect(on("2026-03-16", records).exposure.dpdMax).toBe(0);
  expect(on("2026-03-17", records).exposure.dpdMax).toBe(2);
});

test("a dispute pauses for 45 days and stays in the exposure", () => {
  const records = [
    invoice("A", 500_00, "2026-02-10"),
    event("ComplaintOpened", {
      ...{ complaintId: "K", invoiceId: "A", disputedAmount: 450_00 },
    }),
  ];
  const paused = on("2026-04-16", records).exposure;
  expect([paused.receivables, paused.overdue]).toEqual([500_00n, 50_00n]);
  expect(on("2026-04-17", records).exposure.overdue).toBe(500_00n);
});

test("orders, invoices and money in two currencies add up", () => {
  const { exposure } = on("2026-02-20", [
    event("OrderPlaced", { orderId: "O", amount: 1000_00, currency: "USD" }),
    event("OrderAmended", {
      ...{ orderId: "O", amount: 900_00, currency: "USD", version: 2 },
    }),
    event("OrderAmended", {
      ...{ orderId: "O", amount: 5_00, currency: "USD", version: 1 },
    }),
    invoice("A", 400_00, "2026-03-31", { orderId: "O", currency: "USD" }),
    payment("P", 70_00),
  ]);
  // 1 USD = 8 CNY: 400 + (900 - 400) USD, less 70 CNY nobody takes.
  expect(exposure).toMatchObject({
    receivables: 3200_00n,
    openOrders: 4000_00n,
    unallocated: 70_00n,
    total: 7130_00n,
    limit: null,
  });
});

test("a temporary limit is the whole limit while it is valid", () => {
  const records = [
    event("CustomerLimitSet", { amount: 100_00, validTo: null }),
    event("CustomerLimitSet", {
      ...{ amount: 900_00, kind: "temporary" },
      ...{ validFrom: Date.parse("2026-03-05T00:00:00Z") },
      validTo: Date.parse("2026-03-08T00:00:00Z"),
    }),
  ];
  expect(on("2026-03-04", records).exposure.limit).toBe(100_00n);
  expect(on("2026-03-05", records).exposure.limit).toBe(900_00n);
  expect(on("2026-03-08", records).exposure.limit).toBe(100_00n);
});

test("an older limit that comes late changes nothing; a temporary one ends", () => {
  const hour = 3_600_000;
  const at = (time: number, amount: number, kind: string): Line["record"] =>
    event("CustomerLimitSet", { amount, kind, time, validTo: null });
  const records = [
    at(start, 100_00, "standing"),
    at(start - hour, 700_00, "standing"),
    at(start, 900_00, "temporary"),
  ];
  expect(on("2026-03-31", records).exposure.limit).toBe(900_00n);
  // Thirty days, where nobody said until when (C9).
  expect(on("2026-04-02", records).exposure.limit).toBe(100_00n);
});
