/**
 * Tiles: sums per hour (orders only, 72 h), per local day (90 days) and per
 * ten days (to a year), sparse. An event goes into the tile of its own time,
 * however late, so windows are right for any order of arrival (F-8, C12).
 *
 * Packed: [hours] [days] [tens], each: count, then per tile: index (first
 * absolute, then delta), bit mask of non-zero fields, the fields in order.
 */
import {
  createReader,
  packed,
  putSigned,
  putUnsigned,
  type Reader,
} from "@riskwall/schemas/packing";

/**
 * Fields of a day or ten-day tile, in bit order: frequent ones first, so that
 * most masks take one byte. `dpdMax` is a maximum.
 */
export const tileFields = [
  "orders",
  "orderAmount",
  "invoiced",
  "payments",
  "paymentAmount",
  "settled",
  "settledAmount",
  "late",
  "lateAmount",
  "dpdMax",
  "complaints",
  "severityFault",
  "severityLiquidity",
  "severityRefusal",
  "returned",
  "promisesKept",
  "promisesBroken",
  "disputesClosed",
  "disputesRejected",
  "cancelled",
  "disputes",
] as const;
export type TileField = (typeof tileFields)[number];
const fieldIndex = new Map(tileFields.map((name, i) => [name, i]));
const maximumIndex = tileFields.indexOf("dpdMax");

export const hourTiles = 72;
export const dayTiles = 90;
/** Longest window; the ten-day tile that holds its first day is kept whole. */
export const longestWindow = 365;

export interface Tile {
  readonly at: number;
  readonly values: number[];
}

export interface HourTile {
  readonly at: number;
  orders: number;
  amount: number;
}

export interface Tiles {
  hours: HourTile[];
  days: Tile[];
  tens: Tile[];
}

export function emptyTiles(): Tiles {
  return { hours: [], days: [], tens: [] };
}

function indexOf(field: TileField): number {
  return fieldIndex.get(field) ?? 0;
}

/** Index of the oldest ten-day tile that a window can still reach. */
function oldestTen(today: number): number {
  return Math.floor((today - longestWindow + 1) / 10);
}

function slot<T extends { readonly at: number }>(
  list: T[],
  at: number,
  make: () => T,
): T {
  let i = list.length;
  while (i > 0) {
    const before = list[i - 1];
    if (!before || before.at < at) break;
    if (before.at === at) return before;
    i -= 1;
  }
  const made = make();
  list.splice(i, 0, made);
  return made;
}

const zeros = (): number[] => tileFields.map(() => 0);

/**
 * Adds to the tile of `day`; days older than the day tiles of `today` go to
 * their ten-day tile, days older than all tiles are left out.
 */
export function addToTile(
  tiles: Tiles,
  today: number,
  day: number,
  field: TileField,
  amount: number,
): void {
  if (amount === 0) return;
  const fine = day > today - dayTiles;
  const list = fine ? tiles.days : tiles.tens;
  const at = fine ? day : Math.floor(day / 10);
  if (!fine && at < oldestTen(today)) return;
  const tile = slot(list, at, () => ({ at, values: zeros() }));
  const i = indexOf(field);
  const before = tile.values[i] ?? 0;
  tile.values[i] =
    i === maximumIndex ? Math.max(before, amount) : before + amount;
  if (tile.values.every((value) => value === 0)) {
    list.splice(list.indexOf(tile), 1);
  }
}

/** Adds an order to its hour; hours older than 72 before `nowHour` are left out. */
export function addToHour(
  tiles: Tiles,
  nowHour: number,
  hour: number,
  orders: number,
  amount: number,
): void {
  if (hour <= nowHour - hourTiles) return;
  const tile = slot(tiles.hours, hour, () => ({
    at: hour,
    orders: 0,
    amount: 0,
  }));
  tile.orders += orders;
  tile.amount += amount;
  if (tile.orders === 0 && tile.amount === 0) {
    tiles.hours.splice(tiles.hours.indexOf(tile), 1);
  }
}

/** Drops the hours beyond 72, so that none depends on when it arrived. */
export function dropOldHours(tiles: Tiles, nowHour: number): void {
  const oldest = nowHour - hourTiles;
  if ((tiles.hours[0]?.at ?? Infinity) > oldest) return;
  tiles.hours = tiles.hours.filter((tile) => tile.at > oldest);
}

/** Moves days beyond 90 into ten-day tiles and drops what is beyond all. */
export function compactTiles(tiles: Tiles, today: number): void {
  const old = tiles.days.filter((tile) => tile.at <= today - dayTiles);
  if (old.length > 0) {
    tiles.days = tiles.days.filter((tile) => tile.at > today - dayTiles);
    for (const tile of old) {
      tile.values.forEach((value, i) => {
        const field = tileFields[i];
        if (field) addToTile(tiles, today, tile.at, field, value);
      });
    }
  }
  const oldest = oldestTen(today);
  if (tiles.tens.some((tile) => tile.at < oldest)) {
    tiles.tens = tiles.tens.filter((tile) => tile.at >= oldest);
  }
}

