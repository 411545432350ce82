/**
 * Rolling features (domain D3): orders, payments, overdue, exposure, complaint
 * counts, tenure. Amounts are reporting minor units; ratios are fractions;
 * null means too little data.
 */
import { dayMs, hourMs, monthOfDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { exactLn } from "./exact-math.ts";
import type { Exposure } from "./exposure.ts";
import { limitDateFeatures, type LimitDateFeatures } from "./limit-review.ts";
import { outsideFeatures, type OutsideFeatures } from "./outside-features.ts";
import { segmentRules } from "./rule-set.ts";
import { pending } from "./settle.ts";
import { toBase } from "./rates.ts";
import type { OrderMark } from "./rings.ts";
import { field, sumHours, sumWindows } from "./tiles.ts";

/** λ of the days-beyond-terms average, per settled invoice. */
const delayLambda = 0.2;
/** Last and earlier payments compared by the trend. */
const trendLast = 5;
const trendBefore = 10;
const baselineDays = 365;

export interface Features extends LimitDateFeatures, OutsideFeatures {
  readonly ordCnt24h: number;
  readonly ordCnt7d: number;
  readonly ordCnt30d: number;
  readonly ordCnt90d: number;
  readonly ordAmt7d: number;
  readonly ordAmt30d: number;
  readonly ordAmt90d: number;
  readonly ordAmt365d: number;
  readonly ordN: number;
  readonly ordMedAmt: number | null;
  readonly ordMadLn: number | null;
  readonly ordMaxAmt: number | null;
  readonly ordGapMed: number | null;
  readonly ordGapNow: number | null;
  readonly ordAmtGrowth: number | null;
  readonly ordCancelRate: number;
  readonly activeMonths: number;
  readonly invOpenAmt: number;
  readonly invOpenCnt: number;
  readonly odAmt: number;
  readonly odCnt: number;
  readonly odRatio: number | null;
  readonly dpdMax: number;
  readonly dpdWavg: number;
  readonly dpdMax12m: number;
  readonly payCnt30d: number;
  readonly payCnt90d: number;
  readonly payCnt180d: number;
  readonly payAmt30d: number;
  readonly payAmt90d: number;
  readonly payAmt180d: number;
  readonly settledN180d: number;
  readonly lateRatio90d: number;
  readonly lateRatio180d: number;
  readonly lateRatio365d: number;
  readonly lateValRatio180d: number | null;
  readonly dbtN: number;
  readonly dbtEwma: number | null;
  /** The same with early payments as 0: mean days of arrears (PB2). */
  readonly dbtLateEwma: number | null;
  readonly dbtMed: number | null;
  readonly dbtTrend: number | null;
  readonly retPayCnt: number;
  readonly ptpOpenAmt: number;
  readonly ptpKeptRate: number | null;
  readonly ptpKeptCnt: number;
  readonly ptpBrokenCnt: number;
  readonly paySinceLast: number | null;
  readonly expTotal: number;
  readonly expUtil: number | null;
  readonly expAvail: number | null;
  readonly expGrowth: number | null;
  readonly expUtilMax30d: number | null;
  readonly daysOverLimit90d: number;
  readonly expHwm: number;
  readonly cmpCnt7d: number;
  readonly cmpCnt30d: number;
  readonly cmpCnt90d: number;
  readonly cmpSevFault90d: number;
  readonly cmpSevLiquidity90d: number;
  readonly cmpSevRefusal90d: number;
  readonly dspOpenAmt: number;
  readonly dspRejectRate: number | null;
  readonly tenureDays: number;
  readonly histInvN: number;
  readonly extRatingNorm: number | null;
  readonly extAge: number | null;
  readonly alertSev30d: number;
}

/** Middle of a list (mean of the two middle ones); null when empty. */
export function median(values: ArrayLike<number>): number | null {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return null;
  const half = Math.floor(sorted.length / 2);
  const high = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] ?? 0) + high) / 2;
}

/** Robust centre and scale of orders (C10.1). */
export interface OrderBaseline {
  readonly n: number;
  /** Median amount, minor units. */
  readonly medianAmount: number;
  readonly medianLn: number;
  /** 1.4826 · median |ln x − medianLn|. */
  readonly madLn: number;
  readonly maxAmount: number;
  readonly maxDay: number;
}

