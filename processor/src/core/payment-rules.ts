/**
 * Rules on how a customer pays (domain D2): PAY-03 rhythm, PAY-09 instalments
 * and PAY-12 unallocated cash while they hold; PAY-11 payer and PAY-13
 * duplicate at a payment.
 */
import type { PaymentItem } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "./alerts.ts";
import { addBusinessDays, dayText } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { median } from "./features.ts";
import { effectiveLimit } from "./limits.ts";
import { reason } from "./order-rules.ts";
import { presentCusum, rhythmOf } from "./payment-rhythm.ts";
import { materiality } from "./rule-set.ts";
import { cleared, returned } from "./settle.ts";
import { findById } from "./sorted.ts";
import { moneyText, numberText } from "./texts.ts";

/** Alerts of this are open until C falls below this share of the threshold. */
const clearShare = 0.9;

/** PAY-03, PAY-09 and PAY-12 as the state stands. */
export function checkPaymentGauges(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  rhythmWorsens(customer, exposure, moment, findings, holding);
  missedInstalments(customer, exposure, moment, findings, holding);
  unallocatedCash(customer, exposure, moment, findings, holding);
}

/** PAY-03 付款节奏恶化. */
function rhythmWorsens(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  const { pay03 } = rules.rules;
  const rhythm = rhythmOf(customer.delayRing, rules);
  if (rhythm === null) return;
  const c = presentCusum(customer, exposure, rhythm, rules);
  if (c >= pay03.medium * clearShare) holding.add("PAY-03|");
  if (c < pay03.medium) return;
  const recent = customer.delayRing.slice(-pay03.recent);
  const now = median(recent.map((mark) => mark.dbt)) ?? 0;
  const from = numberText(rhythm.centre);
  const to = numberText(now);
  const first = recent[0]?.day;
  findings.push({
    ruleId: "PAY-03",
    ref: "",
    severity: c >= pay03.high ? "high" : "medium",
    value: Math.round(c * 10),
    titleZh: `付款变慢:平时晚 ${from} 天,最近 ${to} 天`,
    titleEn: `Pays later: usually ${from} days beyond terms, lately ${to}`,
    reasons: [
      reason(
        "PAY-03",
        `累积偏离 ${numberText(c)} 个标准差(阈值 ${numberText(pay03.medium)})`,
        `Cumulative shift of ${numberText(c)} deviations, threshold ${numberText(pay03.medium)}`,
        numberText(c),
      ),
    ],
    explain: {
      usual: Number(rhythm.centre.toFixed(1)),
      recent: now,
      cusum: Number(c.toFixed(2)),
      n: rhythm.n,
      firstChanged: first === undefined ? null : dayText(first),
    },
    moneyAtRisk: exposure.receivables,
  });
}

/** PAY-09 分期违约: the plan is void at the second missed instalment. */
function missedInstalments(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  const { pay09 } = rules.rules;
  for (const invoice of customer.state.invoices) {
    if (invoice.parts.length < 2 || invoice.open === 0) continue;
    const missed = exposure.parts.filter(
      (part) =>
        part.invoice === invoice &&
        part.dpd > pay09.days &&
        part.undisputed > 0,
    );
    if (missed.length === 0) continue;
    holding.add(`PAY-09|${invoice.id}`);
    const open = missed.reduce((sum, part) => sum + part.undisputed, 0);
    const isVoid = missed.length >= pay09.high;
    const money = moneyText(open, rules.currency);
    const n = String(missed.length);
    findings.push({
      ruleId: "PAY-09",
      ref: invoice.id,
      severity: isVoid ? "high" : "medium",
      value: missed.length,
      titleZh: `发票 ${invoice.id} 有 ${n} 期分期未付,${money}`,
      titleEn: `${n} instalments of invoice ${invoice.id} are missed, ${money}`,
      reasons: [
        reason(
          "PAY-09",
          isVoid ? "分期计划失效" : `逾期超过 ${String(pay09.days)} 天`,
          isVoid
            ? "The plan is void"
            : `More than ${String(pay09.days)} days past due`,
          n,
        ),
      ],
      explain: {
        invoice: invoice.id,
        missed: missed.length,
        instalments: invoice.parts.length,
        amount: formatMinor(open, rules.currency),
        dpd: Math.max(...missed.map((part) => part.dpd)),
      },
      moneyAtRisk: open,
      invoiceId: invoice.id,
    });
  }
}

