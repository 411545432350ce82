/**
 * Rules on the manner of paying (domain D2): PAY-07 part payments, PAY-08 cash
 * discount no longer taken; both while they hold.
 */
import type { Finding } from "./alerts.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { reason } from "./order-rules.ts";
import { firstDay, sumTally, tallyFields, type Tally } from "./tallies.ts";
import { percentText } from "./texts.ts";
import { field, sumWindows } from "./tiles.ts";

/** An alert stays open down to this share of its threshold. */
const clearShare = 0.9;
const yearDays = 365;

/** PAY-07 and PAY-08 as the state stands. */
export function checkPaymentManner(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  if (customer.tallies.length === 0) return;
  partPayments(customer, exposure, moment, findings, holding);
  discountDropped(customer, exposure, moment, findings, holding);
}

/** PAY-07 部分付款增多, against the customer's own year before. */
function partPayments(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { pay07 } = moment.env.rules.rules;
  const { tallies, tiles } = customer;
  const { today } = moment;
  const parts = sumTally(tallies, today, pay07.days, "partPaid");
  if (parts < pay07.min) return;
  const [near, far] = sumWindows(tiles, today, [pay07.days, yearDays]);
  const settled = field(near, "settled");
  const partsBefore = sumTally(tallies, today, yearDays, "partPaid") - parts;
  const settledBefore = field(far, "settled") - settled;
  // Shrunken to what is usual, so that a short history is no jump.
  const base =
    (partsBefore + pay07.shrink * pay07.usual) / (settledBefore + pay07.shrink);
  const share = settled === 0 ? 0 : parts / settled;
  const threshold = pay07.times * base;
  if (share > threshold * clearShare) holding.add("PAY-07|");
  if (share <= threshold) return;
  const [now, usual] = [percentText(share), percentText(base)];
  const [n, days] = [String(parts), String(pay07.days)];
  findings.push({
    ruleId: "PAY-07",
    ref: "",
    severity: "medium",
    value: parts,
    titleZh: `近${days}天 ${now} 的发票分次付清,平时 ${usual}`,
    titleEn: `${now} of invoices in ${days} days were paid in parts, usually ${usual}`,
    reasons: [
      reason(
        "PAY-07",
        `${n} 张发票分多次付清`,
        `${n} invoices took more than one payment`,
        n,
      ),
    ],
    explain: {
      ...{ count: parts, settled },
      share: Number(share.toFixed(4)),
      base: Number(base.toFixed(4)),
    },
    moneyAtRisk: exposure.receivables,
  });
}

interface Discounts {
  readonly offered: number;
  readonly taken: number;
}

/** The last offers that were settled, by whole days, and those before. */
function splitDiscounts(
  tallies: readonly Tally[],
  first: number,
  last: number,
): { readonly recent: Discounts; readonly before: Discounts } {
  const offered = tallyFields.indexOf("discountsOffered");
  const taken = tallyFields.indexOf("discountsTaken");
  const recent = { offered: 0, taken: 0 };
  const before = { offered: 0, taken: 0 };
  let day = Infinity;
  let part = recent;
  for (const tally of [...tallies].reverse()) {
    if (tally.day < first) break;
    // A day belongs whole to one side: its order is not kept.
    if (tally.day !== day && recent.offered >= last) part = before;
    day = tally.day;
    if (tally.field === offered) part.offered += tally.amount;
    if (tally.field === taken) part.taken += tally.amount;
  }
  return { recent, before };
}

/** PAY-08 停止享受现金折扣. */
function discountDropped(
  customer: Customer,
  exposure: Exposure,
  { env, today }: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { pay08 } = env.rules.rules;
  const first = firstDay(today, pay08.days);
  const { recent, before } = splitDiscounts(
    customer.tallies,
    first,
    pay08.last,
  );
  if (recent.offered < pay08.last || recent.taken > 0) return;
  if (before.offered < pay08.min) return;
  const rate = before.taken / before.offered;
  if (rate < pay08.taken) return;
  holding.add("PAY-08|");
  const [was, n] = [percentText(rate), String(recent.offered)];
  findings.push({
    ruleId: "PAY-08",
    ref: "",
    severity: "medium",
    value: recent.offered,
    titleZh: `最近 ${n} 次未享受现金折扣,此前享受 ${was}`,
    titleEn: `None of the last ${n} discounts was taken, ${was} before`,
    reasons: [
      reason(
        "PAY-08",
        "放弃折扣可能意味着资金紧张",
        "Giving up a discount may mean that cash is short",
        was,
      ),
    ],
    explain: {
      rateBefore: Number(rate.toFixed(4)),
      offeredBefore: before.offered,
      offered: recent.offered,
      taken: recent.taken,
    },
    moneyAtRisk: exposure.receivables,
  });
}
