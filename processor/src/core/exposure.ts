/**
 * Exposure and ageing (domain C1, C2), in minor units of the reporting
 * currency at today's rate. E = receivables + delivered and not billed + open
 * orders − unallocated cleared cash − counted cover; disputed amounts stay in
 * E, pending money does not lower it. Cover never makes a credit balance.
 */
import type { InvoiceItem, OrderItem } from "@riskwall/schemas";
import type { Customer } from "./customer.ts";
import { rollForward } from "./calendar.ts";
import { countCover } from "./cover.ts";
import type { Env, Moment } from "./env.ts";
import { isReserved } from "./ledger.ts";
import { effectiveLimit } from "./limits.ts";
import { toBase } from "./rates.ts";
import { materiality } from "./rule-set.ts";
import { cleared } from "./settle.ts";

/** An open part of an invoice with its own due date (ageing is by instalment). */
export interface OpenPart {
  readonly invoice: InvoiceItem;
  readonly due: number;
  /** Open amount in the invoice's currency. */
  readonly open: number;
  /** The same in the reporting currency; 0 while no rate is known. */
  readonly value: number;
  /** Days past due by calendar dates; 0 until the rolled due date has passed. */
  readonly dpd: number;
  /** Undisputed value, or all of it once the dispute's pause is over. */
  readonly undisputed: number;
}

export interface Exposure {
  readonly total: number;
  readonly receivables: number;
  /** Of `receivables`: what is owed of refunds; it has no due date (F-18). */
  readonly refunded: number;
  readonly delivered: number;
  readonly openOrders: number;
  readonly unallocated: number;
  /** Cover that counts in exposure, as far as there is something to cover. */
  readonly cover: number;
  /** What of it is left for the next order. */
  readonly coverLeft: number;
  /** Cover that counts in the limit. */
  readonly limitCover: number;
  /** Insurance and guarantees cover all that is owed and ordered. */
  readonly isInsured: boolean;
  /** not due, 1-30, 31-60, 61-90, > 90 days past due. */
  readonly ageing: readonly [number, number, number, number, number];
  readonly overdue: number;
  readonly overdueCount: number;
  /** Worst days past due among undisputed parts ≥ materiality. */
  readonly dpdMax: number;
  readonly dpdWeighted: number;
  readonly limit: number | null;
  /** E / L; null without a limit; Infinity when L = 0 and E > 0. */
  readonly utilisation: number | null;
  readonly parts: readonly OpenPart[];
  readonly materiality: number;
  /** Open items without a known rate. */
  readonly unvalued: number;
}

/** Value of an order in the reporting currency at today's rate; 0 if unknown. */
export function orderValue(order: OrderItem, env: Env): number {
  return toBase(order.open, order.currency, env.rates) ?? 0;
}

/** Splits what is open of an invoice over its instalments, latest due last. */
function partsOf(
  invoice: InvoiceItem,
): readonly { readonly due: number; readonly open: number }[] {
  if (invoice.parts.length === 0) return [invoice];
  let paid = invoice.amount - invoice.open;
  const out: { due: number; open: number }[] = [];
  for (const part of invoice.parts) {
    const settled = Math.min(part.amount, paid);
    paid -= settled;
    if (part.amount > settled) {
      out.push({ due: part.due, open: part.amount - settled });
    }
  }
  return out;
}

function openParts(customer: Customer, moment: Moment): OpenPart[] {
  const { env, today } = moment;
  const pause = env.rules.ledger.disputePauseDays;
  const out: OpenPart[] = [];
  for (const invoice of customer.state.invoices) {
    if (invoice.open === 0) continue;
    const paused = invoice.disputed > 0 && today - invoice.disputedDay <= pause;
    let disputed = paused ? Math.min(invoice.disputed, invoice.open) : 0;
    for (const part of partsOf(invoice)) {
      const value = toBase(part.open, invoice.currency, env.rates) ?? 0;
      const held = Math.min(disputed, part.open);
      disputed -= held;
      const undisputed =
        held === 0
          ? value
          : (toBase(part.open - held, invoice.currency, env.rates) ?? 0);
      // A due date is never rolled backward.
      const isPast =
        today > part.due && today > rollForward(part.due, env.rules.calendar);
      out.push({
        invoice,
        due: part.due,
        open: part.open,
        value,
        dpd: isPast ? today - part.due : 0,
        undisputed,
      });
    }
  }
  return out;
}

