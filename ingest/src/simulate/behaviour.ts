/**
 * What one customer does: orders in its rhythm and season, invoices some days
 * later, payments by habit, now and then a partial payment, a promise, a
 * cancelled order, a complaint. Deterministic per customer stream.
 */
import type { Profile } from "./population.ts";
import type { Random } from "./random.ts";

export interface SimEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const dayMs = 86_400_000;
const zoneMs = 8 * 3_600_000;

/** Quiet days: weekends, Spring Festival (February), Golden Week. */
export function isQuietDay(day: number): boolean {
  const date = new Date(day * dayMs);
  const weekday = date.getUTCDay();
  if (weekday === 0 || weekday === 6) return true;
  const key = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  return (
    (key >= 1001 && key <= 1007) ||
    (key >= 128 && key <= 204) ||
    (key >= 501 && key <= 503) ||
    key === 101
  );
}

/** Orders are larger before the Spring Festival and in autumn. */
export function seasonOf(day: number): number {
  const month = new Date(day * dayMs).getUTCMonth();
  return (
    [1.12, 0.82, 1.02, 1, 1.02, 1, 0.95, 0.96, 1.08, 0.94, 1.06, 1.08][month] ??
    1
  );
}

/** Instant of a local day at a working hour, RFC 3339 with +08:00. */
export function atHour(day: number, hour: number): string {
  const ms = day * dayMs + Math.round(hour * 3_600_000);
  return `${new Date(ms).toISOString().slice(0, 19)}+08:00`;
}

export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** Local day of an instant. */
export function dayOf(ms: number): number {
  return Math.floor((ms + zoneMs) / dayMs);
}

/** Decimal string with the currency's digits. */
export function amountText(value: number, currency: string): string {
  const rounded = Math.max(1, value);
  return currency === "JPY" ? String(Math.round(rounded)) : rounded.toFixed(2);
}

/** Days before the end of history at which a slide into default begins. */
export const slideDays = 150;
/** Days before it from which a dormant customer no longer orders. */
export const dormantDays = 200;

/**
 * Days after the due date that a payment of this habit arrives; null = never.
 * Over the population about one payment in eight comes late, as measured on
 * real receivables (docs/error-rates.md).
 * `left`: days from the order to the end of history.
 */
export function delayOf(
  profile: Profile,
  random: Random,
  left = Infinity,
): number | null {
  if (profile.plight === "sliding" && left < slideDays) {
    const slid = (slideDays - left) / slideDays;
    return slid > 0.55 ? null : Math.round(slid * 60) + random.whole(2, 8);
  }
  switch (profile.habit) {
    case "prompt":
      return random.whole(-6, 0);
    case "good":
      return random.chance(0.94) ? random.whole(-5, 0) : random.whole(1, 8);
    case "slow":
      return random.chance(0.6) ? random.whole(-3, 0) : random.whole(1, 16);
    case "erratic":
      return random.chance(0.82) ? random.whole(-6, 0) : random.whole(2, 22);
  }
}

const faults = [
  "包装破损,请补发两箱",
  "发票金额开错了,请重开",
  "送货晚到了两天",
  "有一箱发错货",
  "One pallet arrived damaged",
  "Invoice error: wrong price on line 2",
  "Late delivery again",
  "Two cartons are missing",
];

/** Master data of a customer on its first day. */
export function introduce(profile: Profile, day: number): SimEvent[] {
  const data = { customerId: profile.id };
  return [
    {
      id: `${profile.id}-master`,
      source: "sim-crm",
      type: "customer.upserted",
      time: atHour(day, 8),
      data: {
        ...data,
        name: profile.name,
        segment: profile.segment.name,
        industry: profile.industry,
        country: profile.country,
        currency: profile.currency,
        termsDays: profile.terms,
        since: dayText(day),
        owner: profile.owner,
      },
    },
    {
      id: `${profile.id}-limit`,
      source: "sim-crm",
      type: "customer.limit-set",
      time: atHour(day, 8.01),
      data: {
        ...data,
        amount: amountText(profile.limit, profile.currency),
        currency: profile.currency,
        kind: "standing",
        reason: "initial review",
      },
    },
  ];
}

export interface OrderPlan {
  readonly n: number;
  readonly day: number;
  readonly hour: number;
  readonly amount: number;
  /** Days from the order to the end of history; absent after it. */
  readonly left?: number;
}

/** Amount of an ordinary order on a day. */
export function usualAmount(
  profile: Profile,
  random: Random,
  day: number,
  today: number,
): number {
  const growth = Math.exp(profile.growth * ((day - today) / 365));
  const spread = Math.exp(random.normal() * profile.segment.spread * 0.55);
  return profile.order * growth * seasonOf(day) * spread;
}

