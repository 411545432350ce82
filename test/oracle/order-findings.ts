/** What the rules say of a new order (domain D2, C10): ORD-01 to 08, EXP-02. */
import type { Account } from "./account.ts";
import { localDay } from "./calendar.ts";
import { binomialTail, burstTail } from "./chances.ts";
import type { Dossier } from "./chronicle.ts";
import { capOf } from "./decide-orders.ts";
import type { Finding, Present, Severity } from "./diary.ts";
import { exposureWith, utilisationOf } from "./exposure.ts";
import { windowStart } from "./features.ts";
import {
  allOrders,
  baselineOf,
  medianGap,
  ringOf,
  type Baseline,
  type OrderMark,
} from "./order-marks.ts";
import { segmentOf, sinceOf, type OrderPaper } from "./papers.ts";
import { minorOf } from "./rules.ts";
import { newPlaces } from "./places.ts";
import {
  heldBack,
  isOfSeason,
  seasonFactor,
  usualCount,
  withoutAnomalies,
} from "./season.ts";
import { termsDaysOf, termsOfOrder } from "./terms.ts";

const hourMs = 3_600_000;
const growthMost = 1.5;

/** An order that is looked at; `account` does not count it yet. */
export interface NewOrder {
  readonly dossier: Dossier;
  readonly account: Account;
  readonly paper: OrderPaper;
  /** Reporting minor units. */
  readonly value: number;
  readonly present: Present;
  /** 95 and 99 per cent of the segment's orders, minor units. */
  readonly segment: { readonly p95: number; readonly p99: number };
}

/** Findings in the order in which they are raised. */
export function orderFindings(order: NewOrder): Finding[] {
  const breach = limitBreach(order);
  return [
    largeOrder(order, breach !== null),
    breach,
    singleCap(order),
    burst(order),
    dormant(order),
    newCustomer(order),
    splitOrders(order),
    stretchedTerms(order),
    newPlace(order),
  ].filter((item) => item !== null);
}

const idOf = ({ paper }: NewOrder): string => paper.value.orderId;

function ringBefore(order: NewOrder): OrderMark[] {
  const { dossier, account } = order;
  return ringOf(dossier, account).filter(({ id }) => id !== idOf(order));
}

function robustZ(value: number, base: Baseline, order: NewOrder): number {
  const { rules } = order.present;
  const { scaleFloor, shrink } = rules.rules.ord01;
  const segment = segmentOf(order.dossier.events);
  const { logScale } = rules.segments[segment] ?? rules.defaultSegment;
  const { n, madLn } = base;
  const square = n * madLn ** 2 + shrink * logScale ** 2;
  const scale = Math.max(scaleFloor, Math.sqrt(square / (n + shrink)));
  return (Math.log(value) - base.medianLn) / scale;
}

/** Legs of C10.1 that the order sets off. */
function legsOf(order: NewOrder): string[] {
  const { value, present, account, dossier } = order;
  const { today, rules } = present;
  const { ord01 } = rules.rules;
  const ring = withoutAnomalies(ringBefore(order), dossier.diary);
  let base = baselineOf(ring, today);
  if (base !== null && value > growthMost * base.median) {
    const old = ring.filter(({ day }) => day <= today - 30);
    base = heldBack(base, baselineOf(old, today));
  }
  const n = base?.n ?? 0;
  const legs: string[] = [];
  if (base !== null && n >= ord01.minOrders) {
    const times = value / base.median;
    const z = robustZ(value, base, order);
    if (z > ord01.z && times > ord01.zMedian) legs.push("a");
    const isTop = value > ord01.overMax * base.max;
    if (times > ord01.maxMedian && isTop) legs.push("b");
    if (times > ord01.farMedian) legs.push("c");
    const all = allOrders(account);
    if (legs.length > 0 && isOfSeason(value, ring, all, present)) {
      legs.length = 0;
    }
  } else if (value > order.segment.p99) legs.push("e");
  const { limit } = account.exposure;
  const total = exposureWith(account.exposure, BigInt(value));
  const use = utilisationOf({ total, limit });
  const fills =
    (limit !== null && value > Number(limit) * ord01.limitShare) ||
    (use !== null && use > 1);
  const isHighest = n > 0 && value > (base?.max ?? 0);
  if (fills && (legs.length > 0 || isHighest)) legs.push("d");
  return legs;
}

function largeOrder(order: NewOrder, isBreach: boolean): Finding | null {
  const { value, account, present } = order;
  const { limit, materiality } = account.exposure;
  if (value < Number(materiality)) return null;
  const legs = legsOf(order);
  if (legs.length === 0) return null;
  const has = (leg: string): boolean => legs.includes(leg);
  const { highShare } = present.rules.rules.ord01;
  const isWeighty = limit === null || value >= Number(limit) * highShare;
  let severity: Severity = has("e") && has("d") ? "high" : "medium";
  if (has("a") || has("b")) severity = isWeighty ? "high" : "medium";
  if (isBreach && (has("a") || has("b") || has("c"))) severity = "critical";
  const orderId = idOf(order);
  const about = { rule: "ORD-01", ref: orderId, orderId };
  return { ...about, severity, value, moneyAtRisk: value };
}