function bucketOf(dpd: number): 0 | 1 | 2 | 3 | 4 {
  if (dpd <= 0) return 0;
  if (dpd <= 30) return 1;
  if (dpd <= 60) return 2;
  return dpd <= 90 ? 3 : 4;
}

/** The money picture of a customer now. */
export function measureExposure(customer: Customer, moment: Moment): Exposure {
  const { env, now } = moment;
  const { state } = customer;
  const limit = effectiveLimit(state, now, env.rates);
  const floor = materiality(env.rules, limit);
  const parts = openParts(customer, moment);
  const ageing: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  let receivables = 0;
  let overdue = 0;
  let overdueCount = 0;
  let weighted = 0;
  let dpdMax = 0;
  for (const part of parts) {
    receivables += part.value;
    ageing[bucketOf(part.dpd)] += part.value;
    if (part.dpd === 0 || part.undisputed === 0) continue;
    overdue += part.undisputed;
    overdueCount += 1;
    weighted += part.undisputed * part.dpd;
    if (part.undisputed >= floor) dpdMax = Math.max(dpdMax, part.dpd);
  }
  const refunded = owedRefunds(customer, env);
  receivables += refunded;
  ageing[0] += refunded;
  let openOrders = 0;
  let delivered = 0;
  for (const order of state.orders) {
    if (isReserved(order)) openOrders += orderValue(order, env);
    if (order.goods === null) continue;
    delivered += toBase(order.goods.unbilled, order.currency, env.rates) ?? 0;
  }
  let unallocated = 0;
  for (const payment of state.payments) {
    if (payment.status === cleared && payment.free > 0) {
      unallocated += toBase(payment.free, payment.currency, env.rates) ?? 0;
    }
  }
  const gross = receivables + delivered + openOrders - unallocated;
  const covers = countCover(state.covers, now, env.rates);
  const cover = Math.min(covers.inExposure, Math.max(0, gross));
  const total = gross - cover;
  return {
    ...{ total, receivables, refunded, delivered, openOrders, unallocated },
    ...{ cover, coverLeft: covers.inExposure - cover },
    limitCover: covers.inLimit,
    isInsured: gross > 0 && covers.insured >= gross,
    ageing,
    overdue,
    overdueCount,
    dpdMax,
    dpdWeighted: overdue === 0 ? 0 : weighted / overdue,
    limit,
    utilisation: utilisationOf(total, limit),
    parts,
    materiality: floor,
    unvalued: parts.filter((part) => part.open > 0 && part.value === 0).length,
  };
}

function owedRefunds({ state }: Customer, { rates }: Env): number {
  return state.refunds.reduce(
    (sum, item) => sum + (toBase(item.open, item.currency, rates) ?? 0),
    0,
  );
}

/** Exposure with a new order of so much: what cover is left takes it first. */
export function exposureWith(exposure: Exposure, value: number): number {
  return exposure.total + Math.max(0, value - exposure.coverLeft);
}

/** Share of all that is owed and ordered that cover of any kind takes. */
export function coverRatio(exposure: Exposure): number {
  return coverRatioWith(exposure, 0);
}

/** The same with a new order of so much. */
export function coverRatioWith(exposure: Exposure, value: number): number {
  const gross = exposure.total + exposure.cover + value;
  if (gross <= 0) return 0;
  const { cover, coverLeft, limitCover } = exposure;
  return Math.min(1, (cover + coverLeft + limitCover) / gross);
}

/** U = E / L (domain C1). */
export function utilisationOf(
  exposure: number,
  limit: number | null,
): number | null {
  if (limit === null) return null;
  if (limit === 0) return exposure > 0 ? Infinity : 0;
  return Math.max(0, exposure) / limit;
}
