/**
 * Two customers become one (F-25): the union of what is kept of both, as if
 * both streams had been one customer's. Money is allocated anew afterwards, so
 * nothing is lost or counted twice; windows and rings hold both pasts.
 */
import type { Alias, CustomerState } from "@riskwall/schemas";
import type { Customer } from "./customer.ts";
import { uniteSeen } from "./first-seen.ts";
import { entryBytes, seenMax } from "./identity.ts";
import {
  delayRingMax,
  keptExposures,
  orderRingMax,
  type ExposureMark,
} from "./rings.ts";
import { compareText } from "./sorted.ts";
import { addTally, tallyFields } from "./tallies.ts";
import { tileFields, type Tile, type Tiles } from "./tiles.ts";

/** Names that one customer had before, at most; the oldest are forgotten. */
export const aliasesMax = 500;

interface Item {
  id: string;
}
interface Paper extends Item {
  readonly amount: number;
  readonly currency: string;
}

function byId<T extends Item>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compareText(a.id, b.id));
}

/**
 * Adds what only `more` has. The same id with the same amount is the same
 * paper, sent for both; with another amount it is another paper and gets a name
 * of its own, which `renamed` holds for what refers to it.
 */
function unite<T extends Paper>(
  own: readonly T[],
  more: readonly T[],
  suffix: string,
  renamed: Map<string, string>,
): T[] {
  const known = new Map(own.map((item) => [item.id, item]));
  const out = [...own];
  for (const item of more) {
    const same = known.get(item.id);
    if (same === undefined) out.push(item);
    else if (same.amount !== item.amount || same.currency !== item.currency) {
      const id = `${item.id}@${suffix}`;
      renamed.set(item.id, id);
      out.push({ ...item, id });
    }
  }
  return byId(out);
}

function uniteIds<T extends Item>(own: readonly T[], more: readonly T[]): T[] {
  const known = new Set(own.map(({ id }) => id));
  return byId([...own, ...more.filter(({ id }) => !known.has(id))]);
}

function mergeLedger(state: CustomerState, more: CustomerState): void {
  const { id: suffix } = more;
  const orders = new Map<string, string>();
  const invoices = new Map<string, string>();
  const payments = new Map<string, string>();
  const orderOf = (id: string | null): string | null =>
    id === null ? null : (orders.get(id) ?? id);
  const invoiceOf = (id: string): string => invoices.get(id) ?? id;
  const invoiceOrNone = (id: string | null): string | null =>
    id === null ? null : invoiceOf(id);
  state.orders = unite(state.orders, more.orders, suffix, orders);
  state.invoices = unite(
    state.invoices,
    more.invoices.map((item) => ({ ...item, orderId: orderOf(item.orderId) })),
    suffix,
    invoices,
  );
  state.payments = unite(
    state.payments,
    more.payments.map((item) => ({
      ...item,
      invoiceId: invoiceOrNone(item.invoiceId),
      orderId: orderOf(item.orderId),
      allocations: item.allocations.map((part) => ({
        ...part,
        invoiceId: invoiceOf(part.invoiceId),
      })),
    })),
    suffix,
    payments,
  );
  for (const name of ["credits", "writeOffs"] as const) {
    state[name] = unite(
      state[name],
      more[name].map((item) => ({
        ...item,
        invoiceId: invoiceOf(item.invoiceId),
      })),
      suffix,
      new Map(),
    );
  }
  state.refunds = unite(
    state.refunds,
    more.refunds.map((item) => ({
      ...item,
      paymentId: payments.get(item.paymentId) ?? item.paymentId,
    })),
    suffix,
    new Map(),
  );
  state.covers = uniteIds(state.covers, more.covers);
  state.promises = uniteIds(
    state.promises,
    more.promises.map((item) => ({
      ...item,
      invoiceIds: item.invoiceIds.map(invoiceOf),
    })),
  );
  state.complaints = uniteIds(
    state.complaints,
    more.complaints.map((item) => ({
      ...item,
      invoiceId: invoiceOrNone(item.invoiceId),
    })),
  );
  const key = (item: (typeof state.orphans)[number]): string =>
    `${item.kind}|${item.ref}|${String(item.version)}`;
  const waiting = new Set(state.orphans.map(key));
  state.orphans = [
    ...state.orphans,
    ...more.orphans.filter((item) => !waiting.has(key(item))),
  ].sort((a, b) => compareText(key(a), key(b)));
}

