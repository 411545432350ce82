/**
 * What is computed at issue may know nothing of the future. Checked on made-up
 * histories by throwing the future about; that the check can fail is shown by
 * a row that looks ahead.
 */
import { describe, expect, test } from "vitest";
import { createUniform } from "../../../processor/src/core/forecast/seeded-uniform.ts";
import { shippedRules } from "../../../processor/src/rule-file.ts";
import { timeOf, type DatedRecord, type Outcome } from "./datarisk-records.ts";
import { shuffleFuture } from "./future-shuffled.ts";
import { lateRows, wasLate } from "./late-rows.ts";

const first = 18_000;
const days = 300;
const { rules } = shippedRules();

/** Invoices every few days of a few customers, paid around their due day. */
function madeUp(seed: number): DatedRecord[] {
  const uniform = createUniform(seed);
  const out: DatedRecord[] = [];
  for (let i = 0; i < 200; i += 1) {
    const id = String(i).padStart(3, "0");
    const issue = first + Math.floor((i * days) / 200);
    const due = issue + 20 + Math.floor(uniform() * 20);
    const paid = due + Math.floor(uniform() * 30) - 8;
    const what = {
      ...{ source: "test", historical: true, currency: "CNY", orderId: null },
      ...{ customerId: `C-${String(i % 5)}`, amount: 10_000 + i * 100 },
    };
    const issued = {
      ...{ ...what, eventId: `i-${id}`, time: timeOf(issue) },
      ...{ invoiceId: `N-${id}`, issueDate: issue, dueDate: due },
      instalments: [],
      discount: 0,
      discountDate: null,
    };
    const payment = {
      ...{ ...what, eventId: `p-${id}`, time: timeOf(paid) },
      ...{ paymentId: `P-${id}`, valueDate: paid, invoiceId: `N-${id}` },
      ...{ allocations: [], method: null, payerAccount: null },
      state: "cleared" as const,
    };
    out.push(
      { day: issue, record: { name: "InvoiceIssued", value: issued } },
      { day: paid, record: { name: "PaymentReceived", value: payment } },
    );
  }
  return out.sort((a, b) => a.day - b.day);
}

describe("rows at issue", () => {
  const records = madeUp(3);
  const cut = first + days / 2;
  const issuedBy = new Set(
    records.flatMap(({ day, record }) =>
      record.name === "InvoiceIssued" && day <= cut
        ? [record.value.invoiceId]
        : [],
    ),
  );
  const rowsOf = (list: readonly DatedRecord[]): unknown[] =>
    lateRows({ records: list }, rules).filter((row) =>
      issuedBy.has(row.invoiceId),
    );

  test("do not change when the future is thrown about, or taken away", () => {
    const rows = rowsOf(records);
    expect(rows.length).toBeGreaterThan(90);
    for (const seed of [1, 2, 3]) {
      expect(rowsOf(shuffleFuture(records, cut, seed))).toEqual(rows);
    }
    expect(rowsOf(records.filter((item) => item.day <= cut))).toEqual(rows);
  });

  test("that look ahead do change: the check can fail", () => {
    const shuffled = shuffleFuture(records, cut, 1);
    expect(shuffled).toHaveLength(records.length);
    // One payment of after the cut known before it.
    const leak = (list: readonly DatedRecord[]): DatedRecord[] => {
      const ahead = list.find(
        ({ day, record }) =>
          day > cut &&
          record.name === "PaymentReceived" &&
          issuedBy.has(record.value.invoiceId ?? ""),
      );
      if (!ahead) throw new Error("nothing to leak");
      const early = { ...ahead, day: cut - 20 };
      return [...list.filter((item) => item !== ahead), early].sort(
        (a, b) => a.day - b.day,
      );
    };
    expect(rowsOf(leak(shuffled))).not.toEqual(rowsOf(records));
  });
});

describe("late or not", () => {
  const outcome = (paid: number | null): Outcome => ({
    ...{ customerId: "C", invoiceId: "N", issue: 70, due: 100, paid },
  });
  test.each([
    ["paid on the due day", 100, "late1", 200, false],
    ["paid a day later", 101, "late1", 200, true],
    ["paid four days later", 104, "late5", 200, false],
    ["paid five days later", 105, "late5", 200, true],
    ["paid 15 days later", 115, "late15", 200, false],
    ["paid 16 days later", 116, "late15", 200, true],
    ["open and known long enough", null, "late5", 105, true],
    ["open and not known long enough", null, "late5", 104, null],
    ["paid early, its day not come", 90, "late1", 100, null],
  ] as const)("%s", (_, paid, what, knownOn, late) => {
    expect(wasLate(outcome(paid), what, knownOn)).toBe(late);
  });
});
