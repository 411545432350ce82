/**
 * Rare counts by local day: what most customers never have, and what the tiles
 * therefore have no room for. Sums in any order of arrival, windows as in C12:
 * days older than 90 are kept by their ten days, to a year.
 *
 * Packed, in (day, field) order: delta of the day, field, amount.
 */
import {
  createReader,
  packed,
  putSigned,
  putUnsigned,
} from "@riskwall/schemas/packing";
import { dayTiles, longestWindow } from "./tiles.ts";

/** Packed as the index here: only append. Amounts are reporting minor units. */
export const tallyFields = [
  "returns",
  "returnAmount",
  "deliveries",
  "deliveryAmount",
  "partPaid",
  "discountsOffered",
  "discountsTaken",
  "dunnings",
  "writeOffs",
  "writeOffAmount",
  "instalmentsMissed",
  "disputedAmount",
] as const;
export type TallyField = (typeof tallyFields)[number];

export interface Tally {
  readonly day: number;
  /** Index in `tallyFields`. */
  readonly field: number;
  amount: number;
}

function tenStart(day: number): number {
  return Math.floor(day / 10) * 10;
}

function oldestDay(today: number): number {
  return tenStart(today - longestWindow + 1);
}

/** The day under which a day is kept, seen from today. */
function slotOf(day: number, today: number): number {
  return day > today - dayTiles ? day : tenStart(day);
}

/** Adds to a day; sums of zero leave no trace, days beyond a year are left out. */
export function addTally(
  list: Tally[],
  today: number,
  day: number,
  name: TallyField,
  amount: number,
): void {
  const at = slotOf(day, today);
  if (amount === 0 || at < oldestDay(today)) return;
  const field = tallyFields.indexOf(name);
  let i = list.length;
  for (; i > 0; i -= 1) {
    const before = list[i - 1];
    if (!before || before.day < at) break;
    if (before.day > at || before.field > field) continue;
    if (before.field < field) break;
    before.amount += amount;
    if (before.amount === 0) list.splice(i - 1, 1);
    return;
  }
  list.splice(i, 0, { day: at, field, amount });
}

/** Moves old days into their ten days and drops what no window reaches. */
export function compactTallies(list: Tally[], today: number): Tally[] {
  if ((list[0]?.day ?? today) > today - dayTiles) return list;
  const out: Tally[] = [];
  for (const { day, field, amount } of list) {
    const name = tallyFields[field];
    if (name) addTally(out, today, day, name, amount);
  }
  return out;
}

/** First day of a window that ends today (C12). */
export function firstDay(today: number, window: number): number {
  const first = today - window + 1;
  return window > dayTiles ? tenStart(first) : first;
}

/** Sum of a field over the last days ending today. */
export function sumTally(
  list: readonly Tally[],
  today: number,
  window: number,
  name: TallyField,
): number {
  if (list.length === 0) return 0;
  const first = firstDay(today, window);
  const field = tallyFields.indexOf(name);
  let sum = 0;
  for (let i = list.length - 1; i >= 0; i -= 1) {
    const tally = list[i];
    if (!tally || tally.day < first) break;
    if (tally.field === field) sum += tally.amount;
  }
  return sum;
}

const nothing = new Uint8Array(0);

export function packTallies(list: readonly Tally[]): Uint8Array {
  if (list.length === 0) return nothing;
  return packed(() => {
    let last = 0;
    for (const { day, field, amount } of list) {
      putSigned(day - last);
      putUnsigned(field);
      putSigned(amount);
      last = day;
    }
  });
}

export function unpackTallies(bytes: Uint8Array): Tally[] {
  const list: Tally[] = [];
  const r = createReader(bytes);
  let day = 0;
  while (r.more()) {
    day += r.signed();
    const field = r.unsigned();
    list.push({ day, field, amount: r.signed() });
  }
  return list;
}
