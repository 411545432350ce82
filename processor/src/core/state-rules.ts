/**
 * Rules on the state as it stands (domain D2): EXP-01, EXP-02, EXP-03, PAY-01,
 * PAY-02 live as long as their condition (`holding`); PAY-05, PAY-06, CMP-01, SCR-01
 * and SCR-02 are raised once by what happened.
 */
import type { Severity } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "./alerts.ts";
import { burstExpected, burstTail } from "./bursts.ts";
import { dayText } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import { agedDisputes } from "./complaint-rules.ts";
import { endingCovers } from "./cover-rules.ts";
import { holdStateFull, missingRates } from "./data-quality.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { ordersCollapsed } from "./order-habit-rules.ts";
import { limitDates } from "./limit-review.ts";
import { classOf, reason } from "./order-rules.ts";
import { checkOutsideGauges } from "./outside-rules.ts";
import { checkPaymentManner } from "./payment-habit-rules.ts";
import { checkPaymentGauges } from "./payment-rules.ts";
import { checkProfileGauges } from "./profile-rules.ts";
import { promiseBroken } from "./settle.ts";
import { moneyText, percentText } from "./texts.ts";
import { field, sumDays } from "./tiles.ts";

export interface GaugeResult {
  readonly findings: readonly Finding[];
  /** `rule|ref` of every gauge whose alert may stay open. */
  readonly holding: ReadonlySet<string>;
}

/** EXP-01/02/03 and PAY-01/02 on the present exposure. */
export function checkGauges(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): GaugeResult {
  const findings: Finding[] = [];
  const holding = new Set<string>();
  utilisationGauges(customer, exposure, moment, findings, holding);
  overdueStages(customer, exposure, moment, findings, holding);
  overdueShare(customer, exposure, moment, findings, holding);
  heldBreaches(customer, holding);
  limitDates(customer, moment, findings, holding);
  holdStateFull(customer, moment, holding);
  const unvalued = missingRates(exposure, holding);
  if (unvalued !== null) findings.push(unvalued);
  checkPaymentGauges(customer, exposure, moment, findings, holding);
  checkProfileGauges(customer, exposure, moment, findings, holding);
  agedDisputes(customer, moment, findings, holding);
  endingCovers(customer, exposure, moment, findings, holding);
  checkOutsideGauges(customer, exposure, moment, findings, holding);
  checkPaymentManner(customer, exposure, moment, findings, holding);
  const collapse = ordersCollapsed(customer, exposure, moment);
  if (collapse !== null) {
    holding.add("ORD-09|");
    findings.push(collapse);
  }
  return { findings, holding };
}

/** EXP-02 of an order stays while that order is held. */
function heldBreaches(customer: Customer, holding: Set<string>): void {
  for (const order of customer.state.orders) {
    if (order.status === 1) holding.add(`EXP-02|${order.id}`);
  }
}

function utilisationGauges(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { limit, utilisation: use } = exposure;
  if (limit === null || use === null) return;
  const { rules } = moment.env;
  const { exp01, exp02 } = rules.rules;
  if (use >= exp01.rearm && use <= 1) holding.add("EXP-01|");
  if (use > exp02.clear) holding.add("EXP-02|");
  const over = exposure.total - limit;
  const isBreach = use > 1 && over >= rules.materiality.floor;
  if (!isBreach && (use < exp01.warn || use > 1)) return;
  const useText = percentText(use);
  const explain = {
    utilisation: use === Infinity ? null : Number(use.toFixed(4)),
    exposure: formatMinor(exposure.total, rules.currency),
    receivables: formatMinor(exposure.receivables, rules.currency),
    openOrders: formatMinor(exposure.openOrders, rules.currency),
    unallocated: formatMinor(exposure.unallocated, rules.currency),
    limit: formatMinor(limit, rules.currency),
  };
  if (isBreach) {
    const money = moneyText(over, rules.currency);
    findings.push({
      ruleId: "EXP-02",
      ref: "",
      severity: use > exp02.critical ? "critical" : "high",
      value: over,
      titleZh: `超信用额度 ${money},使用率 ${useText}`,
      titleEn: `Limit breached by ${money}, ${useText} used`,
      reasons: [
        reason(
          "EXP-02",
          `超出额度 ${money}`,
          `${money} beyond the limit`,
          money,
        ),
      ],
      explain: {
        ...explain,
        breach: formatMinor(over, rules.currency),
        cashToClear: formatMinor(over, rules.currency),
        causingEvent: moment.cause[0] ?? null,
      },
      moneyAtRisk: over,
    });
    return;
  }
  const weak = customer.state.class === "C" || customer.state.class === "D";
  const severity: Severity = weak && use >= exp01.high ? "high" : "medium";
  findings.push({
    ruleId: "EXP-01",
    ref: "",
    severity,
    value: Math.round(use * 1000),
    titleZh: `额度使用率 ${useText}`,
    titleEn: `${useText} of the limit is used`,
    reasons: [
      reason(
        "EXP-01",
        `额度使用率 ${useText}`,
        `Limit ${useText} used`,
        useText,
      ),
    ],
    explain,
    moneyAtRisk: exposure.total,
  });
}

