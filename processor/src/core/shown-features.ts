/**
 * The rest of the rolling features (domain D3): shown and kept in history, read
 * by no decision, and therefore computed only where somebody looks. Amounts are
 * reporting minor units; null means too little data.
 */
import { dayMs, dayText, minuteMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { coverRatio, type Exposure } from "./exposure.ts";
import { collectionRate, median, type Features } from "./features.ts";
import { countNewSince } from "./first-seen.ts";
import { missedInstalments } from "./instalments.ts";
import { nearThresholdShare } from "./order-habit-rules.ts";
import { lastOrderZ } from "./order-rules.ts";
import { dunningLevel } from "./outside-facts.ts";
import { presentCusum, rhythmOf } from "./payment-rhythm.ts";
import { findById } from "./sorted.ts";
import { sumTally, type TallyField } from "./tallies.ts";
import { field, sumWindows, tileFields, type Tiles } from "./tiles.ts";

export interface ShownFeatures {
  readonly ordZLast: number | null;
  readonly ordReturnRate: number;
  readonly ordNearThrShare: number | null;
  readonly ordNewaddrCnt: number;
  /** Ageing by instalment: not due, 1-30, 31-60, 61-90, over 90 days. */
  readonly age0: number;
  readonly age130: number;
  readonly age3160: number;
  readonly age6190: number;
  readonly age91p: number;
  readonly daysSince30dpd: number | null;
  readonly dbtMad: number | null;
  readonly dbtCusum: number | null;
  readonly dso90d: number | null;
  readonly dso365d: number | null;
  readonly dsoCountback: number | null;
  readonly bpdso90d: number | null;
  readonly add90d: number | null;
  readonly collRate30d: number | null;
  readonly collRate90d: number | null;
  readonly partpayShare: number | null;
  readonly discTakenRate: number | null;
  readonly planMissedCnt: number;
  readonly expHwmAt: string | null;
  readonly coverRatio: number;
  readonly cmpPer100ord: number;
  /** Tone of complaints, -1 to 1; null while none had a text. */
  readonly cmpSentEwma: number | null;
  readonly dspRate180d: number | null;
  readonly dspNearDueShare: number | null;
  readonly dunLevel: number;
  readonly dunCnt90d: number;
  readonly scoreNow: number;
  readonly scoreDelta1d: number | null;
  readonly scoreDelta7d: number | null;
  readonly scoreDelta30d: number | null;
  readonly scoreMax7d: number | null;
  readonly scoreSlope30d: number | null;
}

/** Orders by which a return rate is shrunken to none. */
const returnShrink = 10;
/** One complaint in a hundred orders, with the weight of ten orders. */
const complaintShrink = { orders: 10, complaints: 0.1 };
/** Scores from which a slope is drawn (C4). */
const slopeMin = 4;
const graveDpd = 30;

type Sums = readonly number[];

export function shownFeatures(
  customer: Customer,
  exposure: Exposure,
  features: Features,
  moment: Moment,
): ShownFeatures {
  const { today } = moment;
  const [d90, d180, d365] = sumWindows(customer.tiles, today, [90, 180, 365]);
  const tally = (window: number, name: TallyField): number =>
    sumTally(customer.tallies, today, window, name);
  const ratio = (a: number, b: number): number | null =>
    b === 0 ? null : a / b;
  const [age0, age130, age3160, age6190, age91p] = exposure.ageing;
  const delays = customer.delayRing.slice(-20).map((mark) => mark.dbt);
  const middle = median(delays);
  const rhythm = rhythmOf(customer.delayRing, moment.env.rules);
  const orders = field(d180, "orders");
  return {
    ordZLast: lastOrderZ(customer, moment),
    ordReturnRate: returnRate(d90, tally),
    ordNearThrShare: nearThresholdShare(customer, exposure, moment),
    ordNewaddrCnt: countNewSince(customer.state.places, today - 29),
    ...{ age0, age130, age3160, age6190, age91p },
    daysSince30dpd: daysSinceGrave(customer.tiles, exposure, today),
    dbtMad:
      middle === null
        ? null
        : 1.4826 * (median(delays.map((dbt) => Math.abs(dbt - middle))) ?? 0),
    dbtCusum:
      rhythm && presentCusum(customer, exposure, rhythm, moment.env.rules),
    ...salesOutstanding(customer, exposure, features, [d90, d365], today),
    collRate30d: collectionRate(customer, exposure, moment, 1),
    collRate90d: collectedOf(d90, exposure, 90),
    partpayShare: ratio(tally(90, "partPaid"), field(d90, "settled")),
    discTakenRate: ratio(
      tally(180, "discountsTaken"),
      tally(180, "discountsOffered"),
    ),
    planMissedCnt: missedInstalments(customer, moment),
    expHwmAt: highWaterDay(customer, exposure, today),
    coverRatio: coverRatio(exposure),
    cmpPer100ord:
      (100 * (field(d180, "complaints") + complaintShrink.complaints)) /
      (orders + complaintShrink.orders),
    cmpSentEwma: customer.state.sentiment?.value ?? null,
    dspRate180d: ratio(tally(180, "disputedAmount"), field(d180, "invoiced")),
    dspNearDueShare: nearDueShare(customer, moment),
    dunLevel: dunningLevel(customer, exposure.overdue),
    dunCnt90d: tally(90, "dunnings"),
    ...scoreFeatures(customer, moment),
  };
}

/**
 * Returned / shipped value, shrunken to none by ten shipments. Without
 * deliveries reported, what was invoiced counts as shipped.
 */
function returnRate(
  d90: Sums,
  tally: (window: number, name: TallyField) => number,
): number {
  const deliveries = tally(90, "deliveries");
  const shipped =
    deliveries > 0 ? tally(90, "deliveryAmount") : field(d90, "invoiced");
  const n = deliveries > 0 ? deliveries : field(d90, "orders");
  if (shipped <= 0) return 0;
  const share = Math.min(1, tally(90, "returnAmount") / shipped);
  return (share * n) / (n + returnShrink);
}

const dpdIndex = tileFields.indexOf("dpdMax");

/** Days since anything was last 30 or more days past due; null: not in a year. */
function daysSinceGrave(
  tiles: Tiles,
  exposure: Exposure,
  today: number,
): number | null {
  if (exposure.dpdMax >= graveDpd) return 0;
  const isGrave = ({ values }: (typeof tiles.days)[number]): boolean =>
    (values[dpdIndex] ?? 0) >= graveDpd;
  const day = tiles.days.findLast(isGrave)?.at;
  if (day !== undefined) return Math.max(0, today - day);
  const ten = tiles.tens.findLast(isGrave)?.at;
  return ten === undefined ? null : today - (ten * 10 + 9);
}

interface SalesOutstanding {
  readonly dso90d: number | null;
  readonly dso365d: number | null;
  readonly dsoCountback: number | null;
  readonly bpdso90d: number | null;
  readonly add90d: number | null;
}

/** DSO, best possible DSO and what is between them (C2). */
function salesOutstanding(
  customer: Customer,
  exposure: Exposure,
  { tenureDays }: Features,
  [d90, d365]: readonly [Sums, Sums],
  today: number,
): SalesOutstanding {
  // No window begins before the customer did.
  const days = (window: number): number => Math.min(window, tenureDays + 1);
  const of = (amount: number, sums: Sums, window: number): number | null => {
    const sales = field(sums, "invoiced");
    return sales === 0 ? null : (amount / sales) * days(window);
  };
  const dso90d = of(exposure.receivables, d90, 90);
  const bpdso90d = of(exposure.ageing[0], d90, 90);
  return {
    dso90d,
    dso365d: of(exposure.receivables, d365, 365),
    dsoCountback: countBack(customer, exposure.receivables, today),
    bpdso90d,
    add90d: dso90d === null || bpdso90d === null ? null : dso90d - bpdso90d,
  };
}

const countBackDays = 30;
const countBackSteps = 12;

/** Walks back by 30 days of sales until they make up receivables (C2). */
function countBack(
  { tiles }: Customer,
  receivables: number,
  today: number,
): number | null {
  const windows = Array.from(
    { length: countBackSteps },
    (_, i) => (i + 1) * countBackDays,
  );
  const sums = sumWindows(tiles, today, windows);
  let left = receivables;
  let before = 0;
  for (const [i, sum] of sums.entries()) {
    const sales = field(sum, "invoiced") - before;
    before += sales;
    if (sales > 0 && left <= sales) {
      return i * countBackDays + (left / sales) * countBackDays;
    }
    left -= sales;
  }
  return left <= 0 ? 0 : null;
}

/**
 * Of what was settled in so many days or fell due in them and is open, the
 * settled part. What was settled long ago is not known by its due date.
 */
function collectedOf(
  sums: Sums,
  exposure: Exposure,
  window: number,
): number | null {
  const settled = field(sums, "settledAmount");
  const open = exposure.parts
    .filter((part) => part.dpd > 0 && part.dpd < window)
    .reduce((sum, part) => sum + part.value, 0);
  return settled + open === 0 ? null : settled / (settled + open);
}

/** Day of the high-water mark of exposure within the days that are kept. */
function highWaterDay(
  { exposureDays }: Customer,
  exposure: Exposure,
  today: number,
): string | null {
  let high = Math.max(0, exposure.total);
  let day = high > 0 ? today : null;
  for (const mark of exposureDays) {
    if (mark.exposure < high || mark.exposure === 0) continue;
    if (mark.exposure > high || day === today) day = mark.day;
    high = mark.exposure;
  }
  return day === null ? null : dayText(day);
}

/** Disputes opened within so many days of the due date; among those kept. */
function nearDueShare(
  { state }: Customer,
  { env, today }: Moment,
): number | null {
  const { nearDueDays } = env.rules.rules.dsp01;
  const disputes = state.complaints.filter(
    (item) => item.disputed > 0 && item.day > today - 180,
  );
  if (disputes.length === 0) return null;
  const near = disputes.filter(({ day, invoiceId }) => {
    const due = findById(state.invoices, invoiceId ?? "")?.due;
    return due !== undefined && Math.abs(day - due) <= nearDueDays;
  });
  return near.length / disputes.length;
}

/** The score then and now (C4). */
function scoreFeatures(
  { state, scoreLog }: Customer,
  { now }: Moment,
): Pick<
  ShownFeatures,
  | "scoreNow"
  | "scoreDelta1d"
  | "scoreDelta7d"
  | "scoreDelta30d"
  | "scoreMax7d"
  | "scoreSlope30d"
> {
  const minute = Math.floor(now / minuteMs);
  const perDay = dayMs / minuteMs;
  const delta = (days: number): number | null => {
    const then = scoreLog.findLast((m) => m.minute <= minute - days * perDay);
    return then === undefined ? null : state.score - then.score;
  };
  const from = minute - 7 * perDay;
  const inForce = scoreLog.filter(
    (_, i) => (scoreLog[i + 1]?.minute ?? Infinity) >= from,
  );
  const month = scoreLog
    .filter((mark) => mark.minute >= minute - 30 * perDay)
    .map((mark) => ({ x: (mark.minute - minute) / perDay, y: mark.score }));
  return {
    scoreNow: state.score,
    scoreDelta1d: delta(1),
    scoreDelta7d: delta(7),
    scoreDelta30d: delta(30),
    scoreMax7d:
      inForce.length === 0
        ? null
        : Math.max(...inForce.map((mark) => mark.score)),
    scoreSlope30d: slope(month),
  };
}

/** Least squares, y per x; null with too few points or no spread. */
function slope(
  points: readonly { readonly x: number; readonly y: number }[],
): number | null {
  const n = points.length;
  if (n < slopeMin) return null;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  let up = 0;
  let wide = 0;
  for (const { x, y } of points) {
    up += (x - meanX) * (y - meanY);
    wide += (x - meanX) * (x - meanX);
  }
  return wide === 0 ? null : up / wide;
}
