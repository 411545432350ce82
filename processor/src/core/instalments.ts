/**
 * When each instalment of a plan was paid in full (PAY-09, plan_missed_cnt):
 * what came in covers the instalments in the order of their due dates.
 */
import type { InvoiceItem } from "@riskwall/schemas";
import { rollForward } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { Allocation } from "./settle.ts";
import { addTally, firstDay, sumTally } from "./tallies.ts";

const missedWindow = 180;

/**
 * Dates the instalments of a plan of which `left` is open. What credit notes
 * and dropped payments covered keeps the date it had.
 */
export function datePlan(
  invoice: InvoiceItem,
  left: number,
  made: readonly Allocation[],
): void {
  const own = made
    .filter((item) => item.invoice === invoice)
    .sort((a, b) => a.payment.day - b.payment.day);
  const brought = own.reduce(
    (sum, item) => sum + item.amount + item.discount,
    0,
  );
  const undated = invoice.amount - left - brought;
  let covered = undated;
  let wanted = 0;
  let next = 0;
  let day = 0;
  for (const part of invoice.parts) {
    wanted += part.amount;
    if (wanted <= undated) continue;
    for (let item = own[next]; covered < wanted && item; item = own[next]) {
      covered += item.amount + item.discount;
      day = item.payment.day;
      next += 1;
    }
    part.paid = covered >= wanted ? day : 0;
  }
}

/** Due days of the instalments that were paid too late, or still are open then. */
function missedDays(invoice: InvoiceItem, { env, today }: Moment): number[] {
  if (invoice.parts.length < 2) return [];
  const { calendar, rules } = env.rules;
  const settled = invoice.amount - invoice.open;
  let wanted = 0;
  return invoice.parts.flatMap(({ due, amount, paid }) => {
    wanted += amount;
    const until = wanted > settled ? today : paid;
    const isMissed =
      until - due > rules.pay09.days && until > rollForward(due, calendar);
    return isMissed ? [due] : [];
  });
}

/** Counts what was missed of a plan that is dropped from the state. */
export function tallyMissed(
  customer: Customer,
  invoice: InvoiceItem,
  moment: Moment,
): void {
  for (const due of missedDays(invoice, moment)) {
    addTally(customer.tallies, moment.today, due, "instalmentsMissed", 1);
  }
}

/** plan_missed_cnt (D3): missed instalments that fell due in 180 days. */
export function missedInstalments(customer: Customer, moment: Moment): number {
  const { today } = moment;
  const first = firstDay(today, missedWindow);
  const present = customer.state.invoices
    .flatMap((invoice) => missedDays(invoice, moment))
    .filter((due) => due >= first);
  const { tallies } = customer;
  const before = sumTally(tallies, today, missedWindow, "instalmentsMissed");
  return before + present.length;
}