/** Baseline of the orders of the last 365 days; null without any. */
export function orderBaseline(
  ring: readonly OrderMark[],
  today: number,
): OrderBaseline | null {
  const marks = ring.filter(
    (mark) => mark.amount > 0 && mark.day > today - baselineDays,
  );
  const amounts = marks.map((mark) => mark.amount);
  const medianAmount = median(amounts);
  if (medianAmount === null) return null;
  const lns = amounts.map(exactLn);
  const centre = median(lns) ?? 0;
  const spread = median(lns.map((ln) => Math.abs(ln - centre))) ?? 0;
  const top = marks.reduce((a, b) => (b.amount > a.amount ? b : a));
  return {
    n: marks.length,
    medianAmount: Math.round(medianAmount),
    medianLn: centre,
    madLn: 1.4826 * spread,
    maxAmount: top.amount,
    maxDay: top.day,
  };
}

/** Gaps in days between order days of the last year, shortest first. */
export function orderGaps(
  ring: readonly OrderMark[],
  today: number,
): Float64Array {
  const recent = ring.filter((mark) => mark.day > today - baselineDays);
  const days = Float64Array.from(recent, (mark) => mark.day).sort();
  const gaps: number[] = [];
  for (let i = 1; i < days.length; i += 1) {
    const gap = (days[i] ?? 0) - (days[i - 1] ?? 0);
    if (gap > 0) gaps.push(gap);
  }
  return Float64Array.from(gaps).sort();
}

/** Median gap in days between order days; null below 3 gaps. */
export function medianGap(
  ring: readonly OrderMark[],
  today: number,
): number | null {
  const gaps = orderGaps(ring, today);
  return gaps.length < 3 ? null : median(gaps);
}

/**
 * 回款率 (domain C2): received of what fell due in the last 30 days; null when
 * that is not material or fewer than `minDue` items. Invoices settled long before their due date are gone
 * from the state and count on neither side.
 */
export function collectionRate(
  customer: Customer,
  exposure: Exposure,
  { env, today }: Moment,
  minDue: number,
): number | null {
  const isInside = (due: number): boolean => due > today - 30 && due <= today;
  let amount = 0;
  let due = 0;
  for (const invoice of customer.state.invoices) {
    const parts = invoice.parts.length === 0 ? [invoice] : invoice.parts;
    for (const part of parts) {
      if (!isInside(part.due)) continue;
      due += 1;
      amount += toBase(part.amount, invoice.currency, env.rates) ?? 0;
    }
  }
  const open = exposure.parts
    .filter((part) => isInside(part.due))
    .reduce((sum, part) => sum + part.value, 0);
  const isTelling = due >= minDue && amount > exposure.materiality;
  return isTelling ? (amount - open) / amount : null;
}

interface OrderStats {
  /** Orders inside the window when it was computed. */
  readonly recent: number;
  readonly baseline: OrderBaseline | null;
  readonly gap: number | null;
}

/**
 * Statistics by ring. A ring is never changed in place, and windows of it are
 * nested, so the same ring with as many recent orders has the same answer.
 */
const statsOfRing = new WeakMap<readonly OrderMark[], OrderStats>();

function orderStats(ring: readonly OrderMark[], today: number): OrderStats {
  let recent = 0;
  for (const mark of ring) if (mark.day > today - baselineDays) recent += 1;
  const known = statsOfRing.get(ring);
  if (known?.recent === recent) return known;
  const stats = {
    recent,
    baseline: orderBaseline(ring, today),
    gap: medianGap(ring, today),
  };
  statsOfRing.set(ring, stats);
  return stats;
}

/** Settled invoices behind the features of delay (D3). */
const delaysMax = 20;

function delays(
  customer: Customer,
  exposure: Exposure,
): { readonly settled: number[]; readonly withOpen: number[] } {
  const settled = customer.delayRing.slice(-delaysMax).map((mark) => mark.dbt);
  const open = exposure.parts
    .filter((part) => part.dpd > 0 && part.undisputed > 0)
    .sort((a, b) => b.due - a.due)
    .map((part) => part.dpd)
    .reverse();
  return { settled, withOpen: [...settled, ...open] };
}

