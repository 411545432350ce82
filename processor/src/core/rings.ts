/**
 * Short sequences in log order: the last 100 order amounts, the last 25
 * payment delays, exposure by day, and recent scores. Each packs to varints.
 */
import { createReader, packed, putSigned } from "@riskwall/schemas/packing";

export const orderRingMax = 100;
/** Twenty for the rhythm, older than the last five (C10.3). */
export const delayRingMax = 25;
/** Days by which every change of exposure is kept, and its greatest ones. */
const exposureDaysMax = 90;
const highWaterDays = 365;
export const scoreLogMax = 24;

/**
 * One placed order: kept exactly (C10.1). Orders of the same day and amount
 * are interchangeable, so no id is kept to take a cancelled one out.
 */
export interface OrderMark {
  readonly day: number;
  /** Reporting minor units at the order's day rate; 0 without a rate. */
  readonly amount: number;
}

/** One settled invoice. */
export interface DelayMark {
  readonly day: number;
  /** Days beyond terms, may be negative. */
  readonly dbt: number;
}

/** Exposure at the end of a day on which it changed. */
export interface ExposureMark {
  readonly day: number;
  exposure: number;
  /** Utilisation in permille, -1 without a limit. */
  utilisation: number;
  /** Overdue share of receivables in permille. */
  overdueShare: number;
}

/** Score from an instant on. */
export interface ScoreMark {
  readonly minute: number;
  readonly score: number;
}

/**
 * Marks that windows still reach: of 90 days all, with the one that held when
 * they began; of a year those that no later one reaches, for the high-water
 * mark, each with the mark that ended it.
 */
export function keptExposures(
  marks: readonly ExposureMark[],
  today: number,
): ExposureMark[] {
  const near = marks.findLastIndex(
    ({ day }) => day <= today - exposureDaysMax + 1,
  );
  if (near <= 0) return [...marks];
  const first = today - highWaterDays + 1;
  const kept = new Set<number>();
  let most = -1;
  for (let i = marks.length - 1; i >= 0; i -= 1) {
    const exposure = marks[i]?.exposure ?? 0;
    if (exposure <= most) continue;
    most = exposure;
    // It held until the next mark began.
    if (i >= near || (marks[i + 1]?.day ?? Infinity) <= first) continue;
    kept.add(i).add(i + 1);
  }
  return marks.filter((_, i) => i >= near || kept.has(i));
}

/** The list without its last mark of this day and amount, if there is one. */
export function withoutOrder(
  list: readonly OrderMark[],
  mark: OrderMark,
): readonly OrderMark[] {
  const at = list.findLastIndex(
    (item) => item.day === mark.day && item.amount === mark.amount,
  );
  return at < 0 ? list : list.toSpliced(at, 1);
}

/** Packs rows; `put` writes what a row has besides its `at`. */
function packRows<Row>(
  rows: readonly Row[],
  at: (row: Row) => number,
  put: (row: Row) => void,
): Uint8Array {
  if (rows.length === 0) return new Uint8Array(0);
  return packed(() => {
    let last = 0;
    for (const row of rows) {
      const now = at(row);
      putSigned(now - last);
      last = now;
      put(row);
    }
  });
}

function unpackRows(bytes: Uint8Array, width: number): number[][] {
  const rows: number[][] = [];
  const r = createReader(bytes);
  let last = 0;
  while (r.more()) {
    last += r.signed();
    const row = [last];
    for (let i = 1; i < width; i += 1) row.push(r.signed());
    rows.push(row);
  }
  return rows;
}

const dayOf = (mark: { readonly day: number }): number => mark.day;

export const packOrders = (list: readonly OrderMark[]): Uint8Array =>
  packRows(list, dayOf, ({ amount }) => {
    putSigned(amount);
  });
export const unpackOrders = (bytes: Uint8Array): OrderMark[] =>
  unpackRows(bytes, 2).map(([day = 0, amount = 0]) => ({ day, amount }));

export const packDelays = (list: readonly DelayMark[]): Uint8Array =>
  packRows(list, dayOf, ({ dbt }) => {
    putSigned(dbt);
  });
export const unpackDelays = (bytes: Uint8Array): DelayMark[] =>
  unpackRows(bytes, 2).map(([day = 0, dbt = 0]) => ({ day, dbt }));

export const packExposures = (list: readonly ExposureMark[]): Uint8Array =>
  packRows(list, dayOf, (mark) => {
    putSigned(mark.exposure);
    putSigned(mark.utilisation);
    putSigned(mark.overdueShare);
  });
export const unpackExposures = (bytes: Uint8Array): ExposureMark[] =>
  unpackRows(bytes, 4).map(
    ([day = 0, exposure = 0, utilisation = 0, overdueShare = 0]) => ({
      day,
      exposure,
      utilisation,
      overdueShare,
    }),
  );

export const packScores = (list: readonly ScoreMark[]): Uint8Array =>
  packRows(
    list,
    ({ minute }) => minute,
    ({ score }) => {
      putSigned(score);
    },
  );
export const unpackScores = (bytes: Uint8Array): ScoreMark[] =>
  unpackRows(bytes, 2).map(([minute = 0, score = 0]) => ({ minute, score }));