/** PAY-12 未核销款: cash that no invoice took. */
function unallocatedCash(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  if (exposure.unallocated <= exposure.materiality) return;
  const days = rules.rules.pay12.businessDays;
  const old = customer.state.payments.filter(
    (item) =>
      item.status === cleared &&
      item.free > 0 &&
      moment.today > addBusinessDays(item.day, days, rules.calendar),
  );
  const first = old.reduce((day, item) => Math.min(day, item.day), Infinity);
  if (old.length === 0) return;
  holding.add("PAY-12|");
  const age = moment.today - first;
  const money = moneyText(exposure.unallocated, rules.currency);
  findings.push({
    ruleId: "PAY-12",
    ref: "",
    severity: "low",
    value: exposure.unallocated,
    titleZh: `未核销款 ${money},最早 ${String(age)} 天前`,
    titleEn: `${money} unallocated, the oldest for ${String(age)} days`,
    reasons: [
      reason(
        "PAY-12",
        `超过 ${String(days)} 个工作日未核销`,
        `Not allocated within ${String(days)} business days`,
        String(age),
      ),
    ],
    explain: {
      amount: formatMinor(exposure.unallocated, rules.currency),
      age,
      payments: old.length,
    },
    moneyAtRisk: 0,
  });
}

/** PAY-11 and PAY-13 of a payment that was just taken. */
export function checkPayment(
  customer: Customer,
  paymentId: string,
  isNewPayer: boolean,
  moment: Moment,
): Finding[] {
  const payment = findById(customer.state.payments, paymentId);
  if (payment === null || payment.status === returned) return [];
  return [
    isNewPayer ? unusualPayer(customer, payment, moment) : null,
    possibleDuplicate(customer, payment, moment),
  ].filter((item) => item !== null);
}

/** PAY-11 付款方异常. */
function unusualPayer(
  customer: Customer,
  payment: PaymentItem,
  moment: Moment,
): Finding | null {
  const { rules, rates } = moment.env;
  const limit = effectiveLimit(customer.state, moment.now, rates);
  if (payment.base <= materiality(rules, limit)) return null;
  const money = moneyText(payment.base, rules.currency);
  return {
    ruleId: "PAY-11",
    ref: payment.id,
    severity: "medium",
    value: payment.base,
    titleZh: `付款 ${money} 来自从未见过的账户`,
    titleEn: `Payment of ${money} from an account not seen before`,
    reasons: [
      reason("PAY-11", "付款账户首次出现", "First payment from it", money),
    ],
    explain: {
      payment: payment.id,
      amount: formatMinor(payment.amount, payment.currency),
      currency: payment.currency,
    },
    moneyAtRisk: 0,
  };
}

/** PAY-13 疑似重复付款: same amount for the same paper, or for none. */
function possibleDuplicate(
  customer: Customer,
  payment: PaymentItem,
  moment: Moment,
): Finding | null {
  const { days } = moment.env.rules.rules.pay13;
  const twin = customer.state.payments.find(
    (item) =>
      item.id !== payment.id &&
      item.status !== returned &&
      item.amount === payment.amount &&
      item.currency === payment.currency &&
      item.invoiceId === payment.invoiceId &&
      item.orderId === payment.orderId &&
      Math.abs(item.day - payment.day) <= days,
  );
  // Equal amounts without a reference are usual, until nothing is left to pay.
  const isNamed = payment.invoiceId !== null || payment.orderId !== null;
  if (!twin || (!isNamed && payment.free < payment.amount)) return null;
  const money = moneyText(payment.amount, payment.currency);
  return {
    ruleId: "PAY-13",
    ref: payment.id,
    severity: "info",
    value: payment.amount,
    titleZh: `付款 ${payment.id} 与 ${twin.id} 金额相同(${money}),疑似重复`,
    titleEn: `Payment ${payment.id} equals ${twin.id} (${money}): perhaps paid twice`,
    reasons: [
      reason(
        "PAY-13",
        `${String(days)} 天内两笔 ${money}`,
        `Two of ${money} within ${String(days)} days`,
        money,
      ),
    ],
    explain: {
      payment: payment.id,
      twin: twin.id,
      amount: formatMinor(payment.amount, payment.currency),
      currency: payment.currency,
      invoice: payment.invoiceId,
    },
    moneyAtRisk: 0,
    invoiceId: payment.invoiceId,
  };
}