/** EWMA of days beyond terms, oldest first; null when empty. */
export function ewma(values: readonly number[]): number | null {
  const [first, ...rest] = values;
  if (first === undefined) return null;
  return rest.reduce((m, x) => m + delayLambda * (x - m), first);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Mean of the last 5 minus mean of the 10 before (PB5); null below 15. */
function trend(values: readonly number[]): number | null {
  if (values.length < trendLast + trendBefore) return null;
  const last = values.slice(-trendLast);
  const before = values.slice(-trendLast - trendBefore, -trendLast);
  return mean(last) - mean(before);
}

/** Exposure against its mean of 90 days (EX2); null with too little history. */
export function growthOf(
  customer: Customer,
  exposure: Exposure,
  today: number,
): number | null {
  const marks = customer.exposureDays;
  const oldest = marks[0];
  if (!oldest) return null;
  const first = Math.max(oldest.day, today - 89);
  if (today - first < 30) return null;
  let sum = 0;
  for (const [i, { day, exposure: level }] of marks.entries()) {
    // A mark holds until the next one; today is not past.
    const until = Math.min(marks[i + 1]?.day ?? today, today);
    const days = until - Math.max(first, day);
    if (days > 0) sum += Math.max(0, level) * days;
  }
  const average = sum / (today - first);
  return average <= exposure.materiality
    ? null
    : Math.max(0, exposure.total) / average;
}

interface Peaks {
  readonly utilisation: number | null;
  readonly daysOver: number;
  readonly high: number;
}

/**
 * Peak of use, days over the limit, high-water mark: today as it stands now,
 * the days before as they ended (F-8: a day that nobody touched is as the one
 * before).
 */
function peaks(customer: Customer, exposure: Exposure, today: number): Peaks {
  const now = exposure.utilisation;
  let top = now;
  let over = now !== null && now > 1 ? 1 : 0;
  let high = Math.max(0, exposure.total);
  customer.exposureDays.forEach((mark, i) => {
    // The first day on which it does not hold any more; today is not past.
    const until = Math.min(customer.exposureDays[i + 1]?.day ?? today, today);
    if (until <= mark.day) return;
    const utilisation = mark.utilisation < 0 ? null : mark.utilisation / 1000;
    if (until > today - 29 && utilisation !== null) {
      top = Math.max(top ?? 0, utilisation);
    }
    if (utilisation !== null && utilisation > 1) {
      over += Math.max(0, until - Math.max(mark.day, today - 89));
    }
    if (until > today - 364) high = Math.max(high, mark.exposure);
  });
  return { utilisation: top, daysOver: over, high };
}

function countBits(mask: number): number {
  let n = 0;
  for (let rest = mask; rest > 0; rest >>>= 1) n += rest & 1;
  return n;
}

function activeMonths(customer: Customer, today: number): number {
  const { monthLast, monthMask } = customer.state;
  const shift = monthOfDay(today) - monthLast;
  return shift >= 12 ? 0 : countBits((monthMask << Math.max(0, shift)) & 0xfff);
}

/** Severity weights of alerts for OR1 (domain D3 `alert_sev_30d`). */
const severityWeight: Readonly<Record<string, number>> = {
  info: 0,
  low: 1,
  medium: 3,
  high: 6,
  critical: 10,
};

function alertSeverity(customer: Customer, now: number): number {
  return customer.state.alerts
    .filter((alert) => alert.ruleId.startsWith("ORD-"))
    .filter((alert) => alert.openedAt > now - 30 * dayMs)
    .reduce((sum, alert) => sum + (severityWeight[alert.severity] ?? 0), 0);
}

/** Invoices that open parts belong to; the parts of one come together. */
function invoicesOf(parts: Exposure["parts"]): number {
  let count = 0;
  for (const [i, { invoice }] of parts.entries()) {
    if (parts[i - 1]?.invoice !== invoice) count += 1;
  }
  return count;
}

/** All features of a customer now. */
export function computeFeatures(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): Features {
  const { today, now, env } = moment;
  const { state, tiles } = customer;
  const [d7, d30, d90, d180, d365] = sumWindows(
    tiles,
    today,
    [7, 30, 90, 180, 365],
  );
  const segment = segmentRules(env.rules, state.segment);
  const k = env.rules.score.lateShrink;
  const lateRatio = (s: readonly number[]): number =>
    (field(s, "late") + k * segment.lateRatio) / (field(s, "settled") + k);
  const { baseline: base, gap } = orderStats(customer.orderRing, today);
  const lastOrder = customer.orderRing.reduce(
    (day, mark) => Math.max(day, mark.day),
    -1,
  );
  const lastPaid = state.payments
    .filter((item) => item.status !== pending)
    .reduce((day, item) => Math.max(day, item.day), -1);
  const { settled, withOpen } = delays(customer, exposure);
  const peak = peaks(customer, exposure, today);
  const since = state.since ?? state.firstOrder;
  const closed = field(d365, "disputesClosed");
  const kept = field(d365, "promisesKept");
  const broken = field(d365, "promisesBroken");
  const cancelled = field(d90, "cancelled");
  return {
    ordCnt24h: sumHours(tiles, Math.floor(now / hourMs), 24).orders,
    ordCnt7d: field(d7, "orders"),
    ordCnt30d: field(d30, "orders"),
    ordCnt90d: field(d90, "orders"),
    ordAmt7d: field(d7, "orderAmount"),
    ordAmt30d: field(d30, "orderAmount"),
    ordAmt90d: field(d90, "orderAmount"),
    ordAmt365d: field(d365, "orderAmount"),
    ordN: base?.n ?? 0,
    ordMedAmt: base === null ? null : base.medianAmount,
    ordMadLn: base === null ? null : base.madLn,
    ordMaxAmt: base === null ? null : base.maxAmount,
    ordGapMed: gap,
    ordGapNow: lastOrder < 0 ? null : Math.max(0, today - lastOrder),
    ordAmtGrowth:
      field(d90, "orderAmount") === 0
        ? null
        : field(d30, "orderAmount") / (field(d90, "orderAmount") / 3),
    ordCancelRate: cancelled / (field(d90, "orders") + cancelled + 10),
    activeMonths: activeMonths(customer, today),
    invOpenAmt: exposure.receivables,
    invOpenCnt: invoicesOf(exposure.parts),
    odAmt: exposure.overdue,
    odCnt: exposure.overdueCount,
    odRatio:
      exposure.receivables === 0
        ? null
        : exposure.overdue / exposure.receivables,
    dpdMax: exposure.dpdMax,
    dpdWavg: exposure.dpdWeighted,
    dpdMax12m: Math.max(exposure.dpdMax, field(d365, "dpdMax")),
    payCnt30d: field(d30, "payments"),
    payCnt90d: field(d90, "payments"),
    payCnt180d: field(d180, "payments"),
    payAmt30d: field(d30, "paymentAmount"),
    payAmt90d: field(d90, "paymentAmount"),
    payAmt180d: field(d180, "paymentAmount"),
    settledN180d: field(d180, "settled"),
    lateRatio90d: lateRatio(d90),
    lateRatio180d: lateRatio(d180),
    lateRatio365d: lateRatio(d365),
    lateValRatio180d:
      field(d180, "settledAmount") === 0
        ? null
        : field(d180, "lateAmount") / field(d180, "settledAmount"),
    dbtN: settled.length,
    dbtEwma: ewma(withOpen),
    dbtLateEwma: ewma(withOpen.map((dbt) => Math.max(0, dbt))),
    dbtMed: median(settled),
    dbtTrend: trend(settled),
    retPayCnt: field(d180, "returned"),
    ptpOpenAmt: state.promises
      .filter((item) => item.status === 0)
      .reduce((sum, item) => {
        const left = Math.max(0, item.amount - item.received);
        return sum + (toBase(left, item.currency, env.rates) ?? 0);
      }, 0),
    ptpKeptRate: kept + broken === 0 ? null : kept / (kept + broken),
    ptpKeptCnt: field(d90, "promisesKept"),
    ptpBrokenCnt: field(d90, "promisesBroken"),
    paySinceLast: lastPaid < 0 ? null : Math.max(0, today - lastPaid),
    expTotal: exposure.total,
    expUtil: exposure.utilisation,
    expAvail: exposure.limit === null ? null : exposure.limit - exposure.total,
    expGrowth: growthOf(customer, exposure, today),
    expUtilMax30d: peak.utilisation,
    daysOverLimit90d: peak.daysOver,
    expHwm: peak.high,
    cmpCnt7d: field(d7, "complaints"),
    cmpCnt30d: field(d30, "complaints"),
    cmpCnt90d: field(d90, "complaints"),
    cmpSevFault90d: field(d90, "severityFault") / 1000,
    cmpSevLiquidity90d: field(d90, "severityLiquidity") / 1000,
    cmpSevRefusal90d: field(d90, "severityRefusal") / 1000,
    dspOpenAmt: state.invoices.reduce((sum, item) => {
      const disputed = Math.min(item.disputed, item.open);
      return sum + (toBase(disputed, item.currency, env.rates) ?? 0);
    }, 0),
    dspRejectRate: closed < 3 ? null : field(d365, "disputesRejected") / closed,
    tenureDays: since === null ? 0 : Math.max(0, today - since),
    histInvN: field(d365, "settled"),
    extRatingNorm: state.rating?.normalised ?? null,
    extAge: state.rating === null ? null : today - state.rating.day,
    alertSev30d: alertSeverity(customer, now),
    ...limitDateFeatures(customer, moment),
    ...outsideFeatures(customer, moment),
  };
}
