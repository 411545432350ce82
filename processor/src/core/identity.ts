/**
 * Identity is (source, id). A customer keeps the 8-byte hashes of what it
 * applied: live ones while a repeat could still be inside the lateness window
 * (8 days by event time, at most 4,096), historical ones until their source is
 * sealed. Evicting a live hash early raises the customer's floor, so nothing
 * is ever applied twice (architecture 4).
 *
 * Entries of 12 bytes: 8 hash, then 4: event minute (seen) or source (history).
 */
import { dayMs, minuteMs } from "./calendar.ts";
import { hash32, hash64 } from "./hash.ts";
import type { Customer } from "./customer.ts";

export const entryBytes = 12;
export const seenMax = 4096;
export const seenWindowMs = 8 * dayMs;

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function contains(bytes: Uint8Array, a: number, b: number): boolean {
  const [a0, a1] = [a >>> 24, (a >>> 16) & 255];
  // Two bytes tell nearly all others apart without a view.
  for (let i = 0; i < bytes.length; i += entryBytes) {
    if (bytes[i] !== a0 || bytes[i + 1] !== a1) continue;
    const data = view(bytes);
    if (data.getUint32(i) === a && data.getUint32(i + 4) === b) return true;
  }
  return false;
}

/** The hash made last: an event is looked up, then remembered. */
let lastHash = { source: "", id: "", hash: hash64("\u0000") };

function hashOf(source: string, id: string): readonly [number, number] {
  if (lastHash.source !== source || lastHash.id !== id) {
    lastHash = { source, id, hash: hash64(`${source}\u0000${id}`) };
  }
  return lastHash.hash;
}

/** True when (source, id) was applied to this customer before. */
export function isRepeat(
  customer: Customer,
  source: string,
  eventId: string,
): boolean {
  const [a, b] = hashOf(source, eventId);
  const { seen, history } = customer.state;
  return contains(seen, a, b) || contains(history, a, b);
}

function append(
  bytes: Uint8Array,
  a: number,
  b: number,
  tail: number,
): Uint8Array {
  const grown = new Uint8Array(bytes.length + entryBytes);
  grown.set(bytes);
  const data = view(grown);
  data.setUint32(bytes.length, a);
  data.setUint32(bytes.length + 4, b);
  data.setUint32(bytes.length + 8, tail >>> 0);
  return grown;
}

const noneSealed: ReadonlyMap<string, number> = new Map();

const epochMask = 0xfff;

/**
 * Last four bytes of a historical identity: 20 bits of its source, 12 bits of
 * the seal that was in force. What is loaded after a seal lies above its floor
 * and is known by its identity alone, until the source is sealed again.
 */
function tailOf(source: string, floor: number | undefined): number {
  const own = hash32(source);
  if (floor === undefined) return own;
  const epoch = hash32(`${source}\u0000${String(floor)}`) & epochMask;
  const other = epoch === (own & epochMask) ? epoch ^ 1 : epoch;
  return ((own & ~epochMask) | other) >>> 0;
}

/** Remembers an applied event; `logTime` decides what can be forgotten. */
export function remember(
  customer: Customer,
  event: {
    readonly source: string;
    readonly eventId: string;
    readonly time: number;
    readonly historical: boolean;
  },
  logTime: number,
  sealed: ReadonlyMap<string, number> = noneSealed,
): void {
  const { state } = customer;
  const [a, b] = hashOf(event.source, event.eventId);
  if (event.historical) {
    const { source } = event;
    const tail = tailOf(source, sealed.get(source));
    state.history = append(state.history, a, b, tail);
    return;
  }
  state.seen = append(forget(state.seen, logTime), a, b, toMinute(event.time));
  if (state.seen.length > seenMax * entryBytes) {
    const evicted = view(state.seen).getUint32(8) * minuteMs + minuteMs - 1;
    state.floor = Math.max(state.floor, evicted);
    state.seen = state.seen.slice(entryBytes);
  }
}

function toMinute(ms: number): number {
  return Math.max(0, Math.floor(ms / minuteMs));
}

/** Entries whose repeat would be too late to be applied are dropped. */
function forget(seen: Uint8Array, logTime: number): Uint8Array {
  const oldest = toMinute(logTime - seenWindowMs);
  const data = view(seen);
  let stale = false;
  for (let i = 0; i < seen.length && !stale; i += entryBytes) {
    stale = data.getUint32(i + 8) < oldest;
  }
  if (!stale) return seen;
  const kept: number[] = [];
  for (let i = 0; i < seen.length; i += entryBytes) {
    if (data.getUint32(i + 8) >= oldest) {
      for (let k = 0; k < entryBytes; k += 1) kept.push(seen[i + k] ?? 0);
    }
  }
  return Uint8Array.from(kept);
}

/** Drops historical ids that a seal covers: of sources sealed since. */
export function dropSealed(
  customer: Customer,
  sealed: ReadonlyMap<string, number>,
): void {
  const { history } = customer.state;
  if (history.length === 0 || sealed.size === 0) return;
  const present = new Map(
    [...sealed].map(([name, floor]) => [
      (hash32(name) & ~epochMask) >>> 0,
      tailOf(name, floor),
    ]),
  );
  const data = view(history);
  const kept: number[] = [];
  for (let i = 0; i < history.length; i += entryBytes) {
    const tail = data.getUint32(i + 8);
    const own = present.get((tail & ~epochMask) >>> 0);
    if (own !== undefined && own !== tail) continue;
    for (let k = 0; k < entryBytes; k += 1) kept.push(history[i + k] ?? 0);
  }
  if (kept.length !== history.length) {
    customer.state.history = Uint8Array.from(kept);
  }
}