/** All events of one order until it is paid. `until`: later days are left out. */
export function orderEvents(
  profile: Profile,
  random: Random,
  plan: OrderPlan,
): SimEvent[] {
  const { id, currency, terms } = profile;
  const key = `${id}-${String(plan.n)}`;
  const amount = amountText(plan.amount, currency);
  const base = { customerId: id };
  const out: SimEvent[] = [
    {
      id: `${key}-order`,
      source: "sim-erp",
      type: "order.placed",
      time: atHour(plan.day, plan.hour),
      data: {
        ...base,
        orderId: `SO-${key}`,
        amount,
        currency,
        termsDays: terms,
        shipTo: profile.shipTo,
      },
    },
  ];
  if (random.chance(0.015)) {
    out.push({
      id: `${key}-cancel`,
      source: "sim-erp",
      type: "order.cancelled",
      time: atHour(plan.day + 1, plan.hour),
      data: {
        ...base,
        orderId: `SO-${key}`,
        reason: "customer changed the plan",
      },
    });
    return out;
  }
  const issue = plan.day + random.whole(1, 4);
  const due = issue + terms;
  const invoiceId = `INV-${key}`;
  out.push({
    id: `${key}-invoice`,
    source: "sim-erp",
    type: "invoice.issued",
    time: atHour(issue, 10 + random.next() * 6),
    data: {
      ...base,
      invoiceId,
      orderId: `SO-${key}`,
      amount,
      currency,
      issueDate: dayText(issue),
      dueDate: dayText(due),
    },
  });
  const delay = delayOf(profile, random, plan.left);
  if (delay === null) return out;
  const paid = Math.max(issue + 1, due + delay);
  const bankDay = (day: number): number => {
    let rolled = day;
    while (isQuietDay(rolled)) rolled += 1;
    return rolled;
  };
  const pay = (
    suffix: string,
    day: number,
    value: number,
    named: boolean,
  ): SimEvent => ({
    id: `${key}-pay${suffix}`,
    source: "sim-bank",
    type: "payment.received",
    time: atHour(bankDay(day), 9 + random.next() * 7),
    data: {
      ...base,
      paymentId: `P-${key}${suffix}`,
      amount: amountText(value, currency),
      currency,
      valueDate: dayText(bankDay(day)),
      ...(named ? { invoiceId } : {}),
      method: "transfer",
      payerAccount: profile.account,
    },
  });
  if (random.chance(0.05)) {
    const first = Number(amountText(plan.amount * 0.6, currency));
    out.push(pay("a", paid - 2, first, true));
    out.push(pay("b", paid, Number(amount) - first, true));
  } else {
    out.push(pay("", paid, Number(amount), !random.chance(0.06)));
  }
  if (random.chance(0.012)) {
    const day = issue + random.whole(1, 6);
    out.push({
      id: `${key}-complaint`,
      source: "sim-crm",
      type: "complaint.opened",
      time: atHour(day, 11 + random.next() * 5),
      data: {
        ...base,
        complaintId: `CMP-${key}`,
        text: random.pick(faults),
        orderId: `SO-${key}`,
      },
    });
    out.push({
      id: `${key}-resolved`,
      source: "sim-crm",
      type: "complaint.resolved",
      time: atHour(day + random.whole(2, 8), 15),
      data: {
        ...base,
        complaintId: `CMP-${key}`,
        outcome: random.pick(["accepted", "partly", "rejected"]),
      },
    });
  }
  return out;
}

/** A customer's whole ordinary life in [first, last), sorted by time. */
export function lifeOf(
  profile: Profile,
  random: Random,
  first: number,
  last: number,
): SimEvent[] {
  const events = introduce(profile, first);
  const end = profile.plight === "dormant" ? last - dormantDays : last;
  let day = first + random.whole(0, 6);
  for (let n = 0; day < end; n += 1) {
    let placed = day;
    while (isQuietDay(placed)) placed += 1;
    const plan = {
      n,
      day: placed,
      hour: 8.5 + random.next() * 9,
      amount: usualAmount(profile, random, placed, last),
      left: last - placed,
    };
    events.push(...orderEvents(profile, random, plan));
    day += Math.max(
      1,
      Math.round(profile.gapDays * (0.7 + random.next() * 0.6)),
    );
  }
  return events.sort((a, b) =>
    a.time < b.time ? -1 : a.time > b.time ? 1 : 0,
  );
}