const daysText = (days: number): string =>
  days === 1 ? "1 day" : `${String(days)} days`;

/** PAY-01 逾期分级: per invoice, severity by the stage its worst part passed. */
function overdueStages(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  const { stages, severities } = rules.rules.pay01;
  const worst = new Map<string, { dpd: number; open: number; due: number }>();
  for (const part of exposure.parts) {
    if (part.dpd === 0 || part.undisputed === 0) continue;
    const seen = worst.get(part.invoice.id);
    worst.set(part.invoice.id, {
      dpd: Math.max(part.dpd, seen?.dpd ?? 0),
      open: part.undisputed + (seen?.open ?? 0),
      due: Math.min(part.due, seen?.due ?? part.due),
    });
  }
  for (const [id, { dpd, open, due }] of worst) {
    holding.add(`PAY-01|${id}`);
    const passed = stages.findLastIndex((stage) => dpd >= stage);
    if (passed < 0 || open < exposure.materiality) continue;
    const stage = stages[passed] ?? 0;
    const money = moneyText(open, rules.currency);
    const promised = customer.state.promises.some(
      (promise) => promise.status === 0 && promise.invoiceIds.includes(id),
    );
    findings.push({
      ruleId: "PAY-01",
      ref: id,
      severity: severities[passed] ?? "low",
      // Doubles with each stage, so that each one speaks: the severity of a
      // weak customer is at its greatest before the last.
      value: 2 ** passed,
      titleZh: `发票 ${id} 逾期 ${String(dpd)} 天,${money}`,
      titleEn: `Invoice ${id} is ${daysText(dpd)} past due, ${money}`,
      reasons: [
        reason(
          "PAY-01",
          `逾期满 ${String(stage)} 天`,
          `Passed ${String(stage)} days past due`,
          String(dpd),
        ),
      ],
      explain: {
        invoice: id,
        amount: formatMinor(open, rules.currency),
        dpd,
        stage,
        dueDate: dayText(due),
        promised,
      },
      moneyAtRisk: open,
      invoiceId: id,
    });
  }
}

/** PAY-02 逾期占比: above the share and up in 14 days. */
function overdueShare(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  const { pay02 } = rules.rules;
  if (exposure.receivables === 0) return;
  const share = exposure.overdue / exposure.receivables;
  if (share > pay02.clear) holding.add("PAY-02|");
  if (share <= pay02.share || exposure.overdue < exposure.materiality) return;
  const mark = customer.exposureDays.findLast(
    (item) => item.day <= moment.today - pay02.days,
  );
  const before = (mark?.overdueShare ?? 0) / 1000;
  if (share - before < pay02.rise) return;
  const text = percentText(share);
  findings.push({
    ruleId: "PAY-02",
    ref: "",
    severity: share > pay02.high ? "high" : "medium",
    value: Math.round(share * 1000),
    titleZh: `逾期占应收 ${text},14 天前为 ${percentText(before)}`,
    titleEn: `Overdue is ${text} of receivables, ${percentText(before)} 14 days ago`,
    reasons: [
      reason("PAY-02", `逾期占应收 ${text}`, `Overdue share ${text}`, text),
    ],
    explain: {
      overdue: formatMinor(exposure.overdue, rules.currency),
      receivables: formatMinor(exposure.receivables, rules.currency),
      share: Number(share.toFixed(4)),
      shareBefore: Number(before.toFixed(4)),
    },
    moneyAtRisk: exposure.overdue,
  });
}

/** PAY-05 违背付款承诺: promises that just broke. */
export function brokenPromises(
  customer: Customer,
  brokenBefore: ReadonlySet<string>,
  moment: Moment,
): Finding[] {
  const { rules } = moment.env;
  const in90 = field(
    sumDays(customer.tiles, moment.today, 90),
    "promisesBroken",
  );
  return customer.state.promises
    .filter((item) => item.status === promiseBroken)
    .filter((item) => !brokenBefore.has(item.id))
    .map((item): Finding => {
      const promised = moneyText(item.amount, item.currency);
      const received = moneyText(item.received, item.currency);
      return {
        ruleId: "PAY-05",
        ref: item.id,
        severity: in90 >= 2 ? "high" : "medium",
        value: item.amount,
        titleZh: `承诺 ${dayText(item.day)} 付 ${promised},实收 ${received}`,
        titleEn: `Promised ${promised} by ${dayText(item.day)}, received ${received}`,
        reasons: [
          reason(
            "PAY-05",
            `近90天第 ${String(in90)} 次违背承诺`,
            `Broken promise no. ${String(in90)} in 90 days`,
            String(in90),
          ),
        ],
        explain: {
          promise: item.id,
          promised: formatMinor(item.amount, item.currency),
          received: formatMinor(item.received, item.currency),
          promiseDate: dayText(item.day),
          brokenIn90Days: in90,
          currency: item.currency,
        },
        moneyAtRisk: Math.max(0, item.amount - item.received),
        invoiceId: item.invoiceIds[0] ?? null,
        ...(rules.currency === item.currency ? {} : { moneyAtRisk: 0 }),
      };
    });
}

