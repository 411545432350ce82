/**
 * Write-offs: they close an invoice, are no payment, and are a bad mark (C3.1):
 * the score stays capped for a year where the sum is material (decision 0010).
 */
import type { InvoiceWrittenOff } from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { toBase } from "./rates.ts";
import { findById, insertById } from "./sorted.ts";
import { addTally } from "./tallies.ts";

export function writeOffInvoice(
  customer: Customer,
  event: InvoiceWrittenOff,
  { env, today }: Moment,
): "WRITE_OFF_EXISTS" | null {
  const { writeOffs } = customer.state;
  if (findById(writeOffs, event.writeOffId)) return "WRITE_OFF_EXISTS";
  const { invoiceId, amount, currency } = event;
  const day = localDay(event.time, env.rules.zoneOffsetMinutes);
  const item = { invoiceId, amount, currency, day };
  insertById(writeOffs, { id: event.writeOffId, ...item });
  const value = toBase(amount, currency, env.rates) ?? 0;
  addTally(customer.tallies, today, day, "writeOffs", 1);
  addTally(customer.tallies, today, day, "writeOffAmount", value);
  return null;
}
