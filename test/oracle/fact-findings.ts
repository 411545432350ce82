/** What the rules say of a fact right after it was taken (domain D2, C11). */
import { currencyExponent } from "@riskwall/schemas/money";
import type { ComplaintOpened } from "@riskwall/schemas";
import type { Account } from "./account.ts";
import { localDay } from "./calendar.ts";
import { binomialTail, burstTail } from "./chances.ts";
import type { Applied, Dossier } from "./chronicle.ts";
import { returnsOf } from "./decide-orders.ts";
import type { Finding, Present } from "./diary.ts";
import { windowStart } from "./features.ts";
import { allOrders } from "./order-marks.ts";
import { industryOf } from "./outside.ts";
import { byTime, firstById, saidOf, type ComplaintPaper } from "./papers.ts";
import { isNewAccount } from "./places.ts";
import { toBase } from "./rates.ts";

const repeatDays = 30;
/** Thousandths for a repeat, and for an amount that matters (C11). */
const aggravation = 100;

export interface Fact {
  readonly dossier: Dossier;
  readonly account: Account;
  readonly present: Present;
  /** The events before it. */
  readonly before: readonly Applied[];
  /** Exposure that the last evaluation left: what is at risk. */
  readonly owed: number;
}

/** Findings of the event that was applied last. */
export function factFindings(fact: Fact): Finding[] {
  const record = fact.dossier.events.at(-1)?.record;
  switch (record?.name) {
    case "PaymentReceived":
      return paymentFindings(fact, record.value.paymentId);
    case "PaymentReturned":
      return returned(fact, record.value.paymentId);
    case "ComplaintOpened":
      return complaintFindings(fact, record.value);
    case "CustomerRated":
      return ratingFell(fact, record.value.ratedAt, record.value.normalised);
    case "RegisterReported": {
      const { registerId, kind } = record.value;
      return registered(fact, registerId, kind);
    }
    case "IndustryRated":
      return industryRose(fact, record.value.level);
    case "OrderCancelled":
    case "OrderReturned":
      return cancelledMore(fact);
    default:
      return [];
  }
}

function paymentFindings(fact: Fact, id: string): Finding[] {
  const { account, present, before } = fact;
  const { papers, ledger, exposure } = account;
  const payment = papers.payments.get(id);
  if (!payment) return [];
  // A return that came first makes it a returned payment (F-9).
  if (payment.state === "returned") return returned(fact, id);
  const { value } = payment;
  const findings: Finding[] = [];
  const worth = Number(
    toBase(BigInt(value.amount), value.currency, payment.at.rates) ?? 0n,
  );
  const isNew =
    value.payerAccount !== null && isNewAccount(before, value.payerAccount);
  if (isNew && worth > Number(exposure.materiality)) {
    const about = { rule: "PAY-11", ref: id, severity: "medium" } as const;
    findings.push({ ...about, value: worth, moneyAtRisk: 0 });
  }
  const { days } = present.rules.rules.pay13;
  const hasTwin = [...papers.payments.values()].some(
    (other) =>
      other !== payment &&
      other.state !== "returned" &&
      other.value.amount === value.amount &&
      other.value.currency === value.currency &&
      other.value.invoiceId === value.invoiceId &&
      other.value.orderId === value.orderId &&
      Math.abs(other.day - payment.day) <= days,
  );
  const isNamed = value.invoiceId !== null || value.orderId !== null;
  const isLeft = (ledger.free.get(id) ?? 0n) >= BigInt(value.amount);
  if (hasTwin && (isNamed || isLeft)) {
    const about = { rule: "PAY-13", ref: id, severity: "info" } as const;
    findings.push({ ...about, value: value.amount, moneyAtRisk: 0 });
  }
  return findings;
}

function returned({ account }: Fact, id: string): Finding[] {
  const payment = account.papers.payments.get(id);
  if (!payment) return [];
  const { amount, currency } = payment.value;
  const severity = returnsOf(account) >= 2 ? "critical" : "high";
  const worth = toBase(BigInt(amount), currency, payment.at.rates) ?? 0n;
  const about = { rule: "PAY-06", ref: id, severity } as const;
  return [{ ...about, value: amount, moneyAtRisk: Number(worth) }];
}

function complaintFindings(fact: Fact, event: ComplaintOpened): Finding[] {
  const { account, present } = fact;
  const { cmp02, cmp03 } = present.rules.rules;
  const { papers } = account;
  const paper = papers.complaints.get(event.complaintId);
  if (!paper) return [];
  const findings = complaintBurst(fact);
  const severity = gravity(fact, event, paper);
  const moneyAtRisk = fact.owed;
  if (paper.meaning === "refusal" && severity >= cmp02.severity * 1000) {
    const about = { rule: "CMP-02", ref: event.complaintId } as const;
    findings.push({ ...about, severity: "high", value: severity, moneyAtRisk });
  }
  const least = cmp03.severity * 1000;
  if (paper.meaning === "liquidity" && severity >= least) {
    const n = [...papers.complaints.values()].filter(
      (item) =>
        item.meaning === "liquidity" &&
        (item === paper || item.severity >= least) &&
        item.day > present.today - cmp03.days,
    ).length;
    const level = n >= 2 ? "high" : "medium";
    const about = { rule: "CMP-03", ref: "", severity: level } as const;
    findings.push({ ...about, value: n, moneyAtRisk });
  }
  return findings;
}

