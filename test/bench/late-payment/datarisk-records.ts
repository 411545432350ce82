/**
 * The real invoices and payments of `datarisk_payments` as records of the log,
 * in the order in which they became known: by day, and within a day master
 * data, invoices, payments. So nothing is known of an invoice's own day but
 * that it was issued.
 */
import type { BusinessRecord } from "@riskwall/schemas";
import { centsOf, dataFile, plainRows } from "../../support/real-data.ts";

const dayMs = 86_400_000;
/** The last day of the copy: what is not paid by then is open. */
export const dataEnd = dayOf("2020-08-31") ?? 0;

export interface DatedRecord {
  readonly day: number;
  readonly record: BusinessRecord;
}

/** What became of an invoice. */
export interface Outcome {
  readonly customerId: string;
  readonly invoiceId: string;
  readonly issue: number;
  readonly due: number;
  /** Null = open on `dataEnd`. */
  readonly paid: number | null;
}

export interface History {
  readonly records: readonly DatedRecord[];
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Rows left out: no amount, or no date. */
  readonly left: number;
}

/** Day number of `YYYY-MM-DD`; null when it is none. */
function dayOf(text: string): number | null {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? null : ms / dayMs;
}

/** Noon in the seller's zone. */
export const timeOf = (day: number): number => day * dayMs + 4 * 3_600_000;

const common = { source: "datarisk", historical: true } as const;

function masterRecords(file: string): DatedRecord[] {
  return plainRows(file, ";").flatMap(([customerId = "", since = ""]) => {
    const day = dayOf(since);
    if (day === null || customerId === "") return [];
    const value = {
      ...{ ...common, eventId: `c-${customerId}`, time: timeOf(day) },
      ...{ customerId, name: null, segment: null, industry: null, since: day },
      ...{ country: null, currency: null, termsDays: null, groupId: null },
      ...{ owner: null, creditLimit: null },
    };
    return [{ day, record: { name: "CustomerUpserted" as const, value } }];
  });
}

/** The whole set; null where it is not on this machine. */
export function datariskHistory(): History | null {
  const payments = dataFile("datarisk_payments", "payments.csv.gz");
  const customers = dataFile("datarisk_payments", "customers.csv.gz");
  if (payments === null || customers === null) return null;
  const outcomes = new Map<string, Outcome>();
  const invoices: DatedRecord[] = [];
  const paid: DatedRecord[] = [];
  let left = 0;
  plainRows(payments, ";").forEach((row, i) => {
    const [customerId = "", , issued = "", paidText = "", dueText = ""] = row;
    const cents = centsOf(row[5]);
    const [issue, due, paidDay] = [issued, dueText, paidText].map(dayOf);
    if (cents === null || issue == null || due == null) {
      left += 1;
      return;
    }
    const amount = Number(cents);
    const invoiceId = `D-${String(i + 1)}`;
    const what = { customerId, amount, currency: "CNY" };
    const money = { ...common, ...what, orderId: null };
    outcomes.set(invoiceId, {
      ...{ customerId, invoiceId, issue, due, paid: paidDay ?? null },
    });
    const value = {
      ...{ ...money, eventId: `i-${invoiceId}`, time: timeOf(issue) },
      ...{ invoiceId, issueDate: issue, dueDate: due, instalments: [] },
      ...{ discount: 0, discountDate: null },
    };
    invoices.push({ day: issue, record: { name: "InvoiceIssued", value } });
    if (paidDay == null) return;
    const payment = {
      ...{ ...money, eventId: `p-${invoiceId}`, time: timeOf(paidDay) },
      ...{ paymentId: `P-${invoiceId}`, valueDate: paidDay, invoiceId },
      ...{ allocations: [], method: null, payerAccount: null },
      state: "cleared" as const,
    };
    paid.push({
      day: paidDay,
      record: { name: "PaymentReceived", value: payment },
    });
  });
  // The sort is stable: within a day they stay in this order.
  const records = [...masterRecords(customers), ...invoices, ...paid].sort(
    (a, b) => a.day - b.day,
  );
  return { records, outcomes, left };
}
