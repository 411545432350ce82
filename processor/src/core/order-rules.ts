/**
 * Rules at a new order (domain D2, C10): ORD-01, 02, 03, 05, 06 and EXP-02 for
 * the order that would breach. They see the state before the order counts.
 */
import type { OrderItem, Reason, RiskClass, Severity } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "./alerts.ts";
import { burstBaselineDays, burstExpected, burstTail } from "./bursts.ts";
import { dayText, hourMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { exactLn } from "./exact-math.ts";
import { utilisationOf, type Exposure } from "./exposure.ts";
import { medianGap, orderBaseline, type OrderBaseline } from "./features.ts";
import { markOf } from "./ledger.ts";
import { checkOrderHabits } from "./order-habit-rules.ts";
import { withoutOrder, type OrderMark } from "./rings.ts";
import { segmentRules, type RuleSet, type SegmentRules } from "./rule-set.ts";
import {
  heldBack,
  isSeasonalAmount,
  monthGrowthMax,
  monthOld,
  ordersIn,
  periodBefore,
  rateBaseline,
  seasonFactor,
  withoutAnomalies,
} from "./season.ts";
import { usualOrders } from "./segment-sums.ts";
import { moneyText, numberText, percentText } from "./texts.ts";
import { field, sumDays, sumHours, sumWindows } from "./tiles.ts";

/** An order seen by the rules: its value and what exposure it would make. */
export interface OrderView {
  readonly order: OrderItem;
  readonly value: number;
  readonly before: number;
  readonly after: number;
  /** Terms the order asks for, days; null = the agreed ones. */
  readonly termsDays: number | null;
}

export function reason(
  code: string,
  textZh: string,
  textEn: string,
  number: string,
): Reason {
  return { code, textZh, textEn, number, points: 0 };
}

/** All findings of an order, most telling first. */
export function checkOrderRules(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding[] {
  const breach = limitBreach(view, exposure, moment);
  const large = largeOrder(customer, view, exposure, moment, breach !== null);
  return [
    large,
    breach,
    singleCap(customer, view, exposure, moment),
    burst(customer, exposure, moment),
    dormant(customer, view, exposure, moment),
    newCustomer(customer, view, exposure, moment),
    ...checkOrderHabits(customer, view, exposure, moment),
  ].filter((item) => item !== null);
}

/** The order ring without the order that is looked at. */
function ringBefore(
  customer: Customer,
  view: OrderView,
  moment: Moment,
): readonly OrderMark[] {
  return withoutOrder(customer.orderRing, markOf(view.order, moment));
}

/** Robust z of an amount against a baseline, its scale shrunken (C10.1). */
function robustZ(
  value: number,
  base: OrderBaseline,
  { logScale }: SegmentRules,
  { ord01 }: RuleSet["rules"],
): number {
  const { n, madLn, medianLn } = base;
  const own = n * madLn * madLn;
  const prior = ord01.shrink * logScale * logScale;
  const scale = Math.sqrt((own + prior) / (n + ord01.shrink));
  return (exactLn(value) - medianLn) / Math.max(ord01.scaleFloor, scale);
}

/** ord_z_last (D3): z of the last order against those before it. */
export function lastOrderZ(
  customer: Customer,
  { env, today }: Moment,
): number | null {
  const ring = customer.orderRing.filter((mark) => mark.amount > 0);
  const last = ring.at(-1);
  const base = orderBaseline(ring.slice(0, -1), today);
  const { rules } = env.rules;
  if (!last || !base || base.n < rules.ord01.minOrders) return null;
  const segment = segmentRules(env.rules, customer.state.segment);
  return robustZ(last.amount, base, segment, rules);
}

export interface LargeLegs {
  readonly legs: string[];
  readonly z: number | null;
  readonly median: number | null;
  readonly max: number | null;
  readonly maxAt: string | null;
  readonly n: number;
}

/**
 * Legs of C10.1. With fewer than 8 orders the segment's q99 stands in (e).
 * Leg (d) alone fires only for an order above everything seen before: a
 * customer that always fills half its limit is not sudden.
 */
export function largeLegs(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): LargeLegs {
  const { ord01 } = moment.env.rules.rules;
  const { value } = view;
  const { env } = moment;
  const { anomalies } = customer.state;
  const ring = withoutAnomalies(ringBefore(customer, view, moment), anomalies);
  const base = largeBaseline(ring, value, moment.today);
  const segment = segmentRules(env.rules, customer.state.segment);
  const legs: string[] = [];
  const n = base?.n ?? 0;
  let z: number | null = null;
  if (base && n >= ord01.minOrders) {
    z = robustZ(value, base, segment, env.rules.rules);
    if (z > ord01.z && value > ord01.zMedian * base.medianAmount)
      legs.push("a");
    if (
      value > ord01.maxMedian * base.medianAmount &&
      value > ord01.overMax * base.maxAmount
    ) {
      legs.push("b");
    }
    if (value > ord01.farMedian * base.medianAmount) legs.push("c");
    if (legs.length > 0 && isOfSeason(customer, ring, value, moment)) {
      legs.length = 0;
    }
  } else if (value > usualOrders(env, customer.state.segment).orderP99) {
    legs.push("e");
  }
  const { limit } = exposure;
  const after = utilisationOf(view.after, limit);
  const share = limit !== null && value > limit * ord01.limitShare;
  const fills = share || (after !== null && after > 1);
  const highest = value > (base?.maxAmount ?? 0);
  if (fills && (legs.length > 0 || (highest && n > 0))) legs.push("d");
  return {
    legs,
    z,
    median: base?.medianAmount ?? null,
    max: base?.maxAmount ?? null,
    maxAt: base ? dayText(base.maxDay) : null,
    n,
  };
}

/** The baseline, held back where the order is well above it (F-29). */
function largeBaseline(
  ring: readonly OrderMark[],
  value: number,
  today: number,
): OrderBaseline | null {
  const base = orderBaseline(ring, today);
  if (base === null || value <= monthGrowthMax * base.medianAmount) return base;
  return heldBack(base, orderBaseline(monthOld(ring, today), today));
}

/** True when the same period of the year before had such orders (F-28). */
function isOfSeason(
  customer: Customer,
  ring: readonly OrderMark[],
  value: number,
  { env, today }: Moment,
): boolean {
  const period = periodBefore(today, env.rules.calendar);
  const before = ordersIn(period, ring, customer.tiles);
  if (before === null) return false;
  const year = sumDays(customer.tiles, today, 365);
  const orders = Math.max(1, field(year, "orders"));
  const mean = field(year, "orderAmount") / orders;
  return isSeasonalAmount(value, before, mean, env.rules.rules.ord01.overMax);
}

function largeSeverity(
  legs: readonly string[],
  value: number,
  limit: number | null,
  breach: boolean,
  highShare: number,
): Severity {
  if (legs.includes("a") || legs.includes("b")) {
    if (breach) return "critical";
    return limit === null || value >= limit * highShare ? "high" : "medium";
  }
  if (breach && legs.includes("c")) return "critical";
  return legs.includes("e") && legs.includes("d") ? "high" : "medium";
}

/** ORD-01 突发大额订单. */
function largeOrder(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
  breach: boolean,
): Finding | null {
  const { rules } = moment.env;
  const { value, order } = view;
  if (value < exposure.materiality) return null;
  const found = largeLegs(customer, view, exposure, moment);
  if (found.legs.length === 0) return null;
  const severity = largeSeverity(
    found.legs,
    value,
    exposure.limit,
    breach,
    rules.rules.ord01.highShare,
  );
  const multiple =
    found.median === null || found.median === 0 ? null : value / found.median;
  const money = moneyText(value, rules.currency);
  const times = multiple === null ? null : numberText(multiple);
  const use = utilisationOf(view.after, exposure.limit);
  const useText = use === null ? null : percentText(use);
  const zh =
    times === null
      ? `突发大额订单 ${money}`
      : `突发大额订单 ${money},平时的 ${times} 倍`;
  const en =
    times === null
      ? `Large sudden order of ${money}`
      : `Large sudden order of ${money}, ${times}× the usual`;
  const reasons = [
    times === null || found.median === null
      ? reason("ORD-01", zh, en, money)
      : reason(
          "ORD-01",
          `是平时中位数 ${moneyText(found.median, rules.currency)} 的 ${times} 倍`,
          `${times}× the usual median of ${moneyText(found.median, rules.currency)}`,
          times,
        ),
  ];
  if (useText !== null) {
    reasons.push(
      reason(
        "ORD-01-U",
        `放行后额度使用率 ${useText}`,
        `Would take the limit to ${useText}`,
        useText,
      ),
    );
  }
  const decimal = (minor: number | null): string | null =>
    minor === null ? null : formatMinor(minor, rules.currency);
  return {
    ruleId: "ORD-01",
    ref: order.id,
    severity,
    value,
    titleZh: useText === null ? zh : `${zh};额度使用率 ${useText}`,
    titleEn: useText === null ? en : `${en}; limit use ${useText}`,
    reasons,
    explain: {
      amount: decimal(value),
      median: decimal(found.median),
      multiple: multiple === null ? null : Number(multiple.toFixed(2)),
      previousMax: decimal(found.max),
      previousMaxAt: found.maxAt,
      z: found.z === null ? null : Number(found.z.toFixed(2)),
      n: found.n,
      legs: found.legs,
    },
    moneyAtRisk: value,
    // As sure as the customer's own history weighs against the prior.
    confidence: (found.n + 1) / (found.n + 1 + rules.rules.ord01.shrink),
    orderId: order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** EXP-02 for the order that would break the limit; ref = the order. */
function limitBreach(
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { limit } = exposure;
  if (limit === null || view.after <= limit) return null;
  const { rules } = moment.env;
  const use = utilisationOf(view.after, limit) ?? Infinity;
  const over = view.after - limit;
  const money = moneyText(over, rules.currency);
  return {
    ruleId: "EXP-02",
    ref: view.order.id,
    severity: use > rules.rules.exp02.critical ? "critical" : "high",
    value: over,
    titleZh: `订单将超额度 ${money},使用率 ${percentText(use)}`,
    titleEn: `Order would breach the limit by ${money}, ${percentText(use)} used`,
    reasons: [
      reason("EXP-02", `超出额度 ${money}`, `${money} beyond the limit`, money),
    ],
    explain: {
      breach: formatMinor(over, rules.currency),
      limit: formatMinor(limit, rules.currency),
      exposure: formatMinor(view.after, rules.currency),
      cashToClear: formatMinor(over, rules.currency),
      utilisation: use === Infinity ? null : Number(use.toFixed(4)),
    },
    moneyAtRisk: over,
    orderId: view.order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** Greatest single order of a class, or null where none is set. */
export function orderCap(
  riskClass: RiskClass,
  limit: number | null,
  moment: Moment,
): number | null {
  const { holds } = moment.env.rules;
  const share = holds.limitShare[riskClass];
  const byShare = share === null || limit === null ? null : limit * share;
  if (byShare === null) return holds.documentCap;
  return holds.documentCap === null
    ? Math.round(byShare)
    : Math.min(holds.documentCap, Math.round(byShare));
}

/** ORD-02 单笔超限. */
function singleCap(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const riskClass = classOf(customer);
  const cap = orderCap(riskClass, exposure.limit, moment);
  if (cap === null || view.value <= cap) return null;
  const money = moneyText(view.value, rules.currency);
  const capText = moneyText(cap, rules.currency);
  const share =
    exposure.limit === null || exposure.limit === 0
      ? null
      : view.value / exposure.limit;
  return {
    ruleId: "ORD-02",
    ref: "",
    severity: "high",
    value: view.value,
    titleZh: `单笔订单 ${money} 超过 ${riskClass} 级上限 ${capText}`,
    titleEn: `Order of ${money} is above the class ${riskClass} cap of ${capText}`,
    reasons: [
      reason(
        "ORD-02",
        `${riskClass} 级单笔上限 ${capText}`,
        `Cap of class ${riskClass} is ${capText}`,
        capText,
      ),
    ],
    explain: {
      amount: formatMinor(view.value, rules.currency),
      cap: formatMinor(cap, rules.currency),
      shareOfLimit: share === null ? null : Number(share.toFixed(4)),
    },
    moneyAtRisk: view.value,
    orderId: view.order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** ORD-03 下单频次突增: 24 h and 7 d against the own rate. */
function burst(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { tiles } = customer;
  const [d7, d30, d180] = sumWindows(tiles, moment.today, [7, 30, 180]);
  const whole = field(d180, "orders");
  const month = field(d30, "orders");
  const day = sumHours(tiles, Math.floor(moment.now / hourMs), 24);
  const windows = [
    { days: 1, n: day.orders, amount: day.amount },
    { days: 7, n: field(d7, "orders"), amount: field(d7, "orderAmount") },
  ];
  const tenured =
    (customer.state.firstOrder ?? moment.today) <= moment.today - 30;
  if (!tenured) return null;
  for (const { days, n, amount } of windows) {
    if (n < 2) continue;
    const counts = { whole, month, window: n };
    const { anomalies } = customer.state;
    const usual = rateBaseline(anomalies, moment.today, counts);
    if (burstTail(usual, n, days) >= rules.rules.ord03.p) continue;
    const baseline = usual * burstSeason(customer, usual, moment);
    const p = burstTail(baseline, n, days);
    if (p >= rules.rules.ord03.p) continue;
    const expected = burstExpected(baseline, days);
    const big =
      exposure.limit !== null &&
      amount > exposure.limit * rules.rules.ord03.highShare;
    const text = numberText(expected);
    const span = days === 1 ? "24 h" : "7 d";
    return {
      ruleId: "ORD-03",
      ref: "",
      severity: big ? "high" : "medium",
      value: n,
      titleZh: `${span} 内下单 ${String(n)} 次,平时约 ${text} 次`,
      titleEn: `${String(n)} orders in ${span}, usually about ${text}`,
      reasons: [
        reason(
          "ORD-03",
          `${span} 内 ${String(n)} 单,期望 ${text}`,
          `${String(n)} orders in ${span}, ${text} expected`,
          String(n),
        ),
      ],
      explain: {
        count: n,
        expected: Number(expected.toFixed(2)),
        p: Number(p.toPrecision(3)),
        window: span,
        amount: formatMinor(amount, rules.currency),
      },
      moneyAtRisk: amount,
      p,
    };
  }
  return null;
}

/** Times the usual rate that the season brings (F-28). */
function burstSeason(
  customer: Customer,
  usual: number,
  { env, today }: Moment,
): number {
  const period = periodBefore(today, env.rules.calendar);
  const before = ordersIn(period, customer.orderRing, customer.tiles);
  return before === null ? 1 : seasonFactor(before, usual / burstBaselineDays);
}

/** ORD-05 沉睡客户激活. */
function dormant(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { ord05 } = rules.rules;
  const before = ringBefore(customer, view, moment);
  const last = before.reduce((day, mark) => Math.max(day, mark.day), -1);
  if (last < 0 || view.value < exposure.materiality) return null;
  const gap = moment.today - last;
  const usual = medianGap(before, last + 1);
  if (gap <= ord05.days || (usual !== null && gap <= ord05.gapFactor * usual)) {
    return null;
  }
  const base = orderBaseline(before, moment.today);
  const large =
    base !== null && view.value > ord05.highMedian * base.medianAmount;
  const severity = large || exposure.overdue > 0 ? "high" : "medium";
  const money = moneyText(view.value, rules.currency);
  return {
    ruleId: "ORD-05",
    ref: "",
    severity,
    value: gap,
    titleZh: `沉睡 ${String(gap)} 天后下单 ${money}`,
    titleEn: `Ordered ${money} after ${String(gap)} silent days`,
    reasons: [
      reason(
        "ORD-05",
        `距上次下单 ${String(gap)} 天`,
        `${String(gap)} days since the last order`,
        String(gap),
      ),
    ],
    explain: {
      gap,
      usualGap: usual,
      lastOrderDate: dayText(last),
      amount: formatMinor(view.value, rules.currency),
    },
    moneyAtRisk: view.value,
    orderId: view.order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** ORD-06 新客户大单. */
function newCustomer(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { ord06 } = rules.rules;
  const { state } = customer;
  const since = state.since ?? state.firstOrder ?? moment.today;
  const known = moment.today - since;
  const orders = customer.orderRing.length;
  if (known >= ord06.days && orders > ord06.orders) return null;
  const sums = sumDays(customer.tiles, moment.today, 90);
  const cumulative = Math.max(field(sums, "orderAmount"), view.value);
  const segment = usualOrders(moment.env, state.segment);
  const overShare =
    exposure.limit !== null && cumulative > exposure.limit * ord06.limitShare;
  const overSegment = cumulative > segment.orderP95;
  if (!overShare && !overSegment) return null;
  const money = moneyText(cumulative, rules.currency);
  return {
    ruleId: "ORD-06",
    ref: "",
    severity: overShare && overSegment ? "high" : "medium",
    value: cumulative,
    titleZh: `新客户累计下单 ${money}`,
    titleEn: `New customer has ordered ${money} in all`,
    reasons: [
      reason(
        "ORD-06",
        `合作 ${String(known)} 天,累计 ${money}`,
        `Known for ${String(known)} days, ${money} in all`,
        money,
      ),
    ],
    explain: {
      daysKnown: known,
      cumulative: formatMinor(cumulative, rules.currency),
      q95: formatMinor(segment.orderP95, rules.currency),
      orders,
    },
    moneyAtRisk: cumulative,
    orderId: view.order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** Risk class of a customer; the state's text is one of five by construction. */
export function classOf(customer: Customer): RiskClass {
  const known: readonly RiskClass[] = ["A", "B", "C", "D", "E"];
  return known.find((item) => item === customer.state.class) ?? "E";
}
