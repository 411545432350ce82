/**
 * Delivery places and payer accounts a customer is known by: a hash of each
 * and the day it was first seen, the last used ones at the end.
 *
 * Entries of 6 bytes: 4 hash, 2 day since 2000-01-01.
 */
import type { CustomerState, OrderPlaced } from "@riskwall/schemas";
import { hourMs } from "./calendar.ts";
import type { Moment } from "./env.ts";
import { hash32 } from "./hash.ts";
import { findById, insertById } from "./sorted.ts";

/** Kept per kind; who uses more of them is not surprised by a new one. */
export const seenMax = 8;

const entryBytes = 6;
const dayZero = 10_957;

export interface FirstSeen {
  readonly bytes: Uint8Array;
  /** True when it was not known and others were. */
  readonly isNew: boolean;
}

/** Notes that `text` was used on `day` (days since 1970). */
export function noteSeen(
  bytes: Uint8Array,
  text: string,
  day: number,
): FirstSeen {
  const hash = hash32(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let first = Math.min(0xffff, Math.max(0, day - dayZero));
  const rest: number[] = [];
  let known = false;
  for (let at = 0; at < bytes.length; at += entryBytes) {
    if (view.getUint32(at) === hash) {
      known = true;
      first = Math.min(first, view.getUint16(at + 4));
    } else rest.push(at);
  }
  const kept = rest.slice(-(seenMax - 1));
  const next = new Uint8Array((kept.length + 1) * entryBytes);
  kept.forEach((at, i) => {
    next.set(bytes.subarray(at, at + entryBytes), i * entryBytes);
  });
  const out = new DataView(next.buffer);
  out.setUint32(kept.length * entryBytes, hash);
  out.setUint16(kept.length * entryBytes + 4, first);
  return { bytes: next, isNew: !known && bytes.length > 0 };
}

/** Hash of a place or a buyer; 0 = it is not said. */
const markOf = (text: string | null): number =>
  text === null ? 0 : Math.max(1, hash32(text));

/** Notes where an order goes and who bought; only while ORD-04 asks for it. */
export function noteRecent(
  state: CustomerState,
  { orderId: id, shipTo, buyer }: OrderPlaced,
  { now, env }: Moment,
): void {
  const from = now - env.rules.rules.ord04.pairHours * hourMs;
  if (state.recent.length > 0) {
    const young = new Set(
      state.orders.filter(({ placed }) => placed > from).map((o) => o.id),
    );
    state.recent = state.recent.filter((item) => young.has(item.id));
  }
  if (shipTo === null && buyer === null) return;
  insertById(state.recent, { id, place: markOf(shipTo), buyer: markOf(buyer) });
}

/**
 * True when two orders go to the same place or come from the same buyer (C10.6);
 * orders that say neither are of one buyer, the customer.
 */
export function isSameBuyer(
  { recent }: Pick<CustomerState, "recent">,
  a: string,
  b: string,
): boolean {
  const [one, other] = [findById(recent, a), findById(recent, b)];
  if (one === null || other === null) return one === other;
  return (
    (one.place !== 0 && one.place === other.place) ||
    (one.buyer !== 0 && one.buyer === other.buyer)
  );
}

/** How many were first seen on `day` or after. */
export function countNewSince(bytes: Uint8Array, day: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let n = 0;
  for (let at = 4; at < bytes.length; at += entryBytes) {
    if (view.getUint16(at) + dayZero >= day) n += 1;
  }
  return n;
}

/** True when one was first seen since `day`, and another before it. */
export function hasNewSince(bytes: Uint8Array, day: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let young = false;
  let old = false;
  for (let at = 4; at < bytes.length; at += entryBytes) {
    const isYoung = view.getUint16(at) + dayZero >= day;
    young ||= isYoung;
    old ||= !isYoung;
  }
  return young && old;
}

/** What either has, with the earlier day; the newest of `a` stay. */
export function uniteSeen(a: Uint8Array, b: Uint8Array): Uint8Array {
  const first = new Map<number, number>();
  for (const bytes of [b, a]) {
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += entryBytes) {
      const hash = data.getUint32(at);
      const day = data.getUint16(at + 4);
      const known = first.get(hash) ?? day;
      first.delete(hash);
      first.set(hash, Math.min(known, day));
    }
  }
  const kept = [...first].slice(-seenMax);
  const out = new Uint8Array(kept.length * entryBytes);
  const data = new DataView(out.buffer);
  kept.forEach(([hash, day], i) => {
    data.setUint32(i * entryBytes, hash);
    data.setUint16(i * entryBytes + 4, day);
  });
  return out;
}