/** Severity with what only the customer's record tells (C11). */
function gravity(
  { account, present }: Fact,
  event: ComplaintOpened,
  paper: ComplaintPaper,
): number {
  if (event.severity !== null || event.facts === null) return paper.severity;
  const isRepeat = [...account.papers.complaints.values()].some(
    (item) =>
      item !== paper &&
      item.day <= paper.day &&
      item.day > paper.day - repeatDays,
  );
  const { rules, rates } = present;
  const isMuch = (amount: number, currency: string): boolean =>
    amount > 0 &&
    (toBase(BigInt(amount), currency, rates) ?? 0n) >=
      account.exposure.materiality;
  const named = event.facts.amount;
  // Without a currency a text counts in the reporting one, with two decimals.
  const exponent = currencyExponent(rules.currency) ?? 2;
  const said = named?.amount ?? 0;
  const matters =
    isMuch(event.disputedAmount ?? 0, event.currency ?? rules.currency) ||
    (named?.currency == null
      ? isMuch(Math.trunc((said * 10 ** exponent) / 100), rules.currency)
      : isMuch(said, named.currency));
  const added = (isRepeat ? aggravation : 0) + (matters ? aggravation : 0);
  return Math.min(1000, paper.severity + added);
}

function complaintBurst({ account, present, owed }: Fact): Finding[] {
  const { today, rules } = present;
  const { p, min } = rules.rules.cmp01;
  const all = [...account.papers.complaints.values()];
  const within = (days: number): typeof all =>
    all.filter(({ day }) => day >= windowStart(days, today) && day <= today);
  const week = within(7);
  const n = week.length;
  if (n < min) return [];
  const severe = week.reduce((sum, { severity }) => sum + severity, 0);
  const weighted = Math.max(n, Math.round((severe / 1000) * 2));
  if (burstTail(within(180).length - n, weighted, 7) >= p) return [];
  const about = { rule: "CMP-01", ref: "", severity: "medium" } as const;
  return [{ ...about, value: n, moneyAtRisk: owed }];
}

function ratingFell(fact: Fact, day: number, points: number): Finding[] {
  const { dossier, before, present, owed } = fact;
  const newest = (events: readonly Applied[]) =>
    saidOf(events, "CustomerRated")
      .map(({ value }) => value)
      .sort((a, b) => a.ratedAt - b.ratedAt)
      .at(-1);
  if (newest(dossier.events)?.ratedAt !== day) return [];
  const last = newest(before);
  const fall = last === undefined ? 0 : last.normalised - points;
  const notches = Math.floor(fall / present.rules.rules.ext01.notchPoints);
  if (points !== 0 && notches < 1) return [];
  const severity = points === 0 ? "critical" : notches >= 2 ? "high" : "medium";
  const about = { rule: "EXT-01", ref: "", severity } as const;
  return [{ ...about, value: 100 - points, moneyAtRisk: owed }];
}

function registered(fact: Fact, id: string, kind: string): Finding[] {
  const { dossier, present, owed } = fact;
  const own = dossier.events.at(-1)?.record.value.time;
  const newest = saidOf(byTime(dossier.events), "RegisterReported")
    .map(({ value }) => value)
    .findLast(({ registerId }) => registerId === id);
  if (newest?.status !== "open" || newest.time !== own) return [];
  const severity = present.rules.rules.ext01.registers[kind];
  if (severity === undefined) return [];
  return [{ rule: "EXT-01", ref: id, severity, value: 1, moneyAtRisk: owed }];
}

function industryRose(fact: Fact, level: number): Finding[] {
  const { dossier, account, before, owed } = fact;
  const last = industryOf(before, account.question);
  const now = industryOf(dossier.events, account.question) ?? 0;
  if (last === null || now <= last || now !== level) return [];
  const about = { rule: "EXT-02", ref: "", severity: "low" } as const;
  return [{ ...about, value: now, moneyAtRisk: owed }];
}

/** ORD-10: cancelled and returned orders of a month against half a year. */
function cancelledMore({ dossier, account, present }: Fact): Finding[] {
  const { today, rules } = present;
  const { times, min, p, shrink } = rules.rules.ord10;
  const zone = rules.zoneOffsetMinutes;
  const orders = allOrders(account);
  const back = [
    ...firstById(
      saidOf(dossier.events, "OrderReturned"),
      (value) => `${value.orderId}\u0000${value.returnId}`,
    ).values(),
  ].map(({ value }) => localDay(value.time, zone));
  const count = (
    days: number,
  ): {
    readonly placed: number;
    readonly gone: number;
    readonly back: number;
  } => {
    const from = windowStart(days, today);
    const inside = orders.filter(({ day }) => day >= from && day <= today);
    const gone = inside.filter(({ isCancelled }) => isCancelled).length;
    const returns = back.filter((day) => day >= from && day <= today).length;
    return { placed: inside.length, gone, back: returns };
  };
  const month = count(30);
  const half = count(180);
  const now = Math.min(month.placed, month.gone + month.back);
  const before = half.gone - month.gone + half.back - month.back;
  const beforePlaced = half.placed - month.placed;
  const base = (before + shrink * 0.05) / (beforePlaced + shrink);
  const rate = month.placed === 0 ? 0 : now / month.placed;
  if (now < min || rate <= times * base) return [];
  if (binomialTail(month.placed, now, base) >= p) return [];
  const money = Math.max(0, Number(account.exposure.openOrders));
  const about = { rule: "ORD-10", ref: "", severity: "medium" } as const;
  return [{ ...about, value: now, moneyAtRisk: money }];
}