/** PAY-06 退票/拒付 for a payment that just came back. */
export function returnedPayment(
  customer: Customer,
  paymentId: string,
  bankReason: string | null,
  moment: Moment,
): Finding | null {
  const payment = customer.state.payments.find((item) => item.id === paymentId);
  if (!payment) return null;
  const count = field(sumDays(customer.tiles, moment.today, 180), "returned");
  const money = moneyText(payment.amount, payment.currency);
  return {
    ruleId: "PAY-06",
    ref: paymentId,
    severity: count >= 2 ? "critical" : "high",
    value: payment.amount,
    titleZh: `付款 ${money} 被退回`,
    titleEn: `Payment of ${money} was returned`,
    reasons: [
      reason(
        "PAY-06",
        `近180天第 ${String(count)} 次退票`,
        `Returned payment no. ${String(count)} in 180 days`,
        String(count),
      ),
    ],
    explain: {
      payment: paymentId,
      amount: formatMinor(payment.amount, payment.currency),
      currency: payment.currency,
      bankReason,
      returnedIn180Days: count,
    },
    moneyAtRisk: Math.max(0, payment.base),
    invoiceId: payment.invoiceId,
  };
}

/** CMP-01 投诉激增 at a complaint. */
export function complaintBurst(
  customer: Customer,
  complaintId: string,
  moment: Moment,
): Finding | null {
  const { cmp01 } = moment.env.rules.rules;
  const d7 = sumDays(customer.tiles, moment.today, 7);
  const n = field(d7, "complaints");
  if (n < cmp01.min) return null;
  const whole = field(sumDays(customer.tiles, moment.today, 180), "complaints");
  const severe =
    field(d7, "severityFault") +
    field(d7, "severityLiquidity") +
    field(d7, "severityRefusal");
  // Severity weighted: three mild complaints weigh less than three grave ones.
  const weighted = Math.max(n, Math.round((severe / 1000) * 2));
  const p = burstTail(Math.max(0, whole - n), weighted, 7);
  if (p >= cmp01.p) return null;
  const expected = burstExpected(Math.max(0, whole - n), 7);
  const categories = customer.state.complaints
    .filter((item) => item.day > moment.today - 7)
    .map((item) => item.meaning);
  return {
    ruleId: "CMP-01",
    ref: "",
    severity: "medium",
    value: n,
    titleZh: `7 天内投诉 ${String(n)} 次,平时约 ${expected.toFixed(1)} 次`,
    titleEn: `${String(n)} complaints in 7 days, usually about ${expected.toFixed(1)}`,
    reasons: [
      reason(
        "CMP-01",
        `7 天内 ${String(n)} 次投诉`,
        `${String(n)} complaints in 7 days`,
        String(n),
      ),
    ],
    explain: {
      count: n,
      expected: Number(expected.toFixed(2)),
      p: Number(p.toPrecision(3)),
      categories: [...new Set(categories)].sort(),
      severity: severe / 1000,
    },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
    p,
    complaintId,
  };
}

/** What happened to score and class at one evaluation. */
export interface ScoreMove {
  readonly before: number;
  readonly after: number;
  readonly highest: number;
  readonly classBefore: string;
  readonly reasons: Finding["reasons"];
  readonly points: readonly string[];
}

/** SCR-01 评分显著下降, against the highest score of the window (C4). */
export function scoreDrop(
  move: ScoreMove,
  customer: Customer,
  moment: Moment,
): Finding | null {
  const { scr01 } = moment.env.rules.rules;
  const drop = move.highest - move.after;
  if (move.after >= move.before || drop < scr01.medium) return null;
  return {
    ruleId: "SCR-01",
    ref: "",
    severity: drop >= scr01.high ? "high" : "medium",
    value: drop,
    titleZh: `评分 ${String(move.highest)} → ${String(move.after)}(7 天内)`,
    titleEn: `Score ${String(move.highest)} → ${String(move.after)} within 7 days`,
    reasons: move.reasons,
    explain: {
      from: move.highest,
      to: move.after,
      drop,
      points: move.points,
      causingEvents: [...moment.cause],
    },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
  };
}

/** SCR-02 信用等级下调. */
export function classDowngrade(
  move: ScoreMove,
  customer: Customer,
  moment: Moment,
): Finding | null {
  const to = classOf(customer);
  if (to <= move.classBefore) return null;
  const severity: Severity =
    to === "E" ? "critical" : to === "D" ? "high" : "medium";
  return {
    ruleId: "SCR-02",
    ref: to,
    severity,
    value: move.after,
    titleZh: `信用等级 ${move.classBefore} → ${to}`,
    titleEn: `Class ${move.classBefore} → ${to}`,
    reasons: move.reasons,
    explain: {
      from: move.classBefore,
      to,
      score: move.after,
      causingEvents: [...moment.cause],
    },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
  };
}
