/**
 * Rolling features (domain D3), each counted over all raw events of the
 * customer. Windows: whole hours, whole local days, and from 180 days on from
 * the start of the ten days that hold the first day (C12).
 */
import { localDay, rollForward } from "./calendar.ts";
import type { Applied } from "./chronicle.ts";
import type { Exposure } from "./exposure.ts";
import { utilisationOf } from "./exposure.ts";
import {
  type InvoiceStand,
  type Ledger,
  type LedgerQuestion,
} from "./ledger.ts";
import { contractsOf, dunningOf, graveEntries, industryOf } from "./outside.ts";
import {
  byTime,
  firstById,
  saidOf,
  type OrderPaper,
  type Papers,
  type Said,
} from "./papers.ts";
import { toBase } from "./rates.ts";

const hourMs = 3_600_000;
/** How old the orders of the amount statistics may be (C10.1). */
const orderStatisticsDays = 365;
const gapsMin = 3;
const normalConsistency = 1.4826;
const ewmaShare = 0.2;
const trendLast = 5;
const trendBefore = 10;
const cancelShrink = 10;

export type FeatureValue = number | bigint | null;
export type Features = Readonly<Record<string, FeatureValue>>;

export interface FeatureQuestion extends LedgerQuestion {
  readonly now: number;
  /** DBT of the last settlements, in the order in which the log brought them. */
  readonly delays: readonly number[];
  /** Ids of the last orders that are not cancelled. */
  readonly lastOrders: readonly string[];
}