const maximum = tileFields.indexOf("dpdMax");

function uniteTiles(own: readonly Tile[], more: readonly Tile[]): Tile[] {
  const tiles = new Map(own.map(({ at, values }) => [at, [...values]]));
  for (const { at, values } of more) {
    const sums = tiles.get(at);
    if (sums === undefined) tiles.set(at, [...values]);
    else {
      values.forEach((value, i) => {
        const before = sums[i] ?? 0;
        sums[i] = i === maximum ? Math.max(before, value) : before + value;
      });
    }
  }
  return [...tiles]
    .sort((a, b) => a[0] - b[0])
    .map(([at, values]) => ({ at, values }));
}

function mergeTiles(own: Tiles, more: Tiles): Tiles {
  const hours = new Map(own.hours.map((hour) => [hour.at, { ...hour }]));
  for (const hour of more.hours) {
    const known = hours.get(hour.at);
    if (known === undefined) hours.set(hour.at, { ...hour });
    else {
      known.orders += hour.orders;
      known.amount += hour.amount;
    }
  }
  return {
    hours: [...hours.values()].sort((a, b) => a.at - b.at),
    days: uniteTiles(own.days, more.days),
    tens: uniteTiles(own.tens, more.tens),
  };
}

/** Newest marks of both, by day; of one day, the target's first. */
function uniteRing<T extends { readonly day: number }>(
  own: readonly T[],
  more: readonly T[],
  most: number,
): T[] {
  return [...own, ...more].sort((a, b) => a.day - b.day).slice(-most);
}