/** True when no tile is left. */
export function tilesEmpty(tiles: Tiles): boolean {
  return (
    tiles.hours.length === 0 &&
    tiles.days.length === 0 &&
    tiles.tens.length === 0
  );
}

/** As many sums as windows. */
type SumsOf<W extends readonly number[]> = { [K in keyof W]: number[] };

/**
 * Sums of all fields over the last days ending today, one per window; windows
 * ascend. Windows beyond 90 days begin at the start of the ten-day tile that
 * holds their first day (C12). `dpdMax` is the maximum.
 */
export function sumWindows<const W extends readonly number[]>(
  tiles: Tiles,
  today: number,
  windows: W,
): SumsOf<W> {
  const sums = zeros();
  let day = tiles.days.length - 1;
  let ten = tiles.tens.length - 1;
  const all = windows.map((window) => {
    const first = today - window + 1;
    for (; (tiles.days[day]?.at ?? -Infinity) >= first; day -= 1) {
      addTile(sums, tiles.days[day]);
    }
    if (window <= dayTiles) return [...sums];
    const firstTen = Math.floor(first / 10);
    for (; (tiles.tens[ten]?.at ?? -Infinity) >= firstTen; ten -= 1) {
      addTile(sums, tiles.tens[ten]);
    }
    return [...sums];
  });
  // `map` keeps the length, which its type does not say.
  return all as SumsOf<W>;
}

/** Sums of one window; see `sumWindows`. */
export function sumDays(tiles: Tiles, today: number, window: number): number[] {
  return sumWindows(tiles, today, [window])[0];
}

function addTile(sums: number[], tile: Tile | undefined): void {
  if (!tile) return;
  for (let i = 0; i < sums.length; i += 1) {
    const value = tile.values[i] ?? 0;
    if (value === 0) continue;
    const before = sums[i] ?? 0;
    sums[i] = i === maximumIndex ? Math.max(before, value) : before + value;
  }
}

/** Picks one field of sums. */
export function field(sums: readonly number[], name: TileField): number {
  return sums[indexOf(name)] ?? 0;
}

/** Orders and their amount in the last `hours` whole hours up to `nowHour`. */
export function sumHours(
  tiles: Tiles,
  nowHour: number,
  hours: number,
): { readonly orders: number; readonly amount: number } {
  let orders = 0;
  let amount = 0;
  for (const tile of tiles.hours) {
    if (tile.at <= nowHour - hours || tile.at > nowHour) continue;
    orders += tile.orders;
    amount += tile.amount;
  }
  return { orders, amount };
}

export function packTiles(tiles: Tiles): Uint8Array {
  if (tilesEmpty(tiles)) return new Uint8Array(0);
  return packed(() => {
    putUnsigned(tiles.hours.length);
    let last = 0;
    for (const tile of tiles.hours) {
      putSigned(tile.at - last);
      putSigned(tile.orders);
      putSigned(tile.amount);
      last = tile.at;
    }
    putList(tiles.days);
    putList(tiles.tens);
  });
}

const paymentAmount = indexOf("paymentAmount");
const settled = indexOf("settled");
const settledAmount = indexOf("settledAmount");
const late = indexOf("late");
const lateAmount = indexOf("lateAmount");

/**
 * What is settled is mostly what was paid that day, and late either all of it
 * or nothing: packed as differences, which are mostly zero. What is taken off
 * a field of a tile (added again when it is read, in the order of fields).
 */
function expected(values: readonly number[], i: number): number {
  if (i === settledAmount && values[settled] !== 0) {
    return values[paymentAmount] ?? 0;
  }
  if (i === lateAmount && values[late] !== 0) return values[settledAmount] ?? 0;
  return 0;
}

function putList(list: readonly Tile[]): void {
  putUnsigned(list.length);
  let last = 0;
  for (const { at, values } of list) {
    putSigned(at - last);
    last = at;
    let mask = 0;
    for (let i = 0; i < values.length; i += 1) {
      if (values[i] !== expected(values, i)) mask |= 1 << i;
    }
    putUnsigned(mask);
    for (let i = 0; i < values.length; i += 1) {
      const over = (values[i] ?? 0) - expected(values, i);
      if (over !== 0) putSigned(over);
    }
  }
}

export function unpackTiles(bytes: Uint8Array): Tiles {
  const tiles = emptyTiles();
  if (bytes.length === 0) return tiles;
  const r = createReader(bytes);
  let last = 0;
  for (let n = r.unsigned(); n > 0; n -= 1) {
    last += r.signed();
    const orders = r.signed();
    tiles.hours.push({ at: last, orders, amount: r.signed() });
  }
  tiles.days = unpackList(r);
  tiles.tens = unpackList(r);
  return tiles;
}

function unpackList(r: Reader): Tile[] {
  const list: Tile[] = [];
  let last = 0;
  for (let n = r.unsigned(); n > 0; n -= 1) {
    last += r.signed();
    const mask = r.unsigned();
    const values = zeros();
    for (let i = 0; i < values.length; i += 1) {
      const over = (mask & (1 << i)) === 0 ? 0 : r.signed();
      values[i] = over + expected(values, i);
    }
    list.push({ at: last, values });
  }
  return list;
}