function limitBreach(order: NewOrder): Finding | null {
  const { exposure } = order.account;
  const { limit } = exposure;
  const total = exposureWith(exposure, BigInt(order.value));
  if (limit === null || total <= limit) return null;
  const use = utilisationOf({ total, limit }) ?? Infinity;
  const { critical } = order.present.rules.rules.exp02;
  const over = Number(total - limit);
  const orderId = idOf(order);
  return {
    ...{ rule: "EXP-02", ref: orderId, orderId },
    severity: use > critical ? "critical" : "high",
    ...{ value: over, moneyAtRisk: over },
  };
}

function singleCap(order: NewOrder): Finding | null {
  const { dossier, account, present, value } = order;
  const { limit } = account.exposure;
  const cap = capOf(dossier.diary.class, limit, present.rules);
  if (cap === null || value <= Number(cap)) return null;
  const about = { rule: "ORD-02", ref: "", orderId: idOf(order) };
  return { ...about, severity: "high", value, moneyAtRisk: value };
}

function firstDealing({ papers }: Account): number | null {
  const days = [
    ...[...papers.orders.values()].map(({ value, at }) =>
      localDay(value.time, at.rules.zoneOffsetMinutes),
    ),
    ...[...papers.invoices.values()].map(({ value }) => value.issueDate),
  ];
  return days.length === 0 ? null : Math.min(...days);
}

function burst(order: NewOrder): Finding | null {
  const { dossier, account, present } = order;
  const { today, now, rules } = present;
  if ((firstDealing(account) ?? today) > today - 30) return null;
  const all = allOrders(account);
  const live = all.filter(({ isCancelled }) => !isCancelled);
  const within = (days: number): OrderMark[] =>
    live.filter(({ day }) => day >= windowStart(days, today) && day <= today);
  const hour = Math.floor(now / hourMs);
  const day = live.filter(({ placed }) => {
    const at = Math.floor(placed / hourMs);
    return at > hour - 24 && at <= hour;
  });
  const [whole, month] = [within(180).length, within(30).length];
  const { p, highShare } = rules.rules.ord03;
  const ring = ringOf(dossier, account);
  for (const [days, marks] of [
    [1, day],
    [7, within(7)],
  ] as const) {
    const n = marks.length;
    if (n < 2) continue;
    const counts = { whole, month, window: n };
    const usual = usualCount(dossier.diary, today, counts);
    if (burstTail(usual, n, days) >= p) continue;
    const factor = seasonFactor(usual / 180, ring, all, present);
    if (burstTail(usual * factor, n, days) >= p) continue;
    const amount = marks.reduce((sum, mark) => sum + mark.amount, 0);
    const { limit } = account.exposure;
    const isBig = limit !== null && amount > Number(limit) * highShare;
    const severity = isBig ? "high" : "medium";
    return { rule: "ORD-03", ref: "", severity, value: n, moneyAtRisk: amount };
  }
  return null;
}

function dormant(order: NewOrder): Finding | null {
  const { account, present, value } = order;
  const { days, gapFactor, highMedian } = present.rules.rules.ord05;
  const before = ringBefore(order);
  const last = Math.max(-1, ...before.map(({ day }) => day));
  if (last < 0 || value < Number(account.exposure.materiality)) return null;
  const gap = present.today - last;
  const usual = medianGap(before, last + 1);
  if (gap <= days || (usual !== null && gap <= gapFactor * usual)) return null;
  const base = baselineOf(before, present.today);
  const isLarge = base !== null && value > highMedian * base.median;
  const severity = isLarge || account.exposure.overdue > 0n ? "high" : "medium";
  const about = { rule: "ORD-05", ref: "", orderId: idOf(order) };
  return { ...about, severity, value: gap, moneyAtRisk: value };
}

function newCustomer(order: NewOrder): Finding | null {
  const { dossier, account, present, value } = order;
  const { today } = present;
  const { days, orders, limitShare } = present.rules.rules.ord06;
  const since = sinceOf(dossier.events) ?? firstDealing(account) ?? today;
  const count = ringOf(dossier, account).length;
  if (today - since >= days && count > orders) return null;
  const sum = allOrders(account)
    .filter(({ isCancelled }) => !isCancelled)
    .filter(({ day }) => day >= windowStart(90, today) && day <= today)
    .reduce((total, { amount }) => total + amount, 0);
  const all = Math.max(sum, value);
  const { limit } = account.exposure;
  const overShare = limit !== null && all > Number(limit) * limitShare;
  const overSegment = all > order.segment.p95;
  if (!overShare && !overSegment) return null;
  const about = { rule: "ORD-06", ref: "", orderId: idOf(order) };
  const severity = overShare && overSegment ? "high" : "medium";
  return { ...about, severity, value: all, moneyAtRisk: all };
}

