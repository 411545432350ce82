/**
 * Rules on how a customer orders (domain D2): ORD-04 split orders, ORD-07
 * terms, ORD-08 new place or payer at an order; ORD-10 at a cancellation;
 * ORD-09 while no order comes.
 */
import type { OrderItem } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "./alerts.ts";
import { binomialTail } from "./binomial.ts";
import { hourMs, localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { orderBaseline, orderGaps } from "./features.ts";
import { hasNewSince, isSameBuyer } from "./first-seen.ts";
import { orderCancelled, orderExpired } from "./ledger.ts";
import { classOf, orderCap, reason, type OrderView } from "./order-rules.ts";
import { sumTally } from "./tallies.ts";
import { moneyText, numberText } from "./texts.ts";
import { field, sumDays } from "./tiles.ts";

/** ORD-04, ORD-07 and ORD-08 of an order that was just placed. */
export function checkOrderHabits(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding[] {
  return [
    splitOrders(customer, view, exposure, moment),
    stretchedTerms(customer, view, moment),
    newPlace(customer, view, exposure, moment),
  ].filter((item) => item !== null);
}

/**
 * Threshold T that splitting would stay below: what the rule set names, the
 * class cap, or the smallest order that ORD-01 would look at.
 */
function splitThreshold(
  customer: Customer,
  exposure: Exposure,
  median: number | null,
  moment: Moment,
): number | null {
  const { ord04 } = moment.env.rules.rules;
  const cap = orderCap(classOf(customer), exposure.limit, moment);
  const looked = median === null ? null : Math.round(ord04.medians * median);
  const known = [ord04.threshold, cap, looked].filter((t) => t !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** ord_near_thr_share (D3): orders of 180 days in [low T, T); null without T. */
export function nearThresholdShare(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): number | null {
  const { ord04 } = moment.env.rules.rules;
  const base = orderBaseline(customer.orderRing, moment.today);
  const median = base && base.n >= ord04.minOrders ? base.medianAmount : null;
  const t = splitThreshold(customer, exposure, median, moment);
  const recent = customer.orderRing.filter(
    (mark) => mark.day > moment.today - 180,
  );
  if (t === null || recent.length === 0) return null;
  const near = recent.filter(
    ({ amount }) => amount >= ord04.low * t && amount < t,
  );
  return near.length / recent.length;
}

/** Orders placed in the last `hours`, cancelled ones out, this one included. */
function recentOrders(
  customer: Customer,
  hours: number,
  moment: Moment,
): OrderItem[] {
  const from = moment.now - hours * hourMs;
  return customer.state.orders.filter(
    (order) =>
      order.placed > from &&
      order.base > 0 &&
      order.status !== orderCancelled &&
      order.status !== orderExpired,
  );
}

/** ORD-04 拆单 (C10.6), damped by the customer's own habit. */
function splitOrders(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { ord04 } = rules.rules;
  const base = orderBaseline(customer.orderRing, moment.today);
  const median = base && base.n >= ord04.minOrders ? base.medianAmount : null;
  const t = splitThreshold(customer, exposure, median, moment);
  if (t === null || t < exposure.materiality) return null;
  const ring = customer.orderRing.map((mark) => mark.amount);
  const leg = (
    hours: number,
    low: number,
    count: number,
    isEnough: (sum: number) => boolean,
    counts: (order: OrderItem) => boolean,
  ): { k: number; n: number; sum: number; b: number; p: number } | null => {
    const isInside = (amount: number): boolean =>
      amount >= low * t && amount < t;
    if (!isInside(view.value)) return null;
    const all = recentOrders(customer, hours, moment);
    const inside = all.filter((order) => isInside(order.base) && counts(order));
    const sum = inside.reduce((total, order) => total + order.base, 0);
    if (inside.length < count || !isEnough(sum)) return null;
    const before = ring.slice(0, Math.max(0, ring.length - all.length));
    const b = (before.filter(isInside).length + 1) / (before.length + 10);
    const p = binomialTail(all.length, inside.length, b);
    return p < ord04.p ? { k: inside.length, n: all.length, sum, b, p } : null;
  };
  const found =
    leg(
      ord04.hours,
      ord04.low,
      ord04.count,
      (sum) => sum >= ord04.sum * t,
      () => true,
    ) ??
    leg(
      ord04.pairHours,
      ord04.pairLow,
      2,
      (sum) => sum > t,
      ({ id }) => isSameBuyer(customer.state, id, view.order.id),
    );
  if (found === null) return null;
  const money = moneyText(found.sum, rules.currency);
  const limit = moneyText(t, rules.currency);
  return {
    ruleId: "ORD-04",
    ref: "",
    severity: "high",
    value: found.sum,
    titleZh: `疑似拆单:${String(found.k)} 单合计 ${money},每单略低于 ${limit}`,
    titleEn: `Split orders suspected: ${String(found.k)} orders of ${money} in all, each just below ${limit}`,
    reasons: [
      reason(
        "ORD-04",
        `${String(found.k)} 单落在 ${limit} 之下的区间,平时占 ${numberText(found.b * 100)} %`,
        `${String(found.k)} orders in the band below ${limit}, usually ${numberText(found.b * 100)} % of them`,
        String(found.k),
      ),
    ],
    explain: {
      orders: found.k,
      ordersInWindow: found.n,
      threshold: formatMinor(t, rules.currency),
      sum: formatMinor(found.sum, rules.currency),
      habitShare: Number(found.b.toFixed(3)),
    },
    moneyAtRisk: found.sum,
    p: found.p,
    orderId: view.order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** Terms that an order asks for, days; null = the agreed ones. */
export function termsOf(
  { due, placed }: OrderItem,
  { env }: Moment,
): number | null {
  if (due === null) return null;
  return due - localDay(placed, env.rules.zoneOffsetMinutes);
}

/** True when an order asks for longer terms than agreed (ORD-07, H08). */
export function isStretched(
  customer: Customer,
  terms: number | null,
  { env }: Moment,
): terms is number {
  if (terms === null) return false;
  return terms >= customer.state.termsDays + env.rules.rules.ord07.days;
}

/** ORD-07 账期放宽. */
function stretchedTerms(
  customer: Customer,
  view: OrderView,
  moment: Moment,
): Finding | null {
  const { termsDays } = view;
  const usual = customer.state.termsDays;
  if (!isStretched(customer, termsDays, moment)) return null;
  const more = String(termsDays - usual);
  return {
    ruleId: "ORD-07",
    ref: "",
    severity: "medium",
    value: termsDays,
    titleZh: `订单要求账期 ${String(termsDays)} 天,约定 ${String(usual)} 天`,
    titleEn: `Order asks for ${String(termsDays)} days, ${String(usual)} are agreed`,
    reasons: [reason("ORD-07", `多 ${more} 天`, `${more} days more`, more)],
    explain: { default: usual, requested: termsDays },
    moneyAtRisk: view.value,
    orderId: view.order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** ORD-08 新地址/新付款方+大单. */
function newPlace(
  customer: Customer,
  view: OrderView,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { ord08 } = rules.rules;
  const since = moment.today - ord08.days;
  const place = hasNewSince(customer.state.places, since);
  const payer = hasNewSince(customer.state.payers, since);
  if ((!place && !payer) || view.value < exposure.materiality) return null;
  const base = orderBaseline(customer.orderRing, moment.today);
  if (!base || view.value <= ord08.median * base.medianAmount) return null;
  const times = numberText(view.value / base.medianAmount);
  const what = [...(place ? ["ship-to"] : []), ...(payer ? ["payer"] : [])];
  const zh = [...(place ? ["新收货地址"] : []), ...(payer ? ["新付款方"] : [])];
  const money = moneyText(view.value, rules.currency);
  return {
    ruleId: "ORD-08",
    ref: view.order.id,
    severity: "high",
    value: view.value,
    titleZh: `${zh.join("、")},且订单 ${money} 为平时的 ${times} 倍`,
    titleEn: `New ${what.join(" and ")} with an order of ${money}, ${times}× the usual`,
    reasons: [
      reason(
        "ORD-08",
        `${zh.join("、")}在近 ${String(ord08.days)} 天首次出现`,
        `New ${what.join(" and ")} within ${String(ord08.days)} days`,
        times,
      ),
    ],
    explain: {
      isNew: what,
      multiple: Number((view.value / base.medianAmount).toFixed(2)),
      amount: formatMinor(view.value, rules.currency),
    },
    moneyAtRisk: view.value,
    orderId: view.order.id,
    exposureBefore: view.before,
    exposureAfter: view.after,
  };
}

/** ORD-10 退单率异常, at a cancellation or a return. */
export function cancelledMore(
  customer: Customer,
  moment: Moment,
): Finding | null {
  const { ord10 } = moment.env.rules.rules;
  const d30 = sumDays(customer.tiles, moment.today, 30);
  const d180 = sumDays(customer.tiles, moment.today, 180);
  const returned = sumTally(customer.tallies, moment.today, 30, "returns");
  const cancelled = field(d30, "cancelled");
  const placed = field(d30, "orders") + cancelled;
  // Of one order more than one return may come.
  const now = Math.min(placed, cancelled + returned);
  const before =
    field(d180, "cancelled") -
    cancelled +
    sumTally(customer.tallies, moment.today, 180, "returns") -
    returned;
  const beforePlaced =
    field(d180, "orders") + field(d180, "cancelled") - placed;
  // Shrunken to one in twenty, so that a first cancellation is no jump.
  const base = (before + ord10.shrink * 0.05) / (beforePlaced + ord10.shrink);
  const rate = placed === 0 ? 0 : now / placed;
  if (now < ord10.min || rate <= ord10.times * base) return null;
  const p = binomialTail(placed, now, base);
  if (p >= ord10.p) return null;
  const share = numberText(rate * 100);
  const usual = numberText(base * 100);
  return {
    ruleId: "ORD-10",
    ref: "",
    severity: "medium",
    value: now,
    titleZh: `近30天取消 ${String(cancelled)} 单、退货 ${String(returned)} 次,占 ${share} %,平时 ${usual} %`,
    titleEn: `${String(cancelled)} orders cancelled and ${String(returned)} returns in 30 days, ${share} % of orders, usually ${usual} %`,
    reasons: [
      reason(
        "ORD-10",
        `退单率 ${share} %`,
        `Cancelled or returned ${share} %`,
        share,
      ),
    ],
    explain: {
      cancelled,
      returned,
      orders: placed,
      rate: Number(rate.toFixed(4)),
      base: Number(base.toFixed(4)),
    },
    moneyAtRisk: Math.max(0, customer.state.summary.openOrders),
    p,
  };
}

/** ORD-09 订单骤降: no order for longer than ever before. */
export function ordersCollapsed(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { ord09 } = rules.rules;
  const last = customer.orderRing.reduce((day, m) => Math.max(day, m.day), -1);
  const now = moment.today - last;
  // Usual gaps are a day at least.
  if (now <= ord09.medians) return null;
  const gaps = orderGaps(customer.orderRing, moment.today);
  if (gaps.length < ord09.minGaps) return null;
  // Of fewer than a hundred gaps the 99 % quantile is the longest one.
  const longest = gaps.at(-1) ?? 0;
  const usual = gaps[gaps.length >> 1] ?? 0;
  if (now <= longest || now <= ord09.medians * usual) return null;
  const owes = exposure.receivables > 0;
  return {
    ruleId: "ORD-09",
    ref: "",
    severity: owes ? "medium" : "low",
    value: now,
    titleZh: `${String(now)} 天没有下单,平时间隔 ${String(usual)} 天`,
    titleEn: `No order for ${String(now)} days, usually one every ${String(usual)}`,
    reasons: [
      reason(
        "ORD-09",
        `历史最长间隔 ${String(longest)} 天`,
        `The longest gap before was ${String(longest)} days`,
        String(longest),
      ),
    ],
    explain: { observed: now, expected: usual, longest, gaps: gaps.length },
    moneyAtRisk: exposure.receivables,
  };
}