/** First day of a window of so many days that ends today. */
export function windowStart(days: number, today: number): number {
  const first = today - days + 1;
  return days >= 180 ? Math.floor(first / 10) * 10 : first;
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1
    ? upper
    : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const ratio = (a: number, b: number): number | null => (b === 0 ? null : a / b);
const sumOf = (values: readonly bigint[]): bigint =>
  values.reduce((sum, value) => sum + value, 0n);

/** Value at the rate of the day the fact came (F-2); 0 while none is known. */
function frozenValue(amount: bigint, currency: string, at: Applied): bigint {
  return toBase(amount, currency, at.rates) ?? 0n;
}

interface Order {
  readonly paper: OrderPaper;
  readonly placed: number;
  readonly day: number;
  readonly value: bigint;
}

function ordersOf(papers: Papers, { rules }: LedgerQuestion): Order[] {
  return [...papers.orders.values()].map((paper) => ({
    paper,
    placed: paper.value.time,
    day: localDay(paper.value.time, rules.zoneOffsetMinutes),
    value: frozenValue(paper.amount, paper.currency, paper.amountAt),
  }));
}

export function featuresOf(
  events: readonly Applied[],
  papers: Papers,
  ledger: Ledger,
  exposure: Exposure,
  question: FeatureQuestion,
): Features {
  return {
    ...orderFeatures(papers, question),
    ...receivableFeatures(ledger, exposure),
    ...paymentFeatures(papers, question),
    ...settlementFeatures(events, ledger, question),
    ...delayFeatures(ledger, question),
    ...promiseFeatures(papers, ledger, question),
    ...complaintFeatures(papers, question),
    ...relationFeatures(events, papers, question),
    ...mannerFeatures(ledger, question),
    ...goodsFeatures(events, papers, question),
    ...outsideFeatures(events, ledger, exposure, question),
  };
}

/** How invoices were paid: in parts (PAY-07), with their discount (PAY-08). */
function mannerFeatures(ledger: Ledger, question: FeatureQuestion): Features {
  const { today } = question;
  const byInvoice = Map.groupBy(ledger.allocations, ({ invoice }) => invoice);
  const settled = [...ledger.invoices.values()]
    .filter(isObserved)
    .map(({ paper, settledDay }) => {
      const made = byInvoice.get(paper) ?? [];
      return {
        day: settledDay ?? 0,
        parted: new Set(made.map(({ payment }) => payment)).size > 1,
        offered: paper.value.discount > 0,
        taken: made.some(({ discount }) => discount > 0n),
      };
    })
    .filter(({ day }) => day <= today);
  const within = (days: number): typeof settled =>
    settled.filter(({ day }) => day >= windowStart(days, today));
  const near = within(90);
  const offers = within(180).filter(({ offered }) => offered);
  return {
    partpayShare: ratio(
      near.filter(({ parted }) => parted).length,
      near.length,
    ),
    discTakenRate: ratio(
      offers.filter(({ taken }) => taken).length,
      offers.length,
    ),
  };
}

const returnShrink = 10;

interface GoodsMove {
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly time: number;
}

/** Goods that came back of those that went out, by value (ORD-10). */
function goodsFeatures(
  events: readonly Applied[],
  papers: Papers,
  question: FeatureQuestion,
): Features {
  const { today, rules } = question;
  const within = <T extends { readonly day: number }>(
    items: readonly T[],
  ): T[] =>
    items.filter(({ day }) => day >= windowStart(90, today) && day <= today);
  // Each move of an order once, however often it is told.
  const moves = <T extends GoodsMove>(
    said: readonly Said<T>[],
    idOf: (value: T) => string,
  ) =>
    within(
      [
        ...firstById(
          said,
          (value) => `${value.orderId}\u0000${idOf(value)}`,
        ).values(),
      ].map(({ value, at }) => ({
        day: localDay(value.time, rules.zoneOffsetMinutes),
        value: frozenValue(BigInt(value.amount), value.currency, at),
      })),
    );
  const out = moves(saidOf(events, "DeliveryCompleted"), (v) => v.deliveryId);
  const back = moves(saidOf(events, "OrderReturned"), (v) => v.returnId);
  const bills = within(
    [...papers.invoices.values()].map(({ value, at }) => ({
      day: value.issueDate,
      value: frozenValue(BigInt(value.amount), value.currency, at),
    })),
  );
  const orders = within(
    ordersOf(papers, question).filter(({ paper }) => !paper.cancelled),
  );
  const sum = (items: readonly { readonly value: bigint }[]): number =>
    Number(sumOf(items.map(({ value }) => value)));
  // Without deliveries, what was billed counts as shipped.
  const [shipped, n] =
    out.length > 0 ? [sum(out), out.length] : [sum(bills), orders.length];
  const share = shipped > 0 ? Math.min(1, sum(back) / shipped) : 0;
  return { ordReturnRate: (share * n) / (n + returnShrink) };
}

function outsideFeatures(
  events: readonly Applied[],
  ledger: Ledger,
  exposure: Exposure,
  question: FeatureQuestion,
): Features {
  const { today, rules } = question;
  const contracts = contractsOf(events, question);
  const dunning = dunningOf(events, ledger, exposure, question);
  const losses = new Map(
    saidOf(events, "InvoiceWrittenOff")
      .reverse()
      .map((said) => [said.value.writeOffId, said]),
  );
  const written = [...losses.values()]
    .filter(
      ({ value }) =>
        localDay(value.time, rules.zoneOffsetMinutes) >=
        windowStart(365, today),
    )
    .map(({ value, at }) =>
      frozenValue(BigInt(value.amount), value.currency, at),
    );
  return {
    ctrN: contracts.n,
    ctrPerfRate: contracts.rate,
    indRisk: industryOf(events, question),
    regGraveCnt: graveEntries(events),
    dunLevel: dunning.level,
    dunCnt90d: dunning.count,
    writeOffAmt365d: sumOf(written),
    coverRatio: exposure.coverRatio,
  };
}

function orderFeatures(papers: Papers, question: FeatureQuestion): Features {
  const { today, now } = question;
  const all = ordersOf(papers, question);
  const live = all.filter(({ paper }) => !paper.cancelled);
  const within = (orders: readonly Order[], days: number): Order[] =>
    orders.filter(({ day }) => day >= windowStart(days, today) && day <= today);
  const amount = (days: number): bigint =>
    sumOf(within(live, days).map(({ value }) => value));
  const hour = Math.floor(now / hourMs);
  const lastHours = live.filter(({ placed }) => {
    const at = Math.floor(placed / hourMs);
    return at > hour - 24 && at <= hour;
  });
  const kept = new Set(question.lastOrders);
  const last = live.filter(({ paper }) => kept.has(paper.value.orderId));
  const recent = last.filter(({ day }) => day > today - orderStatisticsDays);
  const valued = recent.filter(({ value }) => value > 0n);
  const amounts = valued.map(({ value }) => Number(value));
  const logs = amounts.map((value) => Math.log(value));
  const middle = median(logs);
  const middleAmount = median(amounts);
  const spread =
    middle === null ? null : median(logs.map((x) => Math.abs(x - middle)));
  const days = recent.map(({ day }) => day).sort((a, b) => a - b);
  // Between order days: two orders of one day have no gap to speak of.
  const gaps = days
    .slice(1)
    .map((day, i) => day - (days[i] ?? day))
    .filter((gap) => gap > 0);
  const lastDay = Math.max(...last.map(({ day }) => day));
  const ninety = Number(amount(90));
  const accepted = within(all, 90).length;
  return {
    ordCnt24h: lastHours.length,
    ordCnt7d: within(live, 7).length,
    ordCnt30d: within(live, 30).length,
    ordCnt90d: within(live, 90).length,
    ordAmt7d: amount(7),
    ordAmt30d: amount(30),
    ordAmt90d: amount(90),
    ordAmt365d: amount(365),
    ordN: valued.length,
    ordMedAmt: middleAmount === null ? null : Math.round(middleAmount),
    ordMadLn: spread === null ? null : normalConsistency * spread,
    ordMaxAmt: amounts.length === 0 ? null : Math.max(...amounts),
    ordGapMed: gaps.length < gapsMin ? null : median(gaps),
    ordGapNow: last.length === 0 ? null : Math.max(0, today - lastDay),
    ordAmtGrowth: ratio(Number(amount(30)), ninety / 3),
    ordCancelRate:
      (accepted - within(live, 90).length) / (accepted + cancelShrink),
  };
}

function receivableFeatures(ledger: Ledger, exposure: Exposure): Features {
  const open = [...ledger.invoices.values()].filter((item) => item.open > 0n);
  return {
    invOpenAmt: exposure.receivables,
    invOpenCnt: open.length,
    odAmt: exposure.overdue,
    odCnt: exposure.overdueCount,
    odRatio: ratio(Number(exposure.overdue), Number(exposure.receivables)),
    dpdMax: exposure.dpdMax,
    dpdWavg: exposure.dpdWeighted,
    expTotal: exposure.total,
    expUtil: utilisationOf(exposure),
    expAvail: exposure.limit === null ? null : exposure.limit - exposure.total,
  };
}

function paymentFeatures(papers: Papers, question: FeatureQuestion): Features {
  const { today } = question;
  const cleared = [...papers.payments.values()].filter(
    ({ state, day }) => state === "cleared" && day <= today,
  );
  const features: Record<string, FeatureValue> = {};
  for (const days of [30, 90, 180]) {
    const within = cleared.filter(({ day }) => day >= windowStart(days, today));
    features[`payCnt${String(days)}d`] = within.length;
    features[`payAmt${String(days)}d`] = sumOf(
      within.map(({ value, at }) =>
        frozenValue(BigInt(value.amount), value.currency, at),
      ),
    );
  }
  const bounced = [...papers.payments.values()].filter(
    ({ state, day }) =>
      state === "returned" && day >= windowStart(180, today) && day <= today,
  );
  return { ...features, retPayCnt: bounced.length };
}

/** Segment that the customer's master data names last, and its late ratio. */
function lateRatioPrior(
  events: readonly Applied[],
  { rules }: LedgerQuestion,
): number {
  let segment = "";
  for (const { value } of saidOf(byTime(events), "CustomerUpserted")) {
    segment = value.segment ?? segment;
  }
  return (rules.segments[segment] ?? rules.defaultSegment).lateRatio;
}

/** DBT of a settled invoice: early against the date, late against its roll. */
export function daysBeyondTerms(
  settledDay: number,
  due: number,
  { rules }: LedgerQuestion,
): number {
  return settledDay <= due
    ? settledDay - due
    : settledDay - rollForward(due, rules.calendar);
}

/** Whether a settlement says how the customer pays: not F-17, not F-19. */
export function isObserved({ settledDay, paper }: InvoiceStand): boolean {
  return settledDay !== null && settledDay > paper.value.issueDate;
}

function settlementFeatures(
  events: readonly Applied[],
  ledger: Ledger,
  question: FeatureQuestion,
): Features {
  const { today, rules } = question;
  const settled = [...ledger.invoices.values()]
    .filter(isObserved)
    .map((item) => {
      const { value, at } = item.paper;
      const day = item.settledDay ?? 0;
      const dbt = daysBeyondTerms(day, value.dueDate, question);
      const amount = frozenValue(BigInt(value.amount), value.currency, at);
      return { day, late: dbt > rules.graceDays, amount };
    })
    .filter(({ day }) => day <= today);
  const within = (days: number): typeof settled =>
    settled.filter(({ day }) => day >= windowStart(days, today));
  const prior = lateRatioPrior(events, question);
  const { lateShrink } = rules.score;
  const lateRatio = (days: number): number => {
    const items = within(days);
    const late = items.filter((item) => item.late).length;
    return (late + lateShrink * prior) / (items.length + lateShrink);
  };
  const half = within(180);
  const value = (items: typeof settled): number =>
    Number(sumOf(items.map((item) => item.amount)));
  return {
    settledN180d: half.length,
    lateRatio90d: lateRatio(90),
    lateRatio180d: lateRatio(180),
    lateRatio365d: lateRatio(365),
    lateValRatio180d: ratio(
      value(half.filter((item) => item.late)),
      value(half),
    ),
    histInvN: within(365).length,
  };
}

function delayFeatures(ledger: Ledger, question: FeatureQuestion): Features {
  const { delays } = question;
  // Open overdue items count at their days so far, oldest due first (F-14).
  const open = ledger.parts
    .filter((part) => part.dpd > 0 && part.undisputed > 0n)
    .sort((a, b) => a.due - b.due)
    .map(({ dpd }) => dpd);
  const [first, ...rest] = [...delays, ...open];
  return {
    dbtN: delays.length,
    dbtEwma:
      first === undefined
        ? null
        : rest.reduce((value, x) => value + ewmaShare * (x - value), first),
    dbtLateEwma:
      first === undefined
        ? null
        : rest.reduce(
            (value, x) => value * (1 - ewmaShare) + ewmaShare * Math.max(0, x),
            Math.max(0, first),
          ),
    dbtMed: median(delays),
    dbtTrend:
      delays.length < trendLast + trendBefore
        ? null
        : mean(delays.slice(-trendLast)) -
          mean(delays.slice(-trendLast - trendBefore, -trendLast)),
  };
}

function promiseFeatures(
  papers: Papers,
  ledger: Ledger,
  question: FeatureQuestion,
): Features {
  const { today, rates } = question;
  const promises = [...papers.promises].map(([id, { value }]) => ({
    value,
    state: ledger.promises.get(id)?.state,
    received: ledger.promises.get(id)?.received ?? 0n,
  }));
  // One kept before its day counts at once.
  const count = (state: string, days: number): number =>
    promises.filter(
      (item) =>
        item.state === state &&
        item.value.promiseDate >= windowStart(days, today),
    ).length;
  const [kept, broken] = [count("kept", 365), count("broken", 365)];
  return {
    ptpOpenAmt: sumOf(
      promises
        .filter(({ state }) => state === "open")
        .map(({ value, received }) => {
          const rest = BigInt(value.amount) - received;
          return rest > 0n ? (toBase(rest, value.currency, rates) ?? 0n) : 0n;
        }),
    ),
    ptpKeptRate: ratio(kept, kept + broken),
    ptpKeptCnt: count("kept", 90),
    ptpBrokenCnt: count("broken", 90),
  };
}

function complaintFeatures(
  papers: Papers,
  question: FeatureQuestion,
): Features {
  const { today } = question;
  const all = [...papers.complaints.values()].filter(({ day }) => day <= today);
  const within = (days: number): typeof all =>
    all.filter(({ day }) => day >= windowStart(days, today));
  const severity = (meaning: string): number =>
    within(90)
      .filter((item) =>
        meaning === "fault"
          ? item.meaning !== "liquidity" && item.meaning !== "refusal"
          : item.meaning === meaning,
      )
      .reduce((sum, item) => sum + item.severity, 0) / 1000;
  const closed = within(365).filter(
    ({ outcome, value }) => outcome !== null && (value.disputedAmount ?? 0) > 0,
  );
  const rejected = closed.filter(({ outcome }) => outcome === "rejected");
  return {
    cmpCnt7d: within(7).length,
    cmpCnt30d: within(30).length,
    cmpCnt90d: within(90).length,
    cmpSevFault90d: severity("fault"),
    cmpSevLiquidity90d: severity("liquidity"),
    cmpSevRefusal90d: severity("refusal"),
    dspRejectRate: closed.length < 3 ? null : rejected.length / closed.length,
  };
}

/** Months since year 0 of a day. */
function monthOf(day: number): number {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function relationFeatures(
  events: readonly Applied[],
  papers: Papers,
  question: FeatureQuestion,
): Features {
  const { today } = question;
  const orderDays = ordersOf(papers, question).map(({ day }) => day);
  const dealings = [
    ...orderDays,
    ...[...papers.invoices.values()].map(({ value }) => value.issueDate),
  ];
  const months = new Set(orderDays.map(monthOf));
  const thisMonth = monthOf(today);
  let since: number | null = null;
  for (const { value } of saidOf(byTime(events), "CustomerUpserted")) {
    since = value.since ?? since;
  }
  const first = since ?? Math.min(Infinity, ...dealings);
  // The newest rating counts, whenever it came (F-9).
  const rating = saidOf(events, "CustomerRated")
    .map(({ value }) => value)
    .sort((a, b) => a.ratedAt - b.ratedAt)
    .at(-1);
  return {
    activeMonths: [...months].filter(
      (month) => month > thisMonth - 12 && month <= thisMonth,
    ).length,
    tenureDays: first === Infinity ? 0 : Math.max(0, today - first),
    extRatingNorm: rating?.normalised ?? null,
    extAge: rating ? Math.max(0, today - rating.ratedAt) : null,
  };
}