/** Exposure by day of both together; use of the limit is the target's. */
function uniteExposures(
  own: readonly ExposureMark[],
  more: readonly ExposureMark[],
  today: number,
): ExposureMark[] {
  const days = [...new Set([...own, ...more].map(({ day }) => day))];
  const at = (
    marks: readonly ExposureMark[],
    day: number,
  ): ExposureMark | undefined => marks.findLast((mark) => mark.day <= day);
  const marks = days
    .sort((a, b) => a - b)
    .map((day) => {
      const a = at(own, day);
      const b = at(more, day);
      return {
        day,
        exposure: (a?.exposure ?? 0) + (b?.exposure ?? 0),
        utilisation: a?.utilisation ?? -1,
        overdueShare: Math.max(a?.overdueShare ?? 0, b?.overdueShare ?? 0),
      };
    });
  return keptExposures(marks, today);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/**
 * Identities of both: an event of either never counts again under the other
 * name. What does not fit raises the floor, as ever.
 */
function mergeIdentity(state: CustomerState, more: CustomerState): void {
  state.history = joined(state.history, more.history);
  state.floor = Math.max(state.floor, more.floor);
  const seen = joined(more.seen, state.seen);
  const excess = Math.max(0, seen.length - seenMax * entryBytes);
  const data = new DataView(seen.buffer);
  for (let at = 0; at < excess; at += entryBytes) {
    const minute = data.getUint32(at + 8);
    state.floor = Math.max(state.floor, (minute + 1) * 60_000 - 1);
  }
  state.seen = seen.slice(excess);
}

function mergeMonths(state: CustomerState, more: CustomerState): void {
  const last = Math.max(state.monthLast, more.monthLast);
  const moved = (mask: number, from: number): number =>
    last - from >= 12 ? 0 : (mask << (last - from)) & 0xfff;
  state.monthMask =
    moved(state.monthMask, state.monthLast) |
    moved(more.monthMask, more.monthLast);
  state.monthLast = last;
}

/** Facts from outside of both; of the same one, the newest word. */
function mergeOutside(state: CustomerState, more: CustomerState): void {
  const { outside: own } = state;
  const { outside: other } = more;
  if (own === null || other === null) {
    state.outside ??= other;
    return;
  }
  const newest = <T extends Item & { setAt: number }>(
    a: readonly T[],
    b: readonly T[],
  ): T[] => {
    const items = new Map(a.map((item) => [item.id, item]));
    for (const item of b) {
      if (item.setAt > (items.get(item.id)?.setAt ?? -Infinity)) {
        items.set(item.id, item);
      }
    }
    return byId([...items.values()]);
  };
  state.outside = {
    milestones: newest(own.milestones, other.milestones),
    registers: newest(own.registers, other.registers),
    industry: own.industry ?? other.industry,
    dunnings: uniteIds(own.dunnings, other.dunnings),
  };
}

/** Both tones by how many complaints each is of. */
function uniteTone(
  own: CustomerState["sentiment"],
  more: CustomerState["sentiment"],
): CustomerState["sentiment"] {
  if (own === null || more === null) return own ?? more;
  const n = own.n + more.n;
  const value = (own.value * own.n + more.value * more.n) / n;
  return { value, at: Math.max(own.at, more.at), n };
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/**
 * Takes what another customer was. The target's word counts in master data and
 * limits, where it says something; a hold or watch of either stays.
 */
export function absorb(customer: Customer, from: Customer, alias: Alias): void {
  const { state } = customer;
  const { state: more } = from;
  mergeLedger(state, more);
  mergeIdentity(state, more);
  mergeMonths(state, more);
  mergeOutside(state, more);
  customer.tiles = mergeTiles(customer.tiles, from.tiles);
  customer.orderRing = uniteRing(
    customer.orderRing,
    from.orderRing,
    orderRingMax,
  );
  customer.delayRing = uniteRing(
    customer.delayRing,
    from.delayRing,
    delayRingMax,
  );
  for (const { day, field, amount } of from.tallies) {
    const name = tallyFields[field];
    if (name) addTally(customer.tallies, state.day, day, name, amount);
  }
  // Both pasts were counted where they happened.
  customer.countedDelays = customer.delayRing;
  customer.exposureDays = uniteExposures(
    customer.exposureDays,
    from.exposureDays,
    Math.max(state.day, more.day),
  );
  for (const name of ["segment", "industry", "country", "owner"] as const) {
    if (state[name] === "") state[name] = more[name];
  }
  if (state.name === state.id && more.name !== more.id) state.name = more.name;
  state.groupId ??= more.groupId;
  const { standing, temporary, coming } = state;
  if (standing === null && temporary === null && coming === null) {
    state.standing = more.standing;
    state.temporary = more.temporary;
    state.coming = more.coming;
    state.limits = more.limits;
  }
  state.hold ??= more.hold;
  state.watch ||= more.watch;
  if (more.rating && more.rating.day > (state.rating?.day ?? -Infinity)) {
    state.rating = more.rating;
  }
  state.since = earliest(state.since, more.since);
  state.firstOrder = earliest(state.firstOrder, more.firstOrder);
  state.clock = Math.max(state.clock, more.clock);
  state.day = Math.max(state.day, more.day);
  state.cusum = Math.max(state.cusum, more.cusum);
  state.recent = uniteIds(state.recent, more.recent);
  state.sentiment = uniteTone(state.sentiment, more.sentiment);
  state.places = uniteSeen(state.places, more.places);
  state.payers = uniteSeen(state.payers, more.payers);
  if (state.scoreLog.length === 0) customer.scoreLog = from.scoreLog;
  const aliases = [
    ...(state.across?.aliases ?? []),
    ...(more.across?.aliases ?? []),
    alias,
  ].slice(-aliasesMax);
  state.across = {
    ...{ mergedInto: null, mergedAt: 0, aliases, portfolio: null },
  };
}
