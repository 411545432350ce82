/** Places and payer accounts a customer is known by (ORD-08, PAY-11). */
import { localDay } from "./calendar.ts";
import type { Applied } from "./chronicle.ts";
import { saidOf } from "./papers.ts";

/** Of each kind the last used ones are remembered. */
const rememberedMost = 8;

interface Use {
  readonly name: string;
  readonly day: number;
}

/** First days of the last used names, the last used one at the end. */
function firstDays(uses: readonly Use[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { name, day } of uses) {
    const known = first.get(name) ?? day;
    first.delete(name);
    first.set(name, Math.min(known, day));
    const [oldest] = first.keys();
    if (first.size > rememberedMost && oldest !== undefined) {
      first.delete(oldest);
    }
  }
  return first;
}

function placesUsed(events: readonly Applied[]): Use[] {
  const seen = new Set<string>();
  return saidOf(events, "OrderPlaced").flatMap(({ value, at }) => {
    const { orderId, shipTo, time } = value;
    // Another event under a known id is refused.
    if (seen.has(orderId) || shipTo === null) return [];
    seen.add(orderId);
    return [{ name: shipTo, day: localDay(time, at.rules.zoneOffsetMinutes) }];
  });
}

function accountsUsed(events: readonly Applied[]): Use[] {
  const taken = new Map<string, string>();
  return saidOf(events, "PaymentReceived").flatMap(({ value }) => {
    const { paymentId, payerAccount, valueDate, state } = value;
    const before = taken.get(paymentId);
    const isRefused = before === "cleared" || before === state;
    if (isRefused) return [];
    taken.set(paymentId, state);
    return payerAccount === null
      ? []
      : [{ name: payerAccount, day: valueDate }];
  });
}

/** True when a place or an account is new since `day`, and another is not. */
export function newPlaces(events: readonly Applied[], day: number): boolean {
  return [placesUsed(events), accountsUsed(events)].some((uses) => {
    const days = [...firstDays(uses).values()];
    return days.some((one) => one >= day) && days.some((one) => one < day);
  });
}

/** True when an account pays for the first time, and others paid before. */
export function isNewAccount(
  before: readonly Applied[],
  account: string,
): boolean {
  const known = firstDays(accountsUsed(before));
  return known.size > 0 && !known.has(account);
}