/** Threshold that splitting stays below: named, class cap, or 3 medians. */
function splitThreshold(order: NewOrder, ring: OrderMark[]): number | null {
  const { dossier, account, present } = order;
  const { rules, today } = present;
  const { ord04 } = rules.rules;
  const base = baselineOf(ring, today);
  const known: number[] = [];
  const { threshold } = ord04;
  if (threshold !== null)
    known.push(Number(minorOf(threshold, rules.currency)));
  const cap = capOf(dossier.diary.class, account.exposure.limit, rules);
  if (cap !== null) known.push(Number(cap));
  if (base !== null && base.n >= ord04.minOrders) {
    known.push(Math.round(ord04.medians * base.median));
  }
  return known.length === 0 ? null : Math.min(...known);
}

function splitOrders(order: NewOrder): Finding | null {
  const { dossier, account, present, value } = order;
  const { ord04 } = present.rules.rules;
  const ring = ringOf(dossier, account);
  const top = splitThreshold(order, ring);
  if (top === null || top < Number(account.exposure.materiality)) return null;
  const sums = [
    {
      hours: ord04.hours,
      low: ord04.low,
      least: ord04.count,
      share: ord04.sum,
    },
    { hours: ord04.pairHours, low: ord04.pairLow, least: 2, share: 1 },
  ].map(({ hours, low, least, share }, leg) => {
    const isInside = (amount: number): boolean =>
      amount >= low * top && amount < top;
    if (!isInside(value)) return null;
    const recent = allOrders(account).filter(({ id, placed, amount }) => {
      const status = dossier.diary.orders.get(id)?.status;
      const isGone = status === "cancelled" || status === "expired";
      return placed > present.now - hours * hourMs && amount > 0 && !isGone;
    });
    const inside = recent.filter(({ amount }) => isInside(amount));
    const counted =
      leg === 0
        ? inside
        : inside.filter(({ id }) => {
            const paper = account.papers.orders.get(id);
            return paper !== undefined && isSameBuyer(order.paper, paper);
          });
    const sum = counted.reduce((total, { amount }) => total + amount, 0);
    // The pair has to pass the threshold, three have to pass half as much more.
    const isEnough = leg === 0 ? sum >= share * top : sum > share * top;
    if (counted.length < least || !isEnough) return null;
    const before = ring.slice(0, Math.max(0, ring.length - recent.length));
    const habit = before.filter(({ amount }) => isInside(amount)).length;
    const b = (habit + 1) / (before.length + 10);
    const chance = binomialTail(recent.length, counted.length, b);
    return chance < ord04.p ? sum : null;
  });
  const found = sums.find((sum) => sum !== null) ?? null;
  if (found === null) return null;
  const about = { rule: "ORD-04", ref: "", orderId: idOf(order) };
  return { ...about, severity: "high", value: found, moneyAtRisk: found };
}

/** The same place or buyer; who says neither is one buyer, the customer. */
function isSameBuyer(
  { value: a }: OrderPaper,
  { value: b }: OrderPaper,
): boolean {
  const saysNothing = (one: typeof a): boolean =>
    one.shipTo === null && one.buyer === null;
  if (saysNothing(a) || saysNothing(b)) return saysNothing(a) && saysNothing(b);
  const isPlace = a.shipTo !== null && a.shipTo === b.shipTo;
  return isPlace || (a.buyer !== null && a.buyer === b.buyer);
}

function stretchedTerms(order: NewOrder): Finding | null {
  const terms = termsOfOrder(order.paper);
  const { days } = order.present.rules.rules.ord07;
  if (terms === null) return null;
  if (terms < termsDaysOf(order.dossier.events) + days) return null;
  const about = { rule: "ORD-07", ref: "", orderId: idOf(order) };
  const moneyAtRisk = order.value;
  return { ...about, severity: "medium", value: terms, moneyAtRisk };
}

function newPlace(order: NewOrder): Finding | null {
  const { dossier, account, present, value } = order;
  const { days, median } = present.rules.rules.ord08;
  const isNew = newPlaces(dossier.events, present.today - days);
  if (!isNew || value < Number(account.exposure.materiality)) return null;
  const base = baselineOf(ringOf(dossier, account), present.today);
  if (base === null || value <= median * base.median) return null;
  const orderId = idOf(order);
  const about = { rule: "ORD-08", ref: orderId, orderId };
  return { ...about, severity: "high", value, moneyAtRisk: value };
}
